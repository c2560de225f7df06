import type { Duplex } from "node:stream";
import type { TestContext } from "node:test";
import {
  encodeFrameHead,
  type EventHead,
  type Frame,
  FrameDecoder,
  frameType,
  payloadText,
} from "@lambdad/core";
import {
  type FakeHost,
  type FakeInvocation,
  type FunctionFiles,
  type InitFailure,
  newRequestId,
  PendingAnswer,
  type ProcessEnd,
  startProcess,
} from "./fake-host.ts";

/** A host that talks frames over descriptor 3. */
export async function startFakeChannelHost(t: TestContext, files: FunctionFiles): Promise<FakeHost> {
  const started = startProcess(t, files, "channel");
  const socket = started.child.stdio[3] as Duplex;
  const pending = new Map<string, PendingAnswer>();
  const events: (() => void)[] = [];
  let waiting = 0;
  let failInit: (failure: InitFailure) => void = () => undefined;
  const initFailure = new Promise<InitFailure | ProcessEnd>((resolve) => {
    failInit = resolve;
    void started.exited.then(resolve);
  });

  function send(type: number, head: object, payload = ""): void {
    const bytes = Buffer.from(payload);
    socket.write(encodeFrameHead(type as 1, JSON.stringify(head), bytes.byteLength));
    socket.write(bytes);
  }

  function onFrame(frame: Frame): void {
    if (frame.type === frameType.next) {
      waiting += 1;
      dispatch();
      return;
    }
    const head = JSON.parse(frame.head) as Record<"id" | "contentType" | "errorType", string>;
    const json = payloadText(frame.payload);
    const { errorType } = head;
    if (frame.type === frameType.initError) failInit({ errorType, json });
    const answer = pending.get(head.id);
    if (answer === undefined) return;
    switch (frame.type) {
      case frameType.response:
        answer.settle({ kind: "returned", json });
        break;
      case frameType.error:
        answer.settle({ kind: "failed", errorType, json });
        break;
      case frameType.streamStart:
        answer.contentType = head.contentType;
        break;
      case frameType.streamChunk:
        answer.chunk(Buffer.concat(frame.payload.chunks), {
          pause: () => send(frameType.pause, { id: head.id }),
          resume: () => send(frameType.resume, { id: head.id }),
        });
        break;
      case frameType.streamEnd:
        answer.streamEnded(errorType === undefined ? undefined : { errorType, json });
        break;
    }
  }

  function dispatch(): void {
    if (waiting === 0) return;
    const event = events.shift();
    if (event === undefined) return;
    waiting -= 1;
    event();
  }

  const decoder = new FrameDecoder();
  socket.on("data", (chunk: Buffer) => {
    // What was logged before the answer is in the other pipe already: let it be read first.
    setImmediate(() => decoder.push(chunk, onFrame));
  });
  socket.on("error", () => undefined);

  return {
    ...started,
    initFailure,
    waiting: () => waiting,
    lose: () => socket.destroy(),
    invoke: (event: string, options: FakeInvocation = {}) => {
      const id = options.requestId ?? newRequestId();
      const answer = new PendingAnswer(options);
      pending.set(id, answer);
      void started.exited.then((end) => answer.settle(end));
      const head: EventHead = {
        id,
        deadlineMs: options.deadlineMs ?? Date.now() + 3000,
        arn: options.arn ?? "arn:aws:lambda:us-east-1:012345678912:function:my-fn",
        contentType: "application/json",
        traceId: options.traceId,
        clientContext: options.clientContext,
        cognitoIdentity: options.cognitoIdentity,
        tenantId: options.tenantId,
      };
      events.push(() => send(frameType.event, head, event));
      dispatch();
      return answer.promise;
    },
  };
}
