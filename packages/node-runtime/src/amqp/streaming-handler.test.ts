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
    ["a handler that is not async", (_event, stream) => void stream.end(), /non-async/],
  ];
  for (const [what, handler, message] of failures) {
    test(`fails for ${what}`, async () => {
      await assert.rejects(collected(handler), { message });
    });
  }
});
