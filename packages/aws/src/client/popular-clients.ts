import type { CloudFormationClient } from "../../types/cloudformation.d.ts";
import type { CloudWatchClient } from "../../types/cloudwatch.d.ts";
import type { DynamoDBClient } from "../../types/dynamodb.d.ts";
import type { ECRClient } from "../../types/ecr.d.ts";
import type { EventBridgeClient } from "../../types/events.d.ts";
import type { FirehoseClient } from "../../types/firehose.d.ts";
import type { IAMClient } from "../../types/iam.d.ts";
import type { KinesisClient } from "../../types/kinesis.d.ts";
import type { KMSClient } from "../../types/kms.d.ts";
import type { LambdaClient } from "../../types/lambda.d.ts";
import type { CloudWatchLogsClient } from "../../types/logs.d.ts";
import type { OrganizationsClient } from "../../types/organizations.d.ts";
import type { S3Client } from "../../types/s3.d.ts";
import type { SchedulerClient } from "../../types/scheduler.d.ts";
import type { SecretsManagerClient } from "../../types/secretsmanager.d.ts";
import type { SESv2Client } from "../../types/sesv2.d.ts";
import type { SNSClient } from "../../types/sns.d.ts";
import type { SQSClient } from "../../types/sqs.d.ts";
import type { SSMClient } from "../../types/ssm.d.ts";
import type { SFNClient } from "../../types/stepfunctions.d.ts";
import type { STSClient } from "../../types/sts.d.ts";

/** Clients whose types come with the package; those of other services are imported by name. */
export interface PopularClients {
  cloudformation: CloudFormationClient;
  cloudwatch: CloudWatchClient;
  dynamodb: DynamoDBClient;
  ecr: ECRClient;
  events: EventBridgeClient;
  firehose: FirehoseClient;
  iam: IAMClient;
  kinesis: KinesisClient;
  kms: KMSClient;
  lambda: LambdaClient;
  logs: CloudWatchLogsClient;
  organizations: OrganizationsClient;
  s3: S3Client;
  scheduler: SchedulerClient;
  secretsmanager: SecretsManagerClient;
  sesv2: SESv2Client;
  sns: SNSClient;
  sqs: SQSClient;
  ssm: SSMClient;
  stepfunctions: SFNClient;
  sts: STSClient;
}
