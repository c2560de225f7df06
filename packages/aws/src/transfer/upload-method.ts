import type { CallByName } from "../client/call-by-name.ts";
import type { Input, Output } from "../protocol/protocol.ts";
import { Transfer } from "./transfer.ts";
import type { TransferContext, TransferOptions } from "./transfer-types.ts";
import type { UploadedFile } from "./upload-types.ts";

/** The client of a transfer. */
interface Caller {
  readonly call: CallByName;
  engine(): Promise<{ readonly sendsChecksums: boolean }>;
}

/** `s3.upload`: begins an upload; its code is loaded when it is first needed. */
export function startUpload(
  client: Caller,
  params: Input,
  options: TransferOptions = {},
): Transfer<Output> {
  return start(client, params, options, async (call, sendsChecksums, context) => {
    const { upload } = await import("./upload.ts");
    return upload({ call, sendsChecksums, params, options, context });
  });
}

/** `s3.uploadFile`. @throws TypeError for what is no path. */
export function startUploadFile(
  client: Caller,
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
  client: Caller,
  params: Input,
  options: TransferOptions = {},
): Transfer<Output> {
  return start(client, params, options, async (call, sendsChecksums, context) => {
    const { copy } = await import("./copy.ts");
    return copy({ call, sendsChecksums, params, options, context });
  });
}

function start(
  client: Caller,
  params: Input,
  { signal, onProgress }: TransferOptions,
  work: (
    call: CallByName,
    sendsChecksums: () => Promise<boolean>,
    context: TransferContext,
  ) => Promise<Output>,
): Transfer<Output> {
  const call: CallByName = (operation, input, options) => client.call(operation, input, options);
  const seed = { key: String(params["Key"]), signal, onProgress };
  const sendsChecksums = async (): Promise<boolean> => (await client.engine()).sendsChecksums;
  return new Transfer((context) => work(call, sendsChecksums, context), seed);
}

function isPath(value: unknown): boolean {
  return typeof value === "string" || value instanceof URL;
}
