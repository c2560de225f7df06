import type { BodyStream } from "../client/body-stream.ts";
import { piecesFor, ResponseBody } from "../client/response-body.ts";
import type { DownloadTarget, FileTarget } from "./download-types.ts";

/** Anything but a file: gets the bytes in their order. */
export type OrderedTarget = Exclude<DownloadTarget, FileTarget>;

/** The path of a target that is a file. @throws TypeError for a target that is none. */
export function filePath(target: DownloadTarget): string | undefined {
  if (typeof target === "string") return filled(target);
  if (typeof target === "function") return undefined;
  if (target instanceof URL) {
    const { fileURLToPath } = process.getBuiltinModule("node:url");
    return fileURLToPath(target);
  }
  const given: unknown = target;
  if (typeof given === "object" && given !== null) {
    if (isNodeStream(given) || given instanceof WritableStream) return undefined;
    if ("path" in given && typeof given.path === "string") return filled(given.path);
  }
  throw new TypeError(
    `Cannot download to a value of type ${given === null ? "null" : typeof given}: give a path, a stream or a function, or leave it out`,
  );
}

/**
 * Gives a target all bytes, and ends it.
 * @throws the target's error, or the body's
 */
export async function deliver(
  body: BodyStream,
  target: OrderedTarget,
  signal: AbortSignal,
): Promise<void> {
  if (typeof target === "function") {
    for await (const piece of body) await target(piece);
  } else if (target instanceof WritableStream) {
    await new ResponseBody(body).webStream().pipeTo(target, { signal });
  } else if (isOfProcess(target)) {
    await deliverToProcess(body, target, signal);
  } else {
    await deliverToNode(body, target, signal);
  }
}

/** A target that was never written to is told, too: what waits for it must not wait for ever. */
export function giveUp(target: OrderedTarget, reason: unknown): void {
  if (typeof target === "function" || isOfProcess(target)) return;
  if (target instanceof WritableStream) {
    if (!target.locked) target.abort(reason).catch(() => {});
    return;
  }
  const stream = target as NodeJS.WritableStream & {
    readonly destroyed?: boolean;
    destroy?: (error: unknown) => void;
  };
  if (stream.destroyed === true) return;
  // Its user gets the error from the download.
  stream.on("error", () => {});
  stream.destroy?.(reason);
}

/** The output of the process goes on, whatever becomes of a download. */
function isOfProcess(target: OrderedTarget): boolean {
  return target === process.stdout || target === process.stderr;
}

async function deliverToProcess(
  body: BodyStream,
  target: NodeJS.WritableStream,
  signal: AbortSignal,
): Promise<void> {
  for await (const piece of body) {
    await new Promise<void>((resolve, reject) => {
      const onAbort = (): void => reject(signal.reason as Error);
      signal.addEventListener("abort", onAbort, { once: true });
      target.write(piece, (error) => {
        signal.removeEventListener("abort", onAbort);
        if (error === null || error === undefined) resolve();
        else reject(error);
      });
    });
  }
}

async function deliverToNode(
  body: BodyStream,
  target: NodeJS.WritableStream,
  signal: AbortSignal,
): Promise<void> {
  const { pipeline } = process.getBuiltinModule("node:stream/promises");
  // One that waits for the target would not see that the body has failed.
  const onAbort = (): void => {
    (target as { destroy?: (error: unknown) => void }).destroy?.(signal.reason);
  };
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    await pipeline(piecesFor(target, body), target);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

function isNodeStream(value: object): value is NodeJS.WritableStream {
  const { write, on } = value as Partial<NodeJS.WritableStream>;
  return typeof write === "function" && typeof on === "function";
}

function filled(path: string): string {
  if (path !== "") return path;
  throw new TypeError('Cannot download to "": give the path of a file');
}
