import type { Stats } from "node:fs";
import { fs } from "../builtin/fs.ts";
import type { CallByName } from "../client/call-by-name.ts";
import { AbortError } from "../client/errors.ts";
import { ResponseBody } from "../client/response-body.ts";
import type { Input, Output } from "../protocol/protocol.ts";
import { DownloadBody } from "./download-body.ts";
import { type ObjectChecksum, objectChecksum } from "./download-checksum.ts";
import { PendingFile } from "./download-pending-file.ts";
import { DownloadObject, type FirstAnswer } from "./download-object.ts";
import { fetchParts } from "./download-parts.ts";
import { type DownloadSettings, downloadSettings } from "./download-settings.ts";
import { deliver, filePath, giveUp, type OrderedTarget } from "./download-target.ts";
import type { DownloadOptions, DownloadTarget } from "./download-types.ts";
import type { ProgressCounter, TransferContext } from "./transfer-types.ts";

/** What is downloaded, and how. */
export interface DownloadWork {
  readonly call: CallByName;
  readonly input: Input;
  readonly options: DownloadOptions;
  readonly context: TransferContext;
}

/** Downloads into a target. */
export async function download(work: DownloadWork, target: DownloadTarget): Promise<Output> {
  const settings = downloadSettings(work.options);
  const path = filePath(target);
  const run = new DownloadRun(work, settings, work.context.signal);
  try {
    if (path === undefined) return await run.toTarget(target as OrderedTarget);
    const place = await placeOf(path);
    if (place.isSpecial) return await run.toTarget(fs.createWriteStream(path));
    return await run.toFile(place.path, place.previous);
  } finally {
    run.dispose();
  }
}

/** Finds the object; its `Body` fetches the parts. */
export async function downloadBody(work: DownloadWork): Promise<Output> {
  const settings = downloadSettings(work.options);
  const { signal } = work.options;
  const run = new DownloadRun(work, settings, work.context.signal);
  // The transfer is over when the object has been found; its body is not.
  if (signal !== undefined) run.follow(signal, (reason) => new AbortError(reason));
  try {
    return await run.toBody();
  } catch (error) {
    run.dispose();
    throw error;
  }
}

/** One download. */
class DownloadRun {
  readonly #settings: DownloadSettings;
  readonly #call: CallByName;
  readonly #input: Input;
  readonly #progress: ProgressCounter;
  /** Ends all: aborted by the caller, or by the first failure. */
  readonly #stop = new AbortController();
  readonly #object: DownloadObject;
  readonly #followed: (() => void)[] = [];
  /** What ends the run when its reader leaves; never the caller's error. */
  readonly #left = new AbortError(new Error("The body was not read to its end"));

  constructor(
    { call, input, context }: DownloadWork,
    settings: DownloadSettings,
    end: AbortSignal,
  ) {
    this.#settings = settings;
    this.#call = call;
    this.#input = input;
    this.#progress = context.progress;
    this.#object = new DownloadObject(call, input, { signal: this.#stop.signal });
    this.follow(end, (reason) => reason);
  }

  /** Ends with a signal. */
  follow(signal: AbortSignal, errorOf: (reason: unknown) => unknown): void {
    const onAbort = (): void => this.#stop.abort(errorOf(signal.reason));
    if (signal.aborted) {
      onAbort();
      return;
    }
    signal.addEventListener("abort", onAbort, { once: true });
    this.#followed.push(() => signal.removeEventListener("abort", onAbort));
  }

