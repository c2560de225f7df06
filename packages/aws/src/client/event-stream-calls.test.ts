import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeFrame } from "../event-stream/event-frame.ts";
import {
  failure,
  failureOf,
  type Reply,
  reset,
  sends,
  startServer,
} from "./client-fixture.test.ts";
import { ServiceError } from "./errors.ts";

const input = { FunctionName: "f" };
const head =
  "HTTP/1.1 200 OK\r\ncontent-type: application/vnd.amazon.eventstream\r\nx-amzn-requestid: id-7\r\n";

function frame(headers: Readonly<Record<string, string>>, payload = ""): Buffer {
  const list = Object.entries(headers).map(
    ([name, value]) => ({ name: `:${name}`, type: "string", value }) as const,
  );
  return encodeFrame(list, payload);
}

const chunk = (payload: string): Buffer =>
  frame({ "message-type": "event", "event-type": "PayloadChunk" }, payload);
const complete = frame(
  { "message-type": "event", "event-type": "InvokeComplete", "content-type": "application/json" },
  '{"LogResult":"bG9n"}',
);

/** An answer in pieces, as functions give it. */
function streamed(frames: readonly Buffer[], isWhole = true): Buffer {
  const pieces = frames.flatMap((each) => [
    Buffer.from(`${each.length.toString(16)}\r\n`),
    each,
    Buffer.from("\r\n"),
  ]);
  const start = Buffer.from(`${head}transfer-encoding: chunked\r\n\r\n`);
  return Buffer.concat([start, ...pieces, Buffer.from(isWhole ? "0\r\n\r\n" : "")]);
}

async function read(answer: Reply): Promise<{ text: string; error: unknown }> {
  await using server = await startServer(() => answer);
  await using client = server.session().client("lambda");
  const { EventStream, $metadata } = await client.invokeWithResponseStream(input);
  assert.equal($metadata.requestId, "id-7");
  let text = "";
  try {
    for await (const event of EventStream ?? []) {
      text += Buffer.from(event.PayloadChunk?.Payload ?? "").toString();
      text += event.InvokeComplete?.LogResult ?? "";
    }
  } catch (error) {
    return { text, error };
  } finally {
    await client.close();
    await server.closed();
  }
  return { text, error: undefined };
}

