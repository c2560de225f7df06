import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type InvokeResult, limits, payloadText, type ResponseStream } from "@lambdad/core";
import { CollectingStream, invocationOf, ManualClock, waitFor } from "@lambdad/testkit";
import { defineAwslambda } from "../awslambda.ts";
import { InvocationScope } from "../invocation-scope.ts";
import type { Handler } from "../load-handler.ts";
import type { ResponseStream as HandlerStream } from "../response-stream.ts";
import { HandlerInvoker } from "./handler-invoker.ts";
import { testEnvironment } from "./testdata/test-invokers.ts";

interface Awslambda {
  readonly streamifyResponse: (handler: unknown) => Handler;
  readonly HttpResponseStream: { from(stream: HandlerStream, metadata: object): HandlerStream };
}

defineAwslambda({}, {});
const { awslambda } = globalThis as unknown as { readonly awslambda: Awslambda };
const never = new AbortController().signal;
const timeoutMs = 3000;

type Streaming = (event: unknown, stream: HandlerStream) => unknown;

class StreamFixture {
  readonly clock = new ManualClock({ nowMs: 1000 });
  readonly invoker: HandlerInvoker;

  constructor(handler: Handler) {
    this.invoker = new HandlerInvoker({
      handler,
      timeoutMs,
      environment: testEnvironment,
      scope: new InvocationScope(true),
      logError: () => undefined,
      timedOut: () => undefined,
      clock: this.clock,
    });
  }

  static streaming(handler: Streaming): StreamFixture {
    return new StreamFixture(awslambda.streamifyResponse(handler));
  }

  invoke(stream: ResponseStream): Promise<InvokeResult> {
    return this.invoker.invoke({ ...invocationOf(Buffer.from("1")), stream }, never);
  }
}

function errorOf(result: InvokeResult): readonly [string | undefined, unknown] {
  if (result.kind !== "streamed") throw new Error(`Cannot read the error: it was ${result.kind}`);
  const { error } = result;
  return [error?.errorType, JSON.parse(error === undefined ? "null" : payloadText(error.payload))];
}

describe("HandlerInvoker with a stream", () => {
  test("passes a piece on before the handler ends", async () => {
    const gate = Promise.withResolvers<void>();
    const fixture = StreamFixture.streaming(async (_event, stream) => {
      stream.setContentType("text/plain");
      stream.write("first,");
      await gate.promise;
      stream.end("last");
    });
    const stream = new CollectingStream();
    const running = fixture.invoke(stream);
    await waitFor(() => stream.bytes.toString() === "first,");
    assert.equal(stream.contentType, "text/plain");
    assert.equal(fixture.invoker.running, 1);
    gate.resolve();
    assert.equal((await running).kind, "streamed");
    assert.equal(stream.bytes.toString(), "first,last");
  });

  test("puts the prelude of HttpResponseStream in front, with AWS's content type", async () => {
    const fixture = StreamFixture.streaming(async (_event, stream) => {
      awslambda.HttpResponseStream.from(stream, { statusCode: 201 }).end("body");
    });
    const stream = new CollectingStream();
    assert.deepEqual(errorOf(await fixture.invoke(stream)), [undefined, null]);
    assert.equal(stream.contentType, "application/vnd.awslambda.http-integration-response");
    assert.equal(stream.bytes.toString(), `{"statusCode":201}${"\0".repeat(8)}body`);
  });

  test("gives what a plain handler returns as one piece of its content type", async () => {
    for (const [value, contentType, text] of [
      [{ a: 1 }, "application/json", '{"a":1}'],
      [Buffer.from("raw"), "application/octet-stream", "raw"],
      [Buffer.alloc(0), "application/octet-stream", ""],
    ] as const) {
      const stream = new CollectingStream();
      const result = await new StreamFixture(() => value).invoke(stream);
      assert.deepEqual(errorOf(result), [undefined, null]);
      assert.equal(stream.contentType, contentType);
      assert.equal(stream.bytes.toString(), text);
      assert.ok(stream.chunks.length <= 1);
    }
  });

  test("starts a response without a byte, too", async () => {
    const fixture = StreamFixture.streaming(async (_event, stream) => void stream.end());
    const stream = new CollectingStream();
    assert.equal((await fixture.invoke(stream)).kind, "streamed");
    assert.equal(stream.contentType, "application/octet-stream");
    assert.deepEqual(stream.chunks, []);
  });

  test("ends a stream at the deadline, and drops what comes later (RT-20)", async () => {
    const ended = Promise.withResolvers<unknown>();
    const fixture = StreamFixture.streaming(async (_event, stream) => {
      stream.write("some");
      stream.once("close", () => {
        stream.write("late", (error: unknown) => ended.resolve(error));
      });
      await ended.promise;
    });
    const stream = new CollectingStream();
    const running = fixture.invoke(stream);
    await waitFor(() => stream.bytes.toString() === "some");
    await fixture.clock.advance(timeoutMs);
    const [errorType, body] = errorOf(await running);
    assert.equal(errorType, "Sandbox.Timedout");
    assert.match((body as { errorMessage: string }).errorMessage, /after 3\.00 seconds$/);
    assert.ok((await ended.promise) instanceof Error);
    assert.equal(stream.bytes.toString(), "some");
  });

  test("gives a deadline before the first byte as a failed result", async () => {
    const fixture = StreamFixture.streaming(() => new Promise(() => undefined));
    const stream = new CollectingStream();
    const running = fixture.invoke(stream);
    await fixture.clock.advance(timeoutMs);
    const result = await running;
    assert.equal(result.kind === "failed" && result.errorType, "Sandbox.Timedout");
    assert.equal(stream.contentType, undefined);
  });

  test("breaks off what is larger than a streamed response may be", async () => {
    const piece = Buffer.alloc(1_048_576);
    const fixture = StreamFixture.streaming(async (_event, stream) => {
      for (;;) {
        await new Promise((resolve, reject) => {
          stream.write(piece, (error: unknown) =>
            error instanceof Error ? reject(error) : resolve(null),
          );
        });
      }
    });
    let taken = 0;
    const result = await fixture.invoke({
      start: () => undefined,
      write: ({ byteLength }) => {
        taken += byteLength;
        return true;
      },
      onDrain: (listener) => listener(),
    });
    assert.equal(errorOf(result)[0], "Function.ResponseSizeTooLarge");
    assert.equal(taken, limits.streamedResponseBytesMax);
  });
});
