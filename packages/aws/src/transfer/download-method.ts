import type { CallByName } from "../client/call-by-name.ts";
import type { Input, Output } from "../protocol/protocol.ts";
import { Transfer } from "./transfer.ts";
import type { DownloadOptions, DownloadTarget, FileTarget } from "./download-types.ts";

/** The client of a download. */
interface Caller {
  readonly call: CallByName;
}

/** `s3.download`: begins a download; its code is loaded when it is first needed. */
export function startDownload(
  client: Caller,
  input: Input,
  target: DownloadTarget | undefined,
  options: DownloadOptions | undefined,
): Transfer<Output> {
  const call: CallByName = (operation, given, callOptions) =>
    client.call(operation, given, callOptions);
  const { signal, onProgress } = options ?? {};
  return new Transfer<Output>(
    async (context) => {
      const { download, downloadBody } = await import("./download.ts");
      const work = { call, input, options: options ?? {}, context };
      return target === undefined ? downloadBody(work) : download(work, target);
    },
    { key: String(input["Key"]), signal, onProgress },
  );
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
