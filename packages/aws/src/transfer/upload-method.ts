import type { Input, Output } from "../protocol/protocol.ts";
import { beginTransfer, type TransferClient } from "./begin-transfer.ts";
import type { Transfer, TransferSeed } from "./transfer.ts";
import type { TransferOptions } from "./transfer-types.ts";
import type { UploadedFile } from "./upload-types.ts";

/** `s3.upload`: begins an upload; its code is loaded when it is first needed. */
export function startUpload(
  client: TransferClient,
  params: Input,
  options: TransferOptions = {},
): Transfer<Output> {
  return beginTransfer(client, seedOf(params, options), async (calls, context) => {
    const { upload } = await import("./upload.ts");
    return upload({ ...calls, params, options, context });
  });
}

/** `s3.uploadFile`. @throws TypeError for what is no path. */
export function startUploadFile(
  client: TransferClient,
  params: Input,
  path: UploadedFile,
  options?: TransferOptions,
): Transfer<Output> {
  const Body = typeof path === "string" || path instanceof URL ? { path } : path;
  if (!isPath((Body as Partial<typeof Body> | undefined)?.path)) {
    throw new TypeError(`Cannot upload a value of type ${typeof path}: give the path of a file`);
  }
  return startUpload(client, { ...params, Body }, options);
}

/** `s3.copy`. */
export function startCopy(
  client: TransferClient,
  params: Input,
  options: TransferOptions = {},
): Transfer<Output> {
  return beginTransfer(client, seedOf(params, options), async (calls, context) => {
    const { copy } = await import("./copy.ts");
    return copy({ ...calls, params, options, context });
  });
}

function seedOf(params: Input, { signal, onProgress }: TransferOptions): TransferSeed {
  return { key: String(params["Key"]), signal, onProgress };
}

function isPath(value: unknown): boolean {
  return typeof value === "string" || value instanceof URL;
}
