import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, test, type TestContext } from "node:test";
import { HostError, type InvokeResult, payloadText, type ResponseStream } from "@lambdad/core";
import { brokerUri, CollectingStream, invocationOf, startBroker, waitFor } from "@lambdad/testkit";
import { AmqpInvoker } from "../caller/amqp-invoker.ts";
import {
  AmqpPeer,
  closeConnectionsOf,
  DoorFixture,
  Gate,
  returned,
  uniqueName,
} from "../testdata/broker-fixture.ts";
import { connect } from "../caller/connect.ts";
import type { RpcOptions } from "../caller/rpc-options.ts";

const streamed = { kind: "streamed", executedVersion: "$LATEST", logTail: undefined } as const;

/** Writes a piece, and waits while the stream is full. */
async function write(stream: ResponseStream, piece: Buffer): Promise<void> {
  if (!stream.write(piece)) await new Promise<void>((resolve) => stream.onDrain(resolve));
}

interface Calling {
  readonly invoke: (stream: ResponseStream, signal?: AbortSignal) => Promise<InvokeResult>;
}

async function callTo(
  t: TestContext,
  { queue }: { readonly queue: string },
  options: RpcOptions & { readonly uri?: string } = {},
): Promise<Calling> {
  const { uri = await brokerUri(), ...rest } = options;
  const client = await connect(uri, rest);
  t.after(() => client.destroy());
  const invoker = new AmqpInvoker({ client });
  return {
    invoke: (stream, signal = t.signal) =>
      invoker.invoke(invocationOf(Buffer.from("{}"), { functionName: queue, stream }), signal),
  };
}

