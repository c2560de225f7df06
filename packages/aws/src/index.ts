export {
  AbortError,
  AwsClientError,
  ChecksumError,
  ClientClosedError,
  ConfigurationError,
  ConnectionError,
  CredentialsError,
  EndpointError,
  PaginationError,
  ParamValidationError,
  ResponseParseError,
  ServiceError,
  TimeoutError,
  WaiterError,
} from "./client/errors.ts";
export type { Credentials, CredentialProvider } from "./credentials/credentials.ts";
export type {
  BlobInput,
  CallMany,
  ClientBase,
  CopySourceInput,
  DocumentValue,
  DsqlAuthTokenInput,
  ErrorClass,
  FileInput,
  MetadataBearer,
  NoInput,
  Open,
  Paginate,
  PaginateOptions,
  Paginator,
  PresignedPost,
  PresignOptions,
  PresignPostInput,
  RdsAuthTokenInput,
  ServiceClients,
  StreamingBlobInput,
  Union,
  UntypedClient,
  UntypedOperation,
  UntypedOutput,
  Wait,
  WaiterResult,
  WaitOptions,
} from "./client/client-types.ts";
export type { ClientMeta, ClientOptionsShown } from "./client/service-client.ts";
export type { CallOptions, ClientOptions, SessionOptions } from "./client/options.ts";
export type { ResponseBody } from "./client/response-body.ts";
export type { AllOptions, Start } from "./client/concurrent-calls.ts";
export type { ResponseMetadata } from "./client/errors.ts";
export type { ClientEvents, ClientListener } from "./client/observation.ts";
export type {
  Download,
  Downloaded,
  DownloadedBody,
  DownloadFile,
  DownloadOptions,
  DownloadTarget,
  FileTarget,
} from "./transfer/download-types.ts";
export { Transfer } from "./transfer/transfer.ts";
export type {
  TransferOptions,
  TransferProgress,
  TransferredTo,
} from "./transfer/transfer-types.ts";
export type {
  Copied,
  Copy,
  Upload,
  Uploaded,
  UploadedFile,
  UploadFile,
} from "./transfer/upload-types.ts";
export {
  type PutReferenceOptions,
  type ReferenceClient,
  type ReferenceOptions,
  References,
  type ReferencesOptions,
} from "./reference/references.ts";
export type { ReferenceValue } from "./reference/reference-value.ts";
export { parseS3Uri, type S3Location, s3Uri } from "./reference/s3-uri.ts";
export { Session } from "./client/session.ts";
export { serviceEntry } from "./client/service-entry.ts";
export type { DynamoDBNativeClient, NativeInput, NativeValue } from "./client/native-client.ts";
export { DynamoNumber } from "./rules/dynamo-number.ts";
export { S3Resource } from "./resource/s3/s3-resource.ts";
export { DeleteObjectsError } from "./resource/s3/delete-objects-error.ts";
export type { S3Bucket } from "./resource/s3/bucket.ts";
export type { S3Object } from "./resource/s3/object.ts";
export type { S3ObjectSummary } from "./resource/s3/object-summary.ts";
export type { S3ObjectVersion } from "./resource/s3/object-version.ts";
export type { S3MultipartUpload } from "./resource/s3/multipart-upload.ts";
export type { S3MultipartUploadPart } from "./resource/s3/multipart-upload-part.ts";
export { Attr, Key } from "./resource/dynamodb/condition.ts";
export type {
  Condition,
  ItemAttribute,
  KeyAttribute,
  KeyCondition,
} from "./resource/dynamodb/condition.ts";
export type { AttributePath } from "./resource/dynamodb/attribute-path.ts";
export { DynamoDBResource } from "./resource/dynamodb/dynamodb-resource.ts";
export type { Table } from "./resource/dynamodb/table.ts";
export type { ItemPages } from "./resource/dynamodb/item-pages.ts";
export type {
  BatchWriter,
  BatchWriterOptions,
  Unwritten,
} from "./resource/dynamodb/batch-writer.ts";
export type { WriteRequest } from "./resource/dynamodb/write-queue.ts";
export type { NativeItem } from "./resource/dynamodb/item-types.ts";
export type { BatchGetOptions, PartialItems } from "./resource/dynamodb/batch-get.ts";
export { UnprocessedError } from "./resource/dynamodb/batch-errors.ts";