  /** Nothing is to be ended any more. */
  dispose(): void {
    for (const forget of this.#followed.splice(0)) forget();
  }

  async toFile(path: string, previous: Stats | undefined): Promise<Output> {
    const file = await PendingFile.open(path, previous, (error) => this.#stop.abort(error));
    try {
      const [first, checksum] = await this.#open();
      await fetchParts(this.#object, first, {
        ...this.#fetching,
        targetOf: ({ start, end }) => file.part(start - first.start, lengthOf(start, end)),
      });
      await file.complete();
      await checksum?.checkFile(file.temporary);
      this.#stop.signal.throwIfAborted();
      await file.finish(this.#settings.fsync);
      return this.#outputOf(first);
    } catch (error) {
      await file.remove();
      throw this.#reasonOf(error);
    }
  }

  async toTarget(target: OrderedTarget): Promise<Output> {
    let first: FirstAnswer;
    let fetched: Promise<void>;
    try {
      let body: DownloadBody;
      [first, body, fetched] = await this.#openBody();
      try {
        await deliver(body, target, this.#stop.signal);
      } catch (error) {
        this.#stop.abort(error);
        await fetched;
        throw error;
      }
      await fetched;
    } catch (error) {
      const reason = this.#reasonOf(error);
      giveUp(target, reason);
      throw reason;
    }
    return this.#outputOf(first);
  }

  async toBody(): Promise<Output> {
    const [first, body, fetched] = await this.#openBody();
    void fetched.then(() => this.dispose());
    const forget = (): void => body.cancel();
    return { ...this.#outputOf(first), Body: new ResponseBody(body, forget) };
  }

  /** The body, and when nothing is fetched for it any more. */
  async #openBody(): Promise<[FirstAnswer, DownloadBody, Promise<void>]> {
    const [first, checksum] = await this.#open();
    const { partsMax, waitingMax } = this.#settings;
    const body = new DownloadBody(sizeOf(first), partsMax, (error) => {
      this.#stop.abort(error ?? this.#left);
    });
    body.observer = checksum;
    // At once: the reader may wait for what never comes, and the next part for room.
    const { signal } = this.#stop;
    signal.addEventListener("abort", () => body.fail(signal.reason), { once: true });
    const fetched = fetchParts(this.#object, first, {
      ...this.#fetching,
      targetOf: ({ start, end }) => body.part(waitingMax, lengthOf(start, end)),
      room: () => body.room(),
    });
    const ended = fetched.then(
      () => body.lastAnnounced(),
      (error: unknown) => body.fail(error),
    );
    return [first, body, ended];
  }

  /** The first answer, and the checksum of the object where it is to be checked. */
  async #open(): Promise<[FirstAnswer, ObjectChecksum | undefined]> {
    const { signal } = this.#stop;
    signal.throwIfAborted();
    const first = await this.#object.open(this.#settings.partSize);
    try {
      this.#progress.total = sizeOf(first);
      const { etag } = this.#object;
      return [first, await objectChecksum(this.#call, this.#input, etag, { signal })];
    } catch (error) {
      const { source } = first.bytes;
      if (!Buffer.isBuffer(source)) source.cancel();
      throw error;
    }
  }

  get #fetching(): Pick<
    Parameters<typeof fetchParts>[2],
    "partSize" | "concurrency" | "stop" | "onBytes"
  > {
    const { partSize, concurrency } = this.#settings;
    const onBytes = (bytes: number, part: number): void => this.#progress.add(bytes, part);
    return { partSize, concurrency, stop: this.#stop, onBytes };
  }

  /** Why it failed: the first failure, of which the others may be effects. */
  #reasonOf(error: unknown): unknown {
    const { signal } = this.#stop;
    return signal.aborted && signal.reason !== this.#left ? signal.reason : error;
  }

  #outputOf(first: FirstAnswer): Output {
    const { Body: _, ContentRange: _2, ...output } = first.output;
    const size = sizeOf(first) ?? this.#progress.loaded;
    const { start, total } = first;
    const isPart = this.#input["Range"] !== undefined || this.#input["PartNumber"] !== undefined;
    const range =
      isPart && first.output["ContentRange"] !== undefined
        ? { ContentRange: `bytes ${start}-${start + size - 1}/${total ?? "*"}` }
        : {};
    return { ...output, ContentLength: size, ...range };
  }
}

function lengthOf(start: number, end: number | undefined): number | undefined {
  return end === undefined ? undefined : end - start + 1;
}

/** Bytes of the download, if known. */
function sizeOf({ start, end, rest }: FirstAnswer): number | undefined {
  return lengthOf(start, rest?.end ?? end);
}

/** Where a file goes. A link leads to its file; what is no file (`/dev/null`, a pipe) is written to. */
async function placeOf(
  path: string,
): Promise<{ readonly path: string; readonly previous?: Stats; readonly isSpecial: boolean }> {
  const real = await new Promise<string>((resolve) => {
    fs.realpath(path, (error, found) => resolve(error === null ? found : path));
  });
  const previous = await new Promise<Stats | undefined>((resolve) => {
    fs.stat(real, (error, stats) => resolve(error === null ? stats : undefined));
  });
  // "folder/" would take all the bytes, and then not be a name for them.
  const isFolder = previous?.isDirectory() ?? path.endsWith("/");
  if (isFolder) {
    throw Object.assign(
      new Error(`Cannot download to "${path}": it is a folder; give the path of a file in it`),
      { code: "EISDIR" },
    );
  }
  if (previous === undefined) return { path: real, isSpecial: false };
  return { path: real, previous, isSpecial: !previous.isFile() };
}
