import { emptyPayload, payloadFromChunks, type Payload } from "./payload.ts";

/**
 * The channel between an environment and a runtime of ours: the Runtime API as frames on an inherited
 * socket, so that one invocation costs one write each way instead of two HTTP exchanges.
 *
 * A frame is `u32 length of the rest · u8 type · u24 length of the head · head · payload`, all
 * little-endian; the head is JSON in UTF-8 or empty.
 */
export const frameType = {
  /** Host → runtime: {@link EventHead} and the event's bytes. */
  event: 1,
  /** Host → runtime: stop sending pieces of this stream; {@link IdHead}. */
  pause: 2,
  /** Host → runtime: go on; {@link IdHead}. */
  resume: 3,
  /** Runtime → host: ready for one more invocation (`GET /next`). No head. */
  next: 16,
  /** Runtime → host: {@link ResponseHead} and the whole response. */
  response: 17,
  /** Runtime → host: {@link ErrorHead} and the error JSON. */
  error: 18,
  /** Runtime → host: {@link InitErrorHead} and the error JSON. */
  initError: 19,
  /** Runtime → host: {@link ResponseHead}; pieces follow. */
  streamStart: 20,
  /** Runtime → host: {@link IdHead} and one piece. */
  streamChunk: 21,
  /** Runtime → host: {@link StreamEndHead}; the error JSON when it broke off. */
  streamEnd: 22,
} as const;

export type FrameType = (typeof frameType)[keyof typeof frameType];

export interface IdHead {
  readonly id: string;
}

export interface EventHead extends IdHead {
  readonly deadlineMs: number;
  readonly arn: string;
  readonly contentType: string;
  readonly traceId?: string | undefined;
  readonly clientContext?: string | undefined;
  readonly cognitoIdentity?: string | undefined;
  readonly tenantId?: string | undefined;
}

export interface ResponseHead extends IdHead {
  readonly contentType: string;
}

export interface ErrorHead extends IdHead {
  readonly errorType: string;
}

export interface InitErrorHead {
  readonly errorType: string;
}

export interface StreamEndHead extends IdHead {
  /** Set when the stream broke off after its start. */
  readonly errorType?: string | undefined;
}

export interface Frame {
  readonly type: FrameType;
  /** JSON text; empty when the type has no head. */
  readonly head: string;
  readonly payload: Payload;
}

const prefixBytes = 8;
/** Larger than any frame that the limits allow: a longer one means a peer that is not ours. */
const frameBytesMax = 64 * 1024 * 1024;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Descriptor of the channel in the runtime's process: the first after the standard ones. */
export const runtimeChannelDescriptor = 3;

/**
 * Name of the variable in which the host writes whose calls the channel carries: the `host:port` of its
 * Runtime API. A runtime that finds another address in `AWS_LAMBDA_RUNTIME_API` uses that over HTTP:
 * a wrapper script or an agent has put a proxy in between, which is to see every call.
 */
export const runtimeChannelApiVariable = "LAMBDAD_RUNTIME_CHANNEL_API";

/** The bytes of a frame up to its payload; the payload's chunks follow as they are. */
export function encodeFrameHead(type: FrameType, head: string, payloadLength: number): Uint8Array {
  const headBytes = encoder.encode(head);
  const bytes = new Uint8Array(prefixBytes + headBytes.byteLength);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, prefixBytes - 4 + headBytes.byteLength + payloadLength, true);
  view.setUint32(4, type | (headBytes.byteLength << 8), true);
  bytes.set(headBytes, prefixBytes);
  return bytes;
}

/** Cuts a byte stream into frames. Payload bytes are passed on as views of what arrived. */
export class FrameDecoder {
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  /** Bytes that must be there before the next step can be taken. */
  #needed = prefixBytes;

  /**
   * Takes what arrived and calls back for each frame that is complete now.
   *
   * @throws {RangeError} when the bytes cannot be a frame: the channel is of no more use.
   */
  push(chunk: Uint8Array, onFrame: (frame: Frame) => void): void {
    this.#pending.push(chunk);
    this.#pendingBytes += chunk.byteLength;
    while (this.#pendingBytes >= this.#needed) {
      const prefix = this.#peekPrefix();
      const view = new DataView(prefix.buffer, prefix.byteOffset, prefixBytes);
      const total = 4 + view.getUint32(0, true);
      const word = view.getUint32(4, true);
      const headLength = word >>> 8;
      if (total > frameBytesMax || prefixBytes + headLength > total) {
        throw new RangeError(`Cannot read a frame: ${total} bytes with a head of ${headLength}`);
      }
      if (this.#pendingBytes < total) {
        this.#needed = total;
        return;
      }
      this.#needed = prefixBytes;
      this.#take(prefixBytes);
      const head = headLength === 0 ? "" : decoder.decode(joined(this.#take(headLength)));
      const payloadLength = total - prefixBytes - headLength;
      const payload =
        payloadLength === 0 ? emptyPayload : payloadFromChunks(this.#take(payloadLength));
      onFrame({ type: (word & 0xff) as FrameType, head, payload });
    }
  }

  #peekPrefix(): Uint8Array {
    const [first] = this.#pending;
    if (first !== undefined && first.byteLength >= prefixBytes) return first;
    const all = joined(this.#pending);
    this.#pending = [all];
    return all;
  }

  /** Removes exactly `length` bytes from the front, as views. */
  #take(length: number): Uint8Array[] {
    const taken: Uint8Array[] = [];
    let missing = length;
    let index = 0;
    while (missing > 0) {
      const chunk = this.#pending[index];
      if (chunk === undefined) throw new RangeError("Cannot take more bytes than arrived");
      if (chunk.byteLength <= missing) {
        taken.push(chunk);
        missing -= chunk.byteLength;
        index += 1;
      } else {
        taken.push(chunk.subarray(0, missing));
        this.#pending[index] = chunk.subarray(missing);
        missing = 0;
      }
    }
    this.#pending.splice(0, index);
    this.#pendingBytes -= length;
    return taken;
  }
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [first] = chunks;
  if (chunks.length === 1 && first !== undefined) return first;
  let byteLength = 0;
  for (const chunk of chunks) byteLength += chunk.byteLength;
  const all = new Uint8Array(byteLength);
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return all;
}
