import type { CallByName } from "../client/call-by-name.ts";
import { ResponseParseError, ServiceError } from "../client/errors.ts";
import type { CallOptions } from "../client/options.ts";
import type { BodyStream } from "../client/body-stream.ts";
import { ResponseBody } from "../client/response-body.ts";
import type { Input, Output } from "../protocol/protocol.ts";
import {
  type ByteRange,
  type ContentRange,
  parseContentRange,
  parseRange,
  rangeText,
} from "./download-range.ts";

/** Bytes of an object on their way. */
export interface ObjectBytes {
  readonly source: Buffer | BodyStream;
  /** Bytes at its beginning that are not wanted: the server does not know ranges. */
  readonly skip: number;
}

/** What the first answer says of the object, and the bytes that came with it. */
export interface FirstAnswer {
  readonly output: Output;
  readonly bytes: ObjectBytes;
  /** First byte of the download, and of the first answer. */
  readonly start: number;
  /** Last byte of the first answer; `undefined`: it ends when the server ends it. */
  readonly end: number | undefined;
  /** What is to be asked for beyond the first answer. */
  readonly rest: ByteRange | undefined;
  /** Bytes of the whole object, if known. */
  readonly total: number | undefined;
}

/** Members of the input that only the first request has: they have been decided by its answer. */
const decided = {
  IfNoneMatch: undefined,
  IfModifiedSince: undefined,
  IfUnmodifiedSince: undefined,
  PartNumber: undefined,
} as const;

/**
 * The requests for one object. The first one finds the size and the ETag; all others ask for bytes
 * of that very object (`If-Match`), so that versions never mix.
 */
export class DownloadObject {
  readonly #call: CallByName;
  readonly #input: Input;
  readonly #options: CallOptions;
  #etag: string | undefined;
  #total: number | undefined;

  constructor(call: CallByName, input: Input, options: CallOptions) {
    this.#call = call;
    this.#input = input;
    this.#options = { ...options, body: "stream" };
  }

  /** ETag of the object, once it is known. */
  get etag(): string | undefined {
    return this.#etag;
  }

  /** The key, for messages. */
  get key(): string {
    return String(this.#input["Key"]);
  }

  /**
   * Asks for the first part, or for all where parts cannot be asked for.
   * @throws what the operation throws: the object is not there, a condition does not hold, …
   */
  async open(partSize: number): Promise<FirstAnswer> {
    const input = this.#input;
    const wanted = parseRange(input["Range"] as string | undefined);
    if (wanted.kind === "as-is" || input["PartNumber"] !== undefined) return this.#whole(input);
    const { start, end = Infinity } = wanted;
    const last = Math.min(end, start + partSize - 1);
    let output: Output;
    try {
      output = await this.#get({ ...input, Range: rangeText({ start, end: last }) });
    } catch (error) {
      // An empty object has no first byte: its answer tells the rest.
      if (input["Range"] === undefined && statusOf(error) === 416) return this.#whole(input);
      throw error;
    }
    const range = parseContentRange(output["ContentRange"] as string | undefined);
    if (range === undefined) return this.#taken(output, undefined, undefined);
    if (range.start !== start || range.end > last) {
      discard(output);
      throw this.#wrong(output, `${start}-${last}`);
    }
    const { total } = range;
    if (total === undefined && range.end === last && last < end) {
      // It does not say where the object ends: it is to send all of it.
      discard(output);
      return this.#whole(input);
    }
    const stop = total === undefined ? range.end : Math.min(end, total - 1);
    if (range.end < Math.min(last, stop)) {
      discard(output);
      throw this.#wrong(output, `${start}-${Math.min(last, stop)}`);
    }
    return this.#taken(output, range, stop);
  }

  /**
   * Asks for bytes of the object; `end` `undefined`: to its end.
   * @throws ResponseParseError when other bytes come; ServiceError `PreconditionFailed` when the
   * object has been replaced
   */
  async read(start: number, end: number | undefined): Promise<ObjectBytes> {
    const Range = end === undefined ? `bytes=${start}-` : rangeText({ start, end });
    let output: Output;
    try {
      output = await this.#get({ ...this.#input, ...decided, ...this.#condition(), Range });
    } catch (error) {
      throw statusOf(error) === 412 ? this.#replaced(error) : error;
    }
    const problem = this.#problem(output, start, end);
    if (problem !== undefined) {
      discard(output);
      throw problem;
    }
    const isPart = output["ContentRange"] !== undefined;
    return { source: sourceOf(output), skip: isPart ? 0 : start };
  }

  async #whole(input: Input): Promise<FirstAnswer> {
    const output = await this.#get(input);
    const range = parseContentRange(output["ContentRange"] as string | undefined);
    return this.#taken(output, range, range?.end);
  }

