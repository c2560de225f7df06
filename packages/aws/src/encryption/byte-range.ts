import { ServiceError } from "../client/errors.ts";
import { TAG_BYTES } from "./algorithms.ts";
import { DecryptionError, shown } from "./decryption-error.ts";

/** A range of bytes as a request asks for it. */
export type ByteRange =
  | { readonly kind: "from"; readonly start: number; readonly end: number | undefined }
  | { readonly kind: "last"; readonly count: number };

/** A part of an object that a response has: `bytes start-end/total`; `end` is inclusive. */
export interface ContentRange {
  readonly start: number;
  readonly end: number;
  readonly total: number;
}

/** Reads `bytes=0-99`, `bytes=100-` or `bytes=-100`. @throws TypeError for anything else */
export function parseRange(text: string): ByteRange {
  const match = /^bytes=(\d{1,15})?-(\d{1,15})?$/.exec(text);
  const [start, end] = [match?.[1], match?.[2]];
  if (start !== undefined) {
    const range = { start: Number(start), end: end === undefined ? undefined : Number(end) };
    if (range.end === undefined || range.end >= range.start) return { kind: "from", ...range };
  } else if (end !== undefined && Number(end) > 0) {
    return { kind: "last", count: Number(end) };
  }
  throw new TypeError(
    `Cannot read the range "${text}" of an encrypted object: give one range, as "bytes=0-99", "bytes=100-" or "bytes=-100"`,
  );
}

/** The range of the ciphertext that has the plaintext's; the tag behind it counts from the end. */
export function cipherRange(range: ByteRange): string {
  if (range.kind === "last") return `bytes=-${range.count + TAG_BYTES}`;
  return `bytes=${range.start}-${range.end ?? ""}`;
}

/** @throws TypeError for what no server sends */
export function parseContentRange(text: string | undefined): ContentRange {
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(text ?? "");
  if (match === null) {
    throw new TypeError(
      `Cannot read the range: the server's Content-Range is ${shown(text ?? "")}`,
    );
  }
  return { start: Number(match[1]), end: Number(match[2]), total: Number(match[3]) };
}

/**
 * What there is of the plaintext in a part of the ciphertext.
 * @throws ServiceError `InvalidRange`, S3's own, when it is in the tag alone; DecryptionError `Tampered`
 * when it is not the part that was asked for: nothing verifies it, but the place is known
 */
export function plainRange(range: ByteRange, sent: ContentRange): ContentRange {
  const total = sent.total - TAG_BYTES;
  if (!isAskedFor(range, sent)) {
    throw new DecryptionError(
      "Tampered",
      `the server sent bytes ${sent.start}-${sent.end}/${sent.total} for "${cipherRange(range)}"`,
    );
  }
  const start = range.kind === "last" ? Math.max(sent.start, total - range.count) : sent.start;
  const end = Math.min(sent.end, total - 1);
  if (total < 0 || start > end) throw invalidRange();
  return { start, end, total };
}

function isAskedFor(range: ByteRange, { start, end, total }: ContentRange): boolean {
  if (end < start || end >= total) return false;
  if (range.kind === "last") {
    return start === Math.max(0, total - range.count - TAG_BYTES) && end === total - 1;
  }
  return start === range.start && end === Math.min(range.end ?? total, total - 1);
}

function invalidRange(): ServiceError {
  const error = new ServiceError({
    name: "InvalidRange",
    code: "InvalidRange",
    message: "The requested range is not satisfiable",
    fault: "client",
    service: "s3",
    operation: "GetObject",
    retryable: false,
    throttling: false,
  });
  error.$metadata = { httpStatusCode: 416, attempts: 1, totalRetryDelay: 0 };
  return error;
}