describe("a response streamed through a queue", () => {
  test("reaches the caller before the function has ended", async (t) => {
    const host = await DoorFixture.start(t);
    const gate = new Gate();
    host.invoker.script = async ({ stream }) => {
      stream?.start("text/plain");
      stream?.write(Buffer.from("early "));
      await gate.opened;
      stream?.write(Buffer.from("late"));
      return { ...streamed, error: undefined };
    };
    const { invoke } = await callTo(t, host);
    const sink = new CollectingStream();
    const result = invoke(sink);
    await waitFor(() => sink.bytes.toString() === "early ");
    assert.equal(sink.contentType, "text/plain");
    gate.open();
    assert.deepEqual(await result, { ...streamed, error: undefined });
    assert.equal(sink.bytes.toString(), "early late");
  });

  test("goes no faster than the caller reads, and others are not held up (INV-8)", async (t) => {
    const host = await DoorFixture.start(t, { prefetch: 2 });
    const pieces = 400;
    let written = 0;
    host.invoker.script = async ({ stream, payload }) => {
      if (stream === undefined) return returned(payload);
      stream.start("application/octet-stream");
      for (; written < pieces; written += 1) await write(stream, Buffer.alloc(65_536, written));
      return { ...streamed, error: undefined };
    };
    const { invoke } = await callTo(t, host);
    const gate = new Gate();
    const taken: Buffer[] = [];
    let drain: (() => void) | undefined;
    const slow: ResponseStream = {
      start() {
        // Nothing to note.
      },
      write(chunk) {
        taken.push(Buffer.from(chunk));
        return taken.length > 1;
      },
      onDrain(listener) {
        drain = listener;
        void gate.opened.then(listener);
      },
    };
    const result = invoke(slow);
    await waitFor(() => drain !== undefined);
    const peer = await AmqpPeer.connect(t);
    for (let call = 0; call < 50; call += 1) await peer.request(host.queue, "1");
    // What is on its way: the caller's prefetch and queue, and what the host holds, in pieces of 128 KB.
    assert.ok(written < 120, `the function has written ${written} pieces`);
    assert.equal(taken.length, 1);
    gate.open();
    assert.equal((await result).kind, "streamed");
    const expected = Buffer.concat(
      Array.from({ length: pieces }, (_, index) => Buffer.alloc(65_536, index)),
    );
    assert.ok(Buffer.concat(taken).equals(expected));
  });

  test("is whole when it is written in one large chunk among small ones", async (t) => {
    const host = await DoorFixture.start(t);
    const sizes = [1, 3_000_001, 0, 131_000, 7, 130_999, 1, 262_000];
    const chunks = sizes.map((size) => randomBytes(size));
    host.invoker.script = async ({ stream, payload }) => {
      if (stream === undefined) return returned(payload);
      stream.start("application/octet-stream");
      for (const chunk of chunks) await write(stream, chunk);
      return { ...streamed, error: undefined };
    };
    const { invoke } = await callTo(t, host);
    const sink = new CollectingStream();
    assert.equal((await invoke(sink)).kind, "streamed");
    assert.ok(sink.bytes.equals(Buffer.concat(chunks)));
  });

  test("is whole from a host that knows nothing of streams", async (t) => {
    const peer = await AmqpPeer.connect(t);
    const { queue } = await peer.channel.assertQueue(uniqueName(), { exclusive: true });
    await peer.channel.consume(queue, (message) => {
      if (message === null) return;
      const { replyTo, correlationId } = message.properties;
      peer.publish(String(replyTo), '"whole"', { correlationId: String(correlationId) });
      peer.channel.ack(message);
    });
    const { invoke } = await callTo(t, { queue });
    const sink = new CollectingStream();
    assert.equal((await invoke(sink)).kind, "streamed");
    assert.equal(sink.bytes.toString(), '"whole"');
  });

  test("finds no queue of that name (AM-10)", async (t) => {
    const { invoke } = await callTo(t, { queue: "test.nobody" });
    await assert.rejects(
      invoke(new CollectingStream()),
      (error) => error instanceof HostError && error.code === "ResourceNotFoundException",
    );
  });

  test("runs to its end when its caller leaves (HT-2)", async (t) => {
    const host = await DoorFixture.start(t);
    const gate = new Gate();
    let ended = false;
    host.invoker.script = async ({ stream }) => {
      assert.ok(stream);
      stream.start("text/plain");
      stream.write(Buffer.from("first"));
      await gate.opened;
      for (let piece = 0; piece < 100; piece += 1) await write(stream, Buffer.alloc(65_536));
      ended = true;
      return { ...streamed, error: undefined };
    };
    const { invoke } = await callTo(t, host);
    const leaving = new AbortController();
    const sink = new CollectingStream();
    const result = invoke(sink, leaving.signal);
    await waitFor(() => sink.bytes.byteLength > 0);
    leaving.abort(new Error("left"));
    assert.equal((await result).kind, "streamed");
    gate.open();
    await waitFor(() => ended);
    const peer = await AmqpPeer.connect(t);
    host.invoker.script = ({ payload }) => returned(payload);
    const reply = await peer.request(host.queue, "1");
    assert.equal(reply.content.toString(), "1");
    assert.ok(host.repliesReturned > 0);
  });
});

describe("a response streamed through a broker with faults", () => {
  test("breaks off, and never goes on with another host's (INV-5)", async (t) => {
    const broker = await startBroker();
    t.after(() => broker.stop());
    const { uri } = broker;
    const queue = { name: uniqueName(), profile: "durable" } as const;
    const host = await DoorFixture.start(t, { uri, queue });
    const gate = new Gate();
    let runs = 0;
    host.invoker.script = async ({ stream }) => {
      runs += 1;
      stream?.start("text/plain");
      stream?.write(Buffer.from(`run ${runs} `));
      if (runs === 1) await gate.opened;
      return { ...streamed, error: undefined };
    };
    const { invoke } = await callTo(t, host, { uri });
    const sink = new CollectingStream();
    const result = invoke(sink);
    await waitFor(() => sink.bytes.toString() === "run 1 ");
    // The host's consumer is lost: the broker gives the request to it again.
    assert.equal(await closeConnectionsOf(broker, `${queue.name} requests`), 1);
    const end = await result;
    gate.open();
    assert.equal(runs, 2);
    assert.equal(end.kind, "streamed");
    assert.ok(end.error !== undefined);
    assert.equal(end.error.errorType, "Runtime.TruncatedResponse");
    assert.match(payloadText(end.error.payload), /The response broke off/);
    assert.equal(sink.bytes.toString(), "run 1 ");
    const again = new CollectingStream();
    assert.deepEqual(await invoke(again), { ...streamed, error: undefined });
    assert.match(again.bytes.toString(), /^run \d $/);
  });
});
