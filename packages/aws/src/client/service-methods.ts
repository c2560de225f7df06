import type { Input, Output } from "../protocol/protocol.ts";
import { startDownload, startDownloadFile } from "../transfer/download-method.ts";
import type { DownloadOptions, DownloadTarget, FileTarget } from "../transfer/download-types.ts";
import type { Transfer } from "../transfer/transfer.ts";
import type { TransferOptions } from "../transfer/transfer-types.ts";
import { startCopy, startUpload, startUploadFile } from "../transfer/upload-method.ts";
import type { UploadedFile } from "../transfer/upload-types.ts";
import type {
  DsqlAuthTokenInput,
  PresignedPost,
  PresignPostInput,
  RdsAuthTokenInput,
} from "./client-types.ts";
import type { AllOptions } from "./concurrent-calls.ts";
import type { CallOptions } from "./options.ts";
import type { ServiceClient } from "./service-client.ts";

/** Methods that clients of some services have beyond the model's operations, by service and name. */
export const serviceMethods: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  dsql: {
    generateDbConnectAuthToken: dsqlToken("DbConnect"),
    generateDbConnectAdminAuthToken: dsqlToken("DbConnectAdmin"),
  },
  lambda: { invokeAll },
  rds: { generateAuthToken },
  s3: { copy, download, downloadFile, presignPost, upload, uploadFile },
};

/**
 * Invokes functions, many at once: `Invoke` for each request, with bounded concurrency (64); the
 * results are in the order of the requests. The first failure aborts the rest; with `settle: true`
 * every outcome is returned. A function that fails is a result with `FunctionError`.
 */
function invokeAll(
  this: ServiceClient,
  requests: Iterable<Input> | AsyncIterable<Input>,
  options?: AllOptions & CallOptions,
): Promise<Output[] | PromiseSettledResult<Output>[]> {
  return this.callAll("Invoke", requests, options);
}

/** Downloads an object in parts that are fetched at the same time. */
function download(
  this: ServiceClient,
  params: Input,
  target?: DownloadTarget,
  options?: DownloadOptions,
): Transfer<Output> {
  return startDownload(this, params, target, options);
}

/** Downloads an object into a file, which has its name when all of it is there. */
function downloadFile(
  this: ServiceClient,
  params: Input,
  path: FileTarget,
  options?: DownloadOptions,
): Transfer<Output> {
  return startDownloadFile(this, params, path, options);
}

/** A form with which a browser uploads an object: `{ url, fields }`. */
async function presignPost(this: ServiceClient, input: PresignPostInput): Promise<PresignedPost> {
  const { presignPost: presign } = await import("./presign-post.ts");
  return presign(await this.httpEngine(), input);
}

/** Uploads a body of any kind and length, in parts where it is large. */
function upload(this: ServiceClient, params: Input, options?: TransferOptions): Transfer<Output> {
  return startUpload(this, params, options);
}

/** Uploads a file, in parts where it is large. */
function uploadFile(
  this: ServiceClient,
  params: Input,
  path: UploadedFile,
  options?: TransferOptions,
): Transfer<Output> {
  return startUploadFile(this, params, path, options);
}

/** Copies an object of any size within the service. */
function copy(this: ServiceClient, params: Input, options?: TransferOptions): Transfer<Output> {
  return startCopy(this, params, options);
}

/** The password for a database user with IAM authentication; good for new connections for 15 minutes. */
async function generateAuthToken(this: ServiceClient, input: RdsAuthTokenInput): Promise<string> {
  const { rdsAuthToken } = await import("./auth-token.ts");
  return rdsAuthToken(await this.httpEngine(), input);
}

/** The password for a DSQL cluster. */
function dsqlToken(action: "DbConnect" | "DbConnectAdmin"): unknown {
  return async function generateDbAuthToken(
    this: ServiceClient,
    input: DsqlAuthTokenInput,
  ): Promise<string> {
    const { dsqlAuthToken } = await import("./auth-token.ts");
    return dsqlAuthToken(await this.httpEngine(), action, input);
  };
}
