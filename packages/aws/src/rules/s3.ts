import type { OperationModel, StructureShape } from "../model/model.ts";
import { expressCredentials } from "./s3-express.ts";
import { s3Input } from "./s3-input.ts";
import { s3Output } from "./s3-output.ts";
import { knownBucketRegion, otherBucketRegion } from "./s3-region.ts";
import type { ServiceRules } from "./service-rules.ts";

/** What S3 needs beyond its model. Source: aws-client.md §13.1 to §13.4. */
export const s3Rules: ServiceRules = {
  model: (operation) => withNotFound(withoutBucket(operation)),
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

/** AWS's own models have this error, which botocore's have lost: an answer to HEAD names none. */
const notFound: StructureShape = {
  kind: "structure",
  name: "NotFound",
  members: [],
  error: { fault: "client", httpStatusCode: 404 },
};

function withNotFound(operation: OperationModel): OperationModel {
  if (operation.name !== "HeadBucket" && operation.name !== "HeadObject") return operation;
  return { ...operation, errors: [...operation.errors, notFound] };
}