describe("InvokeWithResponseStream", { timeout: 30_000 }, () => {
  it("yields the events in order", async () => {
    const { text, error } = await read(streamed([chunk("one "), chunk("two "), complete]));
    assert.equal(error, undefined);
    assert.equal(text, "one two bG9n");
  });

  it("an exception among the events ends them with its error", async () => {
    const exception = frame(
      { "message-type": "exception", "exception-type": "TooManyRequestsException" },
      '{"message":"slow down"}',
    );
    const { text, error } = await read(streamed([chunk("one"), exception, chunk("two")]));
    assert.equal(text, "one");
    assert.ok(error instanceof ServiceError);
    assert.equal(error.name, "TooManyRequestsException");
    assert.equal(error.$operation, "InvokeWithResponseStream");
    assert.equal(error.requestId, "id-7");
  });

  it("an error without a shape", async () => {
    const unmodelled = frame({
      "message-type": "error",
      "error-code": "InternalError",
      "error-message": "it broke",
    });
    const { error } = await read(streamed([unmodelled]));
    assert.equal((error as ServiceError).code, "InternalError");
    assert.equal((error as ServiceError).message, "it broke");
  });

  const faults: Readonly<Record<string, readonly [Reply, string]>> = {
    "a cut frame": [streamed([chunk("one"), chunk("two").subarray(0, 20)]), "ResponseParseError"],
    "a cut connection": [
      (socket): void => void socket.end(streamed([chunk("one")], false)),
      "ConnectionError",
    ],
    "a reset": [
      (socket): void => {
        socket.write(streamed([chunk("one")], false), () => setTimeout(() => reset(socket), 20));
      },
      "ConnectionError",
    ],
    "a frame whose checksum is wrong": [
      streamed([
        chunk("one"),
        Buffer.from(chunk("two").map((byte, i) => (i === 30 ? byte ^ 1 : byte))),
      ]),
      "ChecksumError",
    ],
    "a frame of unknown type": [
      streamed([chunk("one"), frame({ "message-type": "strange" })]),
      "ResponseParseError",
    ],
  };
  for (const [name, [answer, expected]] of Object.entries(faults)) {
    it(`CL-8, CL-9: ${name} is an error, never a clean end`, async () => {
      const { text, error } = await read(answer);
      assert.equal((error as Error | undefined)?.name, expected);
      assert.equal(text, "one");
    });
  }

  it("an event of a name that is not known yet is kept", async () => {
    await using server = await startServer(() =>
      streamed([frame({ "message-type": "event", "event-type": "Later" }, "x")]),
    );
    await using client = server.session().client("lambda");
    const { EventStream } = await client.invokeWithResponseStream(input);
    const events: object[] = [];
    for await (const event of EventStream ?? []) events.push(event);
    assert.equal(events.length, 1);
    assert.deepEqual(Object.keys(events[0] ?? {}), ["$unknown"]);
  });

  it("break closes the connection, and so do return and an abort", async () => {
    const open = streamed([chunk("one")], false);
    await using server = await startServer(() => open);
    await using client = server.session().client("lambda");
    for (const how of ["break", "return", "untouched", "abort"] as const) {
      const controller = new AbortController();
      const { signal } = controller;
      const { EventStream } = await client.invokeWithResponseStream(input, { signal });
      const events = EventStream?.[Symbol.asyncIterator]();
      if (how === "break") for await (const _ of EventStream ?? []) break;
      if (how === "return") await events?.next();
      if (how === "return" || how === "untouched") await events?.return?.();
      if (how === "abort") {
        await events?.next();
        const next = failureOf(events?.next() ?? Promise.resolve());
        controller.abort("reason");
        assert.equal(((await next) as Error).name, "AbortError");
      }
      await server.closed();
    }
  });

  it("an error before the events is an error of the call", async () => {
    await using server = await startServer(() => failure("ResourceNotFoundException", 404));
    await using client = server.session().client("lambda");
    await assert.rejects(
      client.invokeWithResponseStream(input),
      (error) => error instanceof client.errors.ResourceNotFoundException,
    );
  });

  it("a throttled call is repeated before its events", async () => {
    const throttled = failure("TooManyRequestsException", 429);
    await using server = await startServer(({ index }) =>
      index === 0 ? throttled : streamed([complete]),
    );
    await using client = server.session().client("lambda");
    const { $metadata, EventStream } = await client.invokeWithResponseStream(input);
    assert.equal($metadata.attempts, 2);
    for await (const event of EventStream ?? []) assert.ok(event.InvokeComplete);
  });

  it("the silence of a stream has a limit", async () => {
    await using server = await startServer(() => sends(streamed([chunk("one")], false)));
    await using client = server.session().client("lambda", { bodyTimeout: 50 });
    const { EventStream } = await client.invokeWithResponseStream(input);
    await assert.rejects(
      async () => {
        for await (const event of EventStream ?? []) assert.ok(event.PayloadChunk);
      },
      { name: "TimeoutError", limit: "bodyTimeout" },
    );
  });
});

it("an input that is a stream of events is refused before anything is sent", async () => {
  await using server = await startServer(() => failure("Unexpected", 500));
  const client = server.session().client("bedrock-runtime");
  for (const name of ["invokeModelWithBidirectionalStream", "InvokeModelWithBidirectionalStream"]) {
    await assert.rejects(client.call(name, { modelId: "m", body: [] }), {
      name: "TypeError",
      message: /needs HTTP\/2/,
    });
  }
  assert.equal(server.requests.length, 0);
});