  #taken(output: Output, range: ContentRange | undefined, stop: number | undefined): FirstAnswer {
    const length = output["ContentLength"] as number | undefined;
    this.#etag = output["ETag"] as string | undefined;
    const bytes = { source: sourceOf(output), skip: 0 };
    if (range === undefined || stop === undefined) {
      this.#total = length;
      const end = length === undefined ? undefined : length - 1;
      return { output, bytes, start: 0, end, rest: undefined, total: length };
    }
    const { start, end, total } = range;
    this.#total = total;
    const rest = end < stop ? { start: end + 1, end: stop } : undefined;
    return { output, bytes, start, end, rest, total };
  }

  #get(input: Input): Promise<Output> {
    return this.#call("GetObject", input, this.#options);
  }

  /** A weak ETag matches nothing (RFC 9110 §13.1.1): it is only compared. */
  #condition(): { readonly IfMatch?: string } {
    const etag = this.#etag;
    return etag === undefined || etag.startsWith("W/") ? {} : { IfMatch: etag };
  }

  #problem(output: Output, start: number, end: number | undefined): Error | undefined {
    const { ETag, ContentRange, ContentLength } = output;
    if (this.#etag !== undefined && ETag !== undefined && ETag !== this.#etag) {
      return this.#replaced(undefined, output);
    }
    if (ContentRange === undefined) {
      const isWhole = (ContentLength ?? this.#total) === (this.#total ?? ContentLength);
      return isWhole ? undefined : this.#replaced(undefined, output);
    }
    const range = parseContentRange(ContentRange as string);
    if (this.#total !== undefined && range?.total !== undefined && range.total !== this.#total) {
      return this.#replaced(undefined, output);
    }
    const last = end ?? (range?.total ?? NaN) - 1;
    const isRight = range !== undefined && range.start === start && range.end === last;
    return isRight ? undefined : this.#wrong(output, `${start}-${end ?? ""}`);
  }

  #wrong(output: Output, wanted: string): ResponseParseError {
    const got = String(output["ContentRange"]);
    return new ResponseParseError(
      `Cannot download "${this.key}": the answer to a request for the bytes ${wanted} has "${got}"`,
      "",
    );
  }

  /** The error of a download whose object is not the same any more: what S3 answers to `If-Match`. */
  #replaced(error: unknown, output?: Output): ServiceError {
    const message = `Cannot download "${this.key}": the object was replaced meanwhile; download it again`;
    if (error instanceof ServiceError) {
      error.message = error.message === "" ? message : `${message} (${error.message})`;
      return error;
    }
    const made = new ServiceError({
      name: "PreconditionFailed",
      code: "PreconditionFailed",
      message,
      fault: "client",
      service: "s3",
      operation: "GetObject",
      retryable: false,
      throttling: false,
    });
    const { $metadata } = output ?? {};
    made.$metadata = $metadata as ServiceError["$metadata"];
    return made;
  }
}

function statusOf(error: unknown): number | undefined {
  return error instanceof ServiceError ? error.statusCode : undefined;
}

const noBytes: Buffer = Buffer.alloc(0);

function sourceOf({ Body }: Output): Buffer | BodyStream {
  return Body instanceof ResponseBody ? ResponseBody.take(Body) : noBytes;
}

function discard({ Body }: Output): void {
  if (Body instanceof ResponseBody) void Body.cancel();
}
