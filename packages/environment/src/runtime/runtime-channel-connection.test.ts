import assert from "node:assert/strict";
import { duplexPair } from "node:stream";
import { describe, test } from "node:test";
import {
  encodeFrameHead,
  FrameDecoder,
  type FrameType,
  frameType,
  type InvokeResult,
  limits,
} from "@lambdad/core";
import { CollectingStream, invocationOf, waitFor } from "@lambdad/testkit";
import { ActiveInvocation } from "./active-invocation.ts";
import { connectChannel } from "./runtime-channel-connection.ts";
import { RuntimeApi } from "./runtime-api.ts";
import type { RejectReason } from "../reject-reason.ts";

interface Channel {
  readonly api: RuntimeApi;
  readonly rejects: RejectReason[];
  readonly results: InvokeResult[];
  /** Types of the frames that the runtime got. */
  readonly got: FrameType[];
  /** How often the runtime was seen back in `/next`. */
  readonly done: () => number;
  readonly isBroken: () => boolean;
  readonly isClosed: () => boolean;
  readonly run: (stream?: CollectingStream) => void;
  readonly write: (bytes: Uint8Array) => void;
  readonly send: (type: FrameType, head?: unknown, ...pieces: readonly Uint8Array[]) => void;
}

/** A channel whose runtime is the test. */
function open(): Channel {
  const [host, runtime] = duplexPair();
  const rejects: RejectReason[] = [];
  const results: InvokeResult[] = [];
  const got: FrameType[] = [];
  let done = 0;
  let broken = false;
  const api = new RuntimeApi(undefined, {
    runtimeReady: () => {},
    restored: () => {},
    initFailed: () => {},
    runtimeDone: (active) => {
      done += 1;
      active.finish();
      api.forget(active, false);
    },
    slotFreed: () => {},
    pollerGone: () => {},
    rejected: (reason) => rejects.push(reason),
  });
  connectChannel(host, api, () => {
    broken = true;
  });
  const decoder = new FrameDecoder();
  runtime.on("data", (chunk: Buffer) => decoder.push(chunk, ({ type }) => got.push(type)));
  runtime.on("error", () => {});
  function run(stream?: CollectingStream): void {
    const active = new ActiveInvocation({
      ticket: {
        invocation: invocationOf(Buffer.from("{}"), { requestId: "id", stream }),
        arrivedAtMs: 0,
        forgetEvent: () => {},
        settle: (result) => results.push(result),
        fail: (error) => assert.fail(error),
      },
      attemptId: "1",
      deadlineEpochMs: 0,
      startedAtMs: 0,
      deadlineMs: Infinity,
      executedVersion: "$LATEST",
      onAnswered: () => {},
    });
    api.release(active);
  }
  function send(type: FrameType, head?: unknown, ...pieces: readonly Uint8Array[]): void {
    const length = pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
    const text = head === undefined ? "" : JSON.stringify(head);
    runtime.write(encodeFrameHead(type, text, length));
    for (const piece of pieces) runtime.write(piece);
  }
  return {
    api,
    rejects,
    results,
    got,
    done: () => done,
    isBroken: () => broken,
    isClosed: () => host.destroyed,
    run,
    write: (bytes) => runtime.write(bytes),
    send,
  };
}

const head = { id: "id", contentType: "text/plain" };

describe("the channel", () => {
  test("keeps a next that comes while a slow caller still takes the response", async () => {
    const { api, send, run, results, done, rejects } = open();
    send(frameType.next);
    await waitFor(() => api.freeSlots === 1);
    const stream = new CollectingStream({ fullAfterBytes: 1_000 });
    run(stream);
    const pieces = Array.from({ length: 20 }, (_, index) => Buffer.alloc(1_000, index));
    send(frameType.response, head, ...pieces);
    send(frameType.next);
    await waitFor(() => results.length === 1);
    assert.deepEqual(stream.breaches, []);
    assert.deepEqual(stream.bytes, Buffer.concat(pieces));
    await waitFor(() => done() === 1);
    assert.deepEqual(rejects, []);
    assert.equal(api.freeSlots, 1);
  });

  test("holds a stream back once for each time that its caller is full", async () => {
    const { api, send, run, results, got } = open();
    send(frameType.next);
    await waitFor(() => api.freeSlots === 1);
    const stream = new CollectingStream({ fullAfterBytes: 1_000 });
    run(stream);
    send(frameType.streamStart, head);
    send(
      frameType.streamChunk,
      { id: "id" },
      ...Array.from({ length: 20 }, () => Buffer.alloc(500)),
    );
    send(frameType.streamEnd, { id: "id" });
    await waitFor(() => results.length === 1);
    await waitFor(() => got.includes(frameType.resume));
    assert.deepEqual(got, [frameType.event, frameType.pause, frameType.resume]);
  });

  test("settles a stream over the limit although its caller is full (RT-18, INV-6)", async () => {
    const { api, send, run, results } = open();
    send(frameType.next);
    await waitFor(() => api.freeSlots === 1);
    run({
      start: () => {},
      write: () => false,
      // A caller that never reads.
      onDrain: () => {},
    } as unknown as CollectingStream);
    const piece = Buffer.alloc(10 * 1024 * 1024);
    send(frameType.streamStart, head);
    for (let sent = 0; sent <= limits.streamedResponseBytesMax; sent += piece.byteLength) {
      send(frameType.streamChunk, { id: "id" }, piece);
    }
    await waitFor(() => results.length === 1);
    const [result] = results;
    assert.ok(result?.kind === "streamed");
    assert.equal(result.error?.errorType, "Function.ResponseSizeTooLarge");
  });

  for (const [name, bytes] of [
    ["bytes that are no frame", Buffer.from("hello from the function\n")],
    ["a head that is no JSON", Buffer.concat([encodeFrameHead(frameType.error, "{", 0)])],
    ["a head that is null", Buffer.concat([encodeFrameHead(frameType.error, "null", 0)])],
    ["a frame of the other way", Buffer.concat([encodeFrameHead(frameType.event, "{}", 0)])],
  ] as const) {
    test(`is given up after ${name}, and its process with it`, async () => {
      const { write, isBroken, isClosed } = open();
      write(bytes);
      await waitFor(isBroken);
      assert.ok(isClosed());
    });
  }
});
