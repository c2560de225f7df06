import type { CallByName } from "../client/call-by-name.ts";
import type { Input, Output } from "../protocol/protocol.ts";
import { Transfer } from "./transfer.ts";
import type { TransferContext, TransferOptions } from "./transfer-types.ts";
import type { UploadedFile } from "./upload-types.ts";

/** The client of a transfer. */
interface Caller {
  engine(): Promise<TransferEngine>;
  holdFor(end: (reason: unknown) => void): () => void;
}

/** What makes the calls of a transfer, also while its client is being closed. */
interface TransferEngine {
  readonly sendsChecksums: boolean;
  readonly call: CallByName;
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
  // At once: a client that is closed now waits for what has begun.
  const engine = client.engine();
  engine.catch(ignore);
  const call: CallByName = async (operation, input, callOptions) =>
    (await engine).call(operation, input, callOptions);
  const sendsChecksums = async (): Promise<boolean> => (await engine).sendsChecksums;
  const onDone = client.holdFor((reason) => transfer.abort(reason));
  const seed = { key: String(params["Key"]), signal, onProgress, onDone };
  const transfer = new Transfer<Output>((context) => work(call, sendsChecksums, context), seed);
  return transfer;
}

function ignore(): void {
  // The first call of the transfer has the error.
}

function isPath(value: unknown): boolean {
  return typeof value === "string" || value instanceof URL;
}
