import type { Duplex } from "node:stream";
import {
  encodeFrameHead,
  type ErrorHead,
  type EventHead,
  type Frame,
  FrameDecoder,
  frameType,
  type IdHead,
  type InitErrorHead,
  type ResponseHead,
  type StreamEndHead,
} from "@lambdad/core";
import type { ActiveInvocation } from "./active-invocation.ts";
import type { Delivery, Poller } from "./poller.ts";
import { isRefusal, type RuntimeApi } from "./runtime-api.ts";

/**
 * Our end of the channel to a runtime of ours: the same calls as over HTTP, as frames. Nothing is
 * acknowledged: a refused call is counted, and the runtime goes on to its next invocation.
 *
 * `onBroken` is called when what came is not of the channel: the process must be ended, as neither can
 * hear the other any more.
 */
export function connectChannel(socket: Duplex, api: RuntimeApi, onBroken: () => void): void {
  const connection = new ChannelConnection(socket, api);
  const decoder = new FrameDecoder();
  const onFrame = (frame: Frame): void => connection.take(frame);
  socket.on("data", (chunk: Buffer) => {
    try {
      decoder.push(chunk, onFrame);
    } catch {
      // Bytes that are not frames: the function wrote to the descriptor. Nothing can be trusted now.
      socket.destroy();
      onBroken();
    }
  });
  // The process's end is seen elsewhere: its channel breaking is no news.
  socket.on("error", () => socket.destroy());
}

class ChannelConnection implements Poller {
  readonly #socket: Duplex;
  readonly #api: RuntimeApi;
  /** Responses that are being streamed. */
  readonly #streams = new Map<string, ActiveInvocation>();
  /** Streams that the runtime was told to hold back. */
  readonly #held = new Set<string>();
  /** The runtime has asked for more before its response was taken: it does not ask twice. */
  #nextWaits = false;

  constructor(socket: Duplex, api: RuntimeApi) {
    this.#socket = socket;
    this.#api = api;
  }

  deliver({ invocation, deadlineEpochMs }: Delivery): void {
    const head: EventHead = {
      id: invocation.requestId,
      deadlineMs: deadlineEpochMs,
      arn: invocation.invokedFunctionArn,
      contentType: invocation.contentType,
      traceId: invocation.traceId,
      clientContext: invocation.clientContext,
      cognitoIdentity: invocation.cognitoIdentity,
      tenantId: invocation.tenantId,
    };
    const { chunks, byteLength } = invocation.payload;
    const socket = this.#socket;
    socket.cork();
    socket.write(encodeFrameHead(frameType.event, JSON.stringify(head), byteLength));
    for (const chunk of chunks) socket.write(chunk);
    socket.uncork();
  }

  /**
   * The heads are believed to be of their types: nobody but our runtime has the descriptor.
   *
   * @throws when a head is not JSON.
   */
  take(frame: Frame): void {
    switch (frame.type) {
      case frameType.next:
        // A slow caller still takes the response, which is complete for the runtime.
        if (this.#api.state === "InvocationResponse") this.#nextWaits = true;
        else this.#api.next(this);
        return;
      case frameType.response:
        this.#response(JSON.parse(frame.head), frame);
        return;
      case frameType.error: {
        const { id, errorType }: ErrorHead = JSON.parse(frame.head);
        const { payload } = frame;
        const contentType = "application/json";
        this.#api.error(id, { errorType, attemptId: undefined, contentType, payload });
        return;
      }
      case frameType.initError:
        this.#initError(JSON.parse(frame.head), frame);
        return;
      case frameType.streamStart:
        this.#streamStart(JSON.parse(frame.head));
        return;
      case frameType.streamChunk:
        this.#streamChunk(JSON.parse(frame.head), frame);
        return;
      case frameType.streamEnd:
        this.#streamEnd(JSON.parse(frame.head), frame);
        return;
      case frameType.event:
      case frameType.pause:
      case frameType.resume:
        throw new RangeError(`Cannot take a frame of type ${frame.type}: it goes the other way`);
    }
  }

  #initError({ errorType }: InitErrorHead, { payload }: Frame): void {
    this.#api.initError(errorType, payload);
  }

  #response({ id, contentType }: ResponseHead, { payload }: Frame): void {
    const active = this.#api.beginResponse(id, {
      mode: undefined,
      contentType,
      contentLength: payload.byteLength,
      attemptId: undefined,
    });
    if (isRefusal(active)) return;
    for (const chunk of payload.chunks) active.data(chunk);
    active.endResponse(undefined, () => this.#answered(active));
  }

  #answered(active: ActiveInvocation): void {
    this.#api.answered(active);
    if (!this.#nextWaits) return;
    this.#nextWaits = false;
    this.#api.next(this);
  }

  #streamStart({ id, contentType }: ResponseHead): void {
    const active = this.#api.beginResponse(id, {
      mode: "streaming",
      contentType,
      contentLength: undefined,
      attemptId: undefined,
    });
    if (!isRefusal(active)) this.#streams.set(id, active);
  }

  #streamChunk({ id }: IdHead, { payload }: Frame): void {
    const active = this.#streams.get(id);
    if (active === undefined) return;
    for (const chunk of payload.chunks) {
      const verdict = active.data(chunk);
      if (verdict === "too-large") {
        this.#api.rejected("too_large");
        this.#streams.delete(id);
        this.#answered(active);
        return;
      }
      if (verdict === "full") this.#holdBack(id, active);
    }
  }

  #holdBack(id: string, active: ActiveInvocation): void {
    if (this.#held.has(id)) return;
    this.#held.add(id);
    this.#send(frameType.pause, id);
    active.onDrain(() => {
      this.#held.delete(id);
      this.#send(frameType.resume, id);
    });
  }

  #streamEnd({ id, errorType }: StreamEndHead, { payload }: Frame): void {
    const active = this.#streams.get(id);
    if (active === undefined) return;
    this.#streams.delete(id);
    const error = errorType === undefined ? undefined : { errorType, payload };
    active.endResponse(error, () => this.#answered(active));
  }

  #send(type: typeof frameType.pause | typeof frameType.resume, id: string): void {
    const head: IdHead = { id };
    this.#socket.write(encodeFrameHead(type, JSON.stringify(head), 0));
  }
}
