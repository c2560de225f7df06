import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { type InvokeResult, payloadOf, type ResponseStream } from "@lambdad/core";
import { CollectingStream, invocationOf, waitFor } from "@lambdad/testkit";
import { testEnvironment } from "./testdata/test-invokers.ts";
import { ThreadPool } from "./thread-pool.ts";

const never = new AbortController().signal;
// The threads' own reports of what the tests make them do.
process.env["AWS_LAMBDA_LOG_LEVEL"] = "FATAL";

async function startPool(t: TestContext, timeoutMs: number): Promise<ThreadPool> {
  const pool = new ThreadPool({
    settings: {
      url: new URL("./testdata/streaming-threads.mjs", import.meta.url).href,
      handlerName: "handler",
      environment: testEnvironment,
    },
    threads: 1,
    concurrency: 1,
    timeoutMs,
    timedOut: () => undefined,
    threadEnded: () => undefined,
  });
  t.after(() => pool.close());
  await pool.start();
  return pool;
}

function invoke(pool: ThreadPool, what: string, stream: ResponseStream): Promise<InvokeResult> {
  const payload = payloadOf(JSON.stringify({ do: what }));
  return pool.invoke({ ...invocationOf(Buffer.from("")), payload, stream }, never);
}

function errorTypeOf(result: InvokeResult): string | undefined {
  if (result.kind !== "streamed") throw new Error(`Cannot read the error: it was ${result.kind}`);
  return result.error?.errorType;
}

describe("ThreadPool with a stream", () => {
  test("ends the stream of a thread that never ends, and serves the next call", async (t) => {
    const pool = await startPool(t, 1_000);
    const stream = new CollectingStream();
    assert.equal(errorTypeOf(await invoke(pool, "spin", stream)), "Sandbox.Timedout");
    assert.equal(stream.bytes.toString(), "some");
    const next = new CollectingStream();
    assert.equal(errorTypeOf(await invoke(pool, "end", next)), undefined);
    assert.equal(next.bytes.toString(), "done");
  });

  test("ends the stream of a thread that exits", async (t) => {
    const pool = await startPool(t, 30_000);
    const stream = new CollectingStream();
    assert.equal(errorTypeOf(await invoke(pool, "exit", stream)), "Runtime.ExitError");
    assert.equal(stream.bytes.toString(), "some");
  });

  test("has one piece at a time on its way to a caller that does not read", async (t) => {
    const pool = await startPool(t, 30_000);
    let written = 0;
    let drain: (() => void) | undefined;
    const running = invoke(pool, "flood", {
      start: () => undefined,
      write: () => {
        written += 1;
        return false;
      },
      onDrain: (listener) => (drain = listener),
    });
    for (let piece = 1; piece <= 20; piece += 1) {
      await waitFor(() => drain !== undefined);
      assert.equal(written, piece);
      const next = drain;
      drain = undefined;
      next?.();
    }
    assert.equal(errorTypeOf(await running), undefined);
    assert.equal(written, 20);
  });
});
