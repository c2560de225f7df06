import type { OperationModel } from "../model/model.ts";
import { expressCredentials } from "./s3-express.ts";
import { s3Input } from "./s3-input.ts";
import { s3Output } from "./s3-output.ts";
import { knownBucketRegion, otherBucketRegion } from "./s3-region.ts";
import type { ServiceRules } from "./service-rules.ts";

/** What S3 needs beyond its model. Source: aws-client.md §13.1 to §13.4. */
export const s3Rules: ServiceRules = {
  model: withoutBucket,
  input: s3Input,
  output: s3Output,
  credentials: expressCredentials,
  knownRegion: knownBucketRegion,
  otherRegion: otherBucketRegion,
};

/** The endpoint rules put the bucket into the host or the base path: it leaves the operation's URI. */
function withoutBucket(operation: OperationModel): OperationModel {
  const { requestUri } = operation;
  if (!requestUri.startsWith("/{Bucket}")) return operation;
  const rest = requestUri.slice("/{Bucket}".length);
  return { ...operation, requestUri: rest.startsWith("/") ? rest : `/${rest}` };
}
