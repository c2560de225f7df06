import type { CallByName } from "../client/call-by-name.ts";
import type { Input, Output } from "../protocol/protocol.ts";
import { beginTransfer, type TransferClient } from "./begin-transfer.ts";
import { Transfer } from "./transfer.ts";
import type { DownloadOptions, DownloadTarget, FileTarget } from "./download-types.ts";

/** The client of a download. */
interface Caller extends TransferClient {
  readonly call: CallByName;
}

/** `s3.download`: begins a download; its code is loaded when it is first needed. */
export function startDownload(
  client: Caller,
  input: Input,
  target: DownloadTarget | undefined,
  options: DownloadOptions | undefined,
): Transfer<Output> {
  const { signal, onProgress } = options ?? {};
  const seed = { key: String(input["Key"]), signal, onProgress };
  if (target !== undefined) {
    return beginTransfer(client, seed, async ({ call }, context) => {
      const { download } = await import("./download.ts");
      return download({ call, input, options: options ?? {}, context }, target);
    });
  }
  // Its body is read when the transfer is over: a client that is closed does not wait for that.
  const call: CallByName = (operation, given, callOptions) =>
    client.call(operation, given, callOptions);
  return new Transfer<Output>(async (context) => {
    const { downloadBody } = await import("./download.ts");
    return downloadBody({ call, input, options: options ?? {}, context });
  }, seed);
}

/** `s3.downloadFile`. */
export function startDownloadFile(
  client: Caller,
  input: Input,
  path: FileTarget,
  options: DownloadOptions | undefined,
): Transfer<Output> {
  const isPath =
    typeof path === "string" ||
    path instanceof URL ||
    typeof (path as { path?: unknown } | undefined)?.path === "string";
  if (!isPath) {
    throw new TypeError(
      `Cannot download to a value of type ${typeof path}: give the path of a file`,
    );
  }
  return startDownload(client, input, path, options);
}
