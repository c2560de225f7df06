import { s3Rules } from "./s3.ts";
import type { ServiceRules } from "./service-rules.ts";

/** The rules of a service beyond its model, loaded on its first use; most services have none. */
export async function loadRules(service: string): Promise<ServiceRules | undefined> {
  return await loaders[service]?.();
}

const loaders: Readonly<Record<string, () => Promise<ServiceRules>>> = {
  apigateway: async () => (await import("./api-gateway.ts")).apiGatewayRules,
  cloudsearchdomain: async () => (await import("./cloudsearch-domain.ts")).cloudSearchDomainRules,
  docdb: () => sourceRegion(["CopyDBClusterSnapshot", "CreateDBCluster"]),
  dynamodb: async () => (await import("./dynamodb.ts")).dynamodbRules,
  dynamodbstreams: async () => (await import("./dynamodb.ts")).dynamodbRules,
  ec2: () => sourceRegion(["CopySnapshot"], "PresignedUrl"),
  glacier: async () => (await import("./glacier.ts")).glacierRules,
  machinelearning: async () => (await import("./machine-learning.ts")).machineLearningRules,
  neptune: () => sourceRegion(["CopyDBClusterSnapshot", "CreateDBCluster"]),
  rds: () =>
    sourceRegion([
      "CopyDBClusterSnapshot",
      "CopyDBSnapshot",
      "CreateDBCluster",
      "CreateDBInstanceReadReplica",
      "StartDBInstanceAutomatedBackupsReplication",
    ]),
  route53: async () => (await import("./route53.ts")).route53Rules,
  // Without a file of its own, which takes three times as long as its code: much of what is called is S3.
  s3: async () => s3Rules,
  s3control: async () => (await import("./s3-control.ts")).s3ControlRules,
  sqs: async () => (await import("./sqs.ts")).sqsRules,
  "timestream-query": async () => (await import("./endpoint-discovery.ts")).endpointDiscoveryRules,
  "timestream-write": async () => (await import("./endpoint-discovery.ts")).endpointDiscoveryRules,
};

async function sourceRegion(
  operations: readonly string[],
  url?: "PresignedUrl",
): Promise<ServiceRules> {
  return (await import("./source-region.ts")).sourceRegionRules(operations, url);
}
