import type { Socket as NetSocket } from "node:net";
import type { EventHead } from "@lambdad/core";
import { fs, net } from "./builtins.ts";
import {
  bareFrameBytes,
  encodeFrame,
  encodeFrameHead,
  FrameReader,
  frameType,
  writeBareFrame,
} from "./frames.ts";
import type {
  ErrorBody,
  InvocationRequest,
  ResponseSink,
  RuntimeClient,
} from "./runtime-client.ts";

/** One read of the channel: what a socket pair holds by default on Linux, rounded up. */
const readBytesMax = 256 * 1024;

/** What the process was told of its channel. */
export interface ChannelOffer {
  readonly fd: number;
  /** Which socket it was, as `/proc` names it; `undefined`: nothing came in between that could change it. */
  readonly socket: string | undefined;
}

/**
 * Whether the descriptor is still the channel. The wrapper script that started this process may have
 * closed it, opened something else there, or lost it: then the number means anything, also a
 * descriptor of Node's own. Where that cannot be told, it is not.
 */
export function isChannel({ fd, socket }: ChannelOffer): boolean {
  try {
    if (socket !== undefined) return fs.readlinkSync(`/proc/self/fd/${fd}`) === socket;
    return fs.fstatSync(fd).isSocket();
  } catch {
    return false;
  }
}

type Waiter = (request: InvocationRequest) => void;

/**
 * A {@link RuntimeClient} over the inherited socket of a host of ours: one frame per call.
 *
 * When the host is gone, `onLost` is called; nothing can be answered any more.
 */
export class ChannelClient implements RuntimeClient {
  readonly #socket: NetSocket;
  readonly #waiters: Waiter[] = [];
  readonly #sinks = new Map<string, ChannelSink>();
  /** The answer that waits for the next `next`, with room for that frame behind it. */
  #queued: Buffer | undefined;

