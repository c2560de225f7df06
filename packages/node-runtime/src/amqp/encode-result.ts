import { type Payload, payloadFromChunks } from "@lambdad/core";
import { RuntimeError } from "../runtime-error.ts";

/** What a caller gets of a result. */
export interface EncodedResult {
  readonly payload: Payload;
  readonly contentType: string;
}

/** A response whose bytes and content type the function has chosen itself, piece by piece. */
export class RawResponse implements EncodedResult {
  readonly payload: Payload;
  readonly contentType: string;

  constructor(chunks: readonly Uint8Array[], contentType: string) {
    this.payload = payloadFromChunks(chunks);
    this.contentType = contentType;
  }
}

/**
 * The bytes that stand for what a handler returned. Source: the contract of AMQP-RPC, §7.
 *
 * Bytes of any kind (`Buffer`, typed arrays, `ArrayBuffer`) are sent as they are, as
 * `application/octet-stream`; everything else is JSON, and `undefined` is `null`. Bytes leave later than
 * this: they are copied, because a function may use its memory again for the next call.
 *
 * @param event - What the handler was called with: its memory is this call's alone, and is not copied.
 * @throws {RuntimeError} `Runtime.JSONStringifyError` for a value that JSON does not have.
 * @throws {TypeError} for bytes that were transferred to another owner: there are none left.
 */
export function encodeResult(value: unknown, event?: Uint8Array): EncodedResult {
  if (typeof value === "object" && value !== null) {
    const bytes = bytesOf(value);
    if (bytes !== undefined) {
      const kept = isWithin(bytes, event) ? bytes : Buffer.from(bytes);
      return encoded(kept, "application/octet-stream");
    }
    if (value instanceof RawResponse) return value;
  }
  return encoded(Buffer.from(jsonOf(value)), "application/json");
}

function encoded(bytes: Uint8Array, contentType: string): EncodedResult {
  return { payload: { chunks: [bytes], byteLength: bytes.byteLength }, contentType };
}

function bytesOf(value: object): Uint8Array | undefined {
  if (ArrayBuffer.isView(value)) {
    checkAttached(value.buffer);
    if (value instanceof Uint8Array) return value;
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  }
  if (!(value instanceof ArrayBuffer)) return undefined;
  checkAttached(value);
  return new Uint8Array(value);
}

/** The same buffer is not enough: Node cuts small ones out of a larger one. */
function isWithin(bytes: Uint8Array, whole: Uint8Array | undefined): boolean {
  if (bytes.buffer !== whole?.buffer) return false;
  const start = bytes.byteOffset - whole.byteOffset;
  return start >= 0 && start + bytes.byteLength <= whole.byteLength;
}

/** Nothing can be sent of a buffer whose bytes went to a worker thread, or into `structuredClone`. */
function checkAttached(buffer: ArrayBufferLike): void {
  if (!("detached" in buffer) || !buffer.detached) return;
  throw new TypeError("Cannot send the response: its bytes were transferred to another owner");
}

function jsonOf(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value === undefined ? null : value) as string | undefined;
  } catch (error) {
    throw notJson(error instanceof Error ? error.message : String(error), error);
  }
  if (text !== undefined) return text;
  throw notJson(`JSON has nothing for a ${typeof value}`);
}

function notJson(reason: string, cause?: unknown): RuntimeError {
  // V8 draws the path of a circle over several lines.
  const [line = ""] = reason.split("\n", 1);
  return new RuntimeError("JSONStringifyError", `Unable to stringify response body: ${line}`, {
    cause,
  });
}
