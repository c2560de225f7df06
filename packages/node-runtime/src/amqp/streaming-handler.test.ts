import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { payloadText } from "@lambdad/core";
import type { Handler } from "../load-handler.ts";
import type { ResponseStream } from "../response-stream.ts";
import { RawResponse } from "./encode-result.ts";
import { streamingHandler } from "./streaming-handler.ts";

type Streaming = (event: unknown, stream: ResponseStream, context: unknown) => unknown;

function collected(handler: Streaming): Promise<unknown> {
  const run = streamingHandler(handler as unknown as Handler, { highWaterMark: undefined });
  return run("event", { toString: () => "context" }, undefined);
}

describe("streamingHandler()", () => {
  test("gives what the handler has sent, as one response of its content type", async () => {
    const response = await collected(async (event, stream, context) => {
      stream.setContentType("text/plain");
      stream.write(`${String(event)},`);
      await new Promise((resolve) => setImmediate(resolve));
      stream.write(Buffer.from(String(context)));
      stream.end();
    });
    assert.ok(response instanceof RawResponse);
    assert.equal(payloadText(response.payload), "event,context");
    assert.equal(response.contentType, "text/plain");
  });

  test("waits for a stream that ends after the handler", async () => {
    const response = await collected(async (_event, stream) => {
      setTimeout(() => stream.end("late"), 1);
    });
    assert.ok(response instanceof RawResponse);
    assert.equal(payloadText(response.payload), "late");
  });

  test("keeps what it collects apart from memory that the function uses again", async () => {
    const response = await collected(async (_event, stream) => {
      const scratch = Buffer.alloc(1);
      for (const letter of "abc") {
        scratch.write(letter);
        await new Promise((resolve) => stream.write(scratch, resolve));
      }
      stream.end();
    });
    assert.ok(response instanceof RawResponse);
    assert.equal(payloadText(response.payload), "abc");
  });

  test("keeps no more than it takes to see that a response is too large", async () => {
    const piece = Buffer.alloc(1_000_000);
    const response = await collected(async (_event, stream) => {
      for (let count = 0; count < 20; count++) stream.write(piece);
      stream.end();
    });
    assert.ok(response instanceof RawResponse);
    assert.equal(response.payload.byteLength, 7_000_000);
  });

  const failures: readonly (readonly [string, Streaming, RegExp])[] = [
    [
      "a handler that fails after its first bytes",
      async (_event, stream) => {
        stream.write("some");
        throw new Error("broke");
      },
      /^broke$/,
    ],
    ["a stream that is destroyed", async (_event, stream) => void stream.destroy(), /not finished/],
    ["a stream that breaks", async (_e, stream) => void stream.destroy(new Error("torn")), /torn/],
    [
      "a content type that is longer than a header may be",
      async (_event, stream) => stream.setContentType("x".repeat(256)),
      /^Cannot set content-type: /,
    ],
    [
      "a content type with a line of its own",
      async (_event, stream) => stream.setContentType("text/html\r\nX: y"),
      /^Cannot set content-type: /,
    ],
    ["a handler that is not async", (_event, stream) => void stream.end(), /non-async/],
  ];
  for (const [what, handler, message] of failures) {
    test(`fails for ${what}`, async () => {
      await assert.rejects(collected(handler), { message });
    });
  }
});