  constructor(fd: number, onLost: () => void) {
    const reader = new FrameReader((type, head, payload) => this.#receive(type, head, payload));
    this.#socket = new net.Socket({
      fd,
      readable: true,
      writable: true,
      onread: {
        buffer: Buffer.allocUnsafeSlow(readBytesMax),
        callback: (length, buffer) => {
          try {
            reader.push((buffer as Buffer).subarray(0, length));
          } catch (error) {
            // What is not a frame means a broken host: `onLost` follows.
            this.#socket.destroy(error as Error);
          }
          return true;
        },
      },
    });
    this.#socket.unref();
    this.#socket.on("error", onLost).on("close", onLost);
    this.#socket.on("drain", () => {
      for (const sink of this.#sinks.values()) sink.drained();
      this.#keepAlive();
    });
  }

  next(): Promise<InvocationRequest> {
    const received = new Promise<InvocationRequest>((resolve) => {
      this.#waiters.push(resolve);
    });
    this.#keepAlive();
    const frame = this.#queued ?? Buffer.allocUnsafe(bareFrameBytes);
    this.#queued = undefined;
    writeBareFrame(frame, frame.length - bareFrameBytes, frameType.next);
    this.#socket.write(frame);
    return received;
  }

  respond(requestId: string, result: string): void {
    const head = `{"id":${JSON.stringify(requestId)},"contentType":"application/json"}`;
    this.#queue(encodeFrame(frameType.response, head, result, bareFrameBytes));
  }

  fail(requestId: string, error: ErrorBody): void {
    const head = JSON.stringify({ id: requestId, errorType: error.errorType });
    this.#queue(encodeFrame(frameType.error, head, JSON.stringify(error), bareFrameBytes));
  }

  failInit(error: ErrorBody): void {
    const head = JSON.stringify({ errorType: error.errorType });
    this.#queue(encodeFrame(frameType.initError, head, JSON.stringify(error), bareFrameBytes));
  }

  stream(requestId: string, contentType: string): ResponseSink {
    this.#sendQueued();
    this.#socket.write(
      encodeFrame(frameType.streamStart, JSON.stringify({ id: requestId, contentType }), ""),
    );
    const sink = new ChannelSink({
      head: JSON.stringify({ id: requestId }),
      write: (head, chunk) => this.#sendPair(head, chunk),
      needsDrain: () => this.#socket.writableNeedDrain,
      waits: () => this.#keepAlive(),
      end: (error) => {
        this.#sinks.delete(requestId);
        const head = JSON.stringify({ id: requestId, errorType: error?.errorType });
        const body = error === undefined ? "" : JSON.stringify(error);
        this.#sendQueued();
        this.#socket.write(encodeFrame(frameType.streamEnd, head, body));
      },
    });
    this.#sinks.set(requestId, sink);
    return sink;
  }

  async flush(): Promise<void> {
    this.#sendQueued();
    if (this.#socket.writableLength === 0) return;
    await new Promise((resolve) => {
      this.#socket.write("", resolve);
    });
  }

  #receive(type: number, head: string, payload: string): void {
    if (type === frameType.event) {
      const waiter = this.#waiters.shift();
      this.#keepAlive();
      waiter?.(requestOf(JSON.parse(head) as EventHead, payload));
    } else if (type === frameType.pause || type === frameType.resume) {
      const { id } = JSON.parse(head) as { readonly id: string };
      this.#sinks.get(id)?.pause(type === frameType.pause);
      this.#keepAlive();
    }
  }

  /** An idle runtime waits for events, a held-back stream for its host; else the function decides. */
  #keepAlive(): void {
    let needed = this.#waiters.length > 0;
    for (const sink of this.#sinks.values()) needed ||= sink.waiting;
    if (needed) this.#socket.ref();
    else this.#socket.unref();
  }

  #queue(frame: Buffer): void {
    this.#sendQueued();
    this.#queued = frame;
  }

  #sendQueued(): void {
    const frame = this.#queued;
    if (frame === undefined) return;
    this.#queued = undefined;
    this.#socket.write(frame.subarray(0, frame.length - bareFrameBytes));
  }

  #sendPair(head: Buffer, chunk: Uint8Array): boolean {
    this.#socket.cork();
    this.#socket.write(head);
    const free = this.#socket.write(chunk);
    this.#socket.uncork();
    return free;
  }
}

interface ChannelSinkOptions {
  readonly head: string;
  readonly write: (head: Buffer, chunk: Uint8Array) => boolean;
  readonly needsDrain: () => boolean;
  readonly waits: () => void;
  readonly end: (error: ErrorBody | undefined) => void;
}

class ChannelSink implements ResponseSink {
  readonly #options: ChannelSinkOptions;
  #paused = false;
  #onDrain: (() => void) | undefined;

  constructor(options: ChannelSinkOptions) {
    this.#options = options;
  }

  write(chunk: Uint8Array): boolean {
    const head = encodeFrameHead(frameType.streamChunk, this.#options.head, chunk.byteLength);
    return this.#options.write(head, chunk) && !this.#paused;
  }

  onDrain(listener: () => void): void {
    this.#onDrain = listener;
    this.drained();
    if (this.waiting) this.#options.waits();
  }

  /** The function cannot go on before the host says so. */
  get waiting(): boolean {
    return this.#onDrain !== undefined;
  }

  end(): void {
    this.#options.end(undefined);
  }

  fail(error: ErrorBody): void {
    this.#options.end(error);
  }

  pause(paused: boolean): void {
    this.#paused = paused;
    this.drained();
  }

  drained(): void {
    const listener = this.#onDrain;
    if (listener === undefined || this.#paused || this.#options.needsDrain()) return;
    this.#onDrain = undefined;
    listener();
  }
}

function requestOf(head: EventHead, event: string): InvocationRequest {
  return {
    requestId: head.id,
    deadlineMs: head.deadlineMs,
    invokedFunctionArn: head.arn,
    traceId: head.traceId,
    clientContext: head.clientContext,
    cognitoIdentity: head.cognitoIdentity,
    tenantId: head.tenantId,
    event,
  };
}
