import type { ServiceRules } from "./service-rules.ts";

/** The rules of a service beyond its model, loaded on its first use; most services have none. */
export async function loadRules(service: string): Promise<ServiceRules | undefined> {
  switch (service) {
    case "s3":
      return (await import("./s3.ts")).s3Rules;
    case "dynamodb":
    case "dynamodbstreams":
      return (await import("./dynamodb.ts")).dynamodbRules;
    default:
      return undefined;
  }
}
