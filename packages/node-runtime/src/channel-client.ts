import { writeSync } from "node:fs";
import { Socket } from "node:net";
import type { EventHead } from "@lambdad/core";
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

type Waiter = (request: InvocationRequest) => void;

/**
 * A {@link RuntimeClient} over the inherited socket of a host of ours: one frame per call.
 *
 * When the host is gone, `onLost` is called; nothing can be answered any more.
 */
export class ChannelClient implements RuntimeClient {
  readonly #fd: number;
  readonly #socket: Socket;
  readonly #waiters: Waiter[] = [];
  readonly #sinks = new Map<string, ChannelSink>();
  /** The answer that waits for the next `next`, with room for that frame behind it. */
  #queued: Buffer | undefined;

  constructor(fd: number, onLost: () => void) {
    this.#fd = fd;
    const reader = new FrameReader((type, head, payload) => this.#receive(type, head, payload));
    this.#socket = new Socket({
      fd,
      readable: true,
      writable: true,
      onread: {
        buffer: Buffer.allocUnsafeSlow(readBytesMax),
        callback: (length, buffer) => {
          reader.push((buffer as Buffer).subarray(0, length));
          return true;
        },
      },
    });
    this.#socket.unref();
    this.#socket.on("error", onLost).on("close", onLost);
    this.#socket.on("drain", () => {
      for (const sink of this.#sinks.values()) sink.drained();
    });
  }

  next(): Promise<InvocationRequest> {
    if (this.#waiters.length === 0) this.#socket.ref();
    const received = new Promise<InvocationRequest>((resolve) => {
      this.#waiters.push(resolve);
    });
    const frame = this.#queued ?? Buffer.allocUnsafe(bareFrameBytes);
    this.#queued = undefined;
    writeBareFrame(frame, frame.length - bareFrameBytes, frameType.next);
    this.#send(frame);
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
    this.#send(
      encodeFrame(frameType.streamStart, JSON.stringify({ id: requestId, contentType }), ""),
    );
    const sink = new ChannelSink({
      head: JSON.stringify({ id: requestId }),
      write: (head, chunk) => this.#sendPair(head, chunk),
      needsDrain: () => this.#socket.writableNeedDrain,
      end: (error) => {
        this.#sinks.delete(requestId);
        const head = JSON.stringify({ id: requestId, errorType: error?.errorType });
        const body = error === undefined ? "" : JSON.stringify(error);
        this.#sendQueued();
        this.#send(encodeFrame(frameType.streamEnd, head, body));
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
      if (this.#waiters.length === 0) this.#socket.unref();
      waiter?.(requestOf(JSON.parse(head) as EventHead, payload));
    } else if (type === frameType.pause || type === frameType.resume) {
      const { id } = JSON.parse(head) as { readonly id: string };
      this.#sinks.get(id)?.pause(type === frameType.pause);
    }
  }

  #queue(frame: Buffer): void {
    this.#sendQueued();
    this.#queued = frame;
  }

  #sendQueued(): void {
    const frame = this.#queued;
    if (frame === undefined) return;
    this.#queued = undefined;
    this.#send(frame.subarray(0, frame.length - bareFrameBytes));
  }

  /**
   * Writes with one system call when nothing waits before it, as the socket takes a small frame at
   * once; what it does not take goes the long way.
   */
  #send(bytes: Buffer): void {
    let written = 0;
    if (this.#socket.writableLength === 0) {
      try {
        written = writeSync(this.#fd, bytes);
      } catch {
        // Full, or the host has gone: the socket waits, or reports it.
      }
    }
    if (written < bytes.length) this.#socket.write(bytes.subarray(written));
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
