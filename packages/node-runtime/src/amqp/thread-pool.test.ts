import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { type Invocation, type InvokeResult, payloadOf } from "@lambdad/core";
import { invocationOf, waitFor } from "@lambdad/testkit";
import type { ThreadExit } from "./failed-results.ts";
import { answerOf, errorOf, testEnvironment } from "./testdata/test-invokers.ts";
import { ThreadInitError, ThreadPool, type ThreadPoolOptions } from "./thread-pool.ts";

const never = new AbortController().signal;
const brokenVariable = "THREAD_TEST_BROKEN";
// The threads' own reports of what the tests make them do.
process.env["AWS_LAMBDA_LOG_LEVEL"] = "FATAL";

class PoolFixture {
  readonly folder: string = mkdtempSync(join(tmpdir(), "thread-pool-"));
  readonly ended: (readonly [ThreadExit, number])[] = [];
  readonly pool: ThreadPool;

  constructor(t: TestContext, options: Partial<ThreadPoolOptions> = {}) {
    process.env[brokenVariable] = this.path("broken");
    this.pool = new ThreadPool({
      settings: {
        url: new URL("./testdata/threads.mjs", import.meta.url).href,
        handlerName: "handler",
        environment: testEnvironment,
      },
      threads: 1,
      concurrency: 1,
      timeoutMs: 30_000,
      timedOut: () => undefined,
      threadEnded: (exit, calls) => this.ended.push([exit, calls]),
      ...options,
    });
    t.after(() => {
      this.pool.close();
      rmSync(this.folder, { recursive: true });
    });
  }

  static async start(
    t: TestContext,
    options: Partial<ThreadPoolOptions> = {},
  ): Promise<PoolFixture> {
    const fixture = new PoolFixture(t, options);
    await fixture.pool.start();
    return fixture;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  invoke(event: object, members: Partial<Invocation> = {}): Promise<InvokeResult> {
    const payload = payloadOf(JSON.stringify(event));
    const invocation = { ...invocationOf(Buffer.from("")), payload, ...members };
    return this.pool.invoke(invocation, never);
  }

  /** The thread that runs a call. */
  async threadOf(result: Promise<InvokeResult>): Promise<number> {
    return Number(answerOf(await result)[2]);
  }
}

describe("ThreadPool", () => {
  test("gives a call to the thread with the fewest", async (t) => {
    const fixture = await PoolFixture.start(t, { threads: 3, concurrency: 6 });
    const until = fixture.path("go");
    const held = Array.from({ length: 6 }, () => fixture.invoke({ do: "hold", until }));
    writeFileSync(until, "");
    const threads = await Promise.all(held.map((result) => fixture.threadOf(result)));
    const counts = new Map<number, number>();
    for (const thread of threads) counts.set(thread, (counts.get(thread) ?? 0) + 1);
    assert.deepEqual([...counts.values()], [2, 2, 2]);
  });

  test("runs a call beside one that blocks its thread, then ends that thread at the deadline (RT-4)", async (t) => {
    const fixture = await PoolFixture.start(t, { threads: 2, concurrency: 2, timeoutMs: 700 });
    const blocked = fixture.invoke({ do: "spin" });
    const first = await fixture.threadOf(fixture.invoke({}));
    assert.equal(errorOf(await blocked).errorType, "Sandbox.Timedout");
    // With one slot in each thread, two calls at once need the replaced one.
    const until = fixture.path("go");
    const started = ["one", "two"].map((name) => fixture.path(name));
    const both = started.map((file) => fixture.invoke({ do: "hold", until, started: file }));
    await waitFor(() => started.every((file) => existsSync(file)));
    writeFileSync(until, "");
    const threads = await Promise.all(both.map((result) => fixture.threadOf(result)));
    assert.ok(threads.includes(first));
    assert.notEqual(threads[0], threads[1]);
    assert.deepEqual(fixture.ended, []);
  });

  const exits = [
    [0, "Runtime exited without providing a reason"],
    [7, "Runtime exited with error: exit status 7"],
  ] as const;
  for (const [code, text] of exits) {
    test(`fails the calls of a thread that exits with ${code}, at once, and replaces it (RT-2)`, async (t) => {
      const fixture = await PoolFixture.start(t, { concurrency: 2 });
      const until = fixture.path("go");
      const beside = fixture.invoke({ do: "hold", until });
      const requestId = "00000000-0000-4000-8000-000000000001";
      const error = errorOf(await fixture.invoke({ do: "exit", code }, { requestId }));
      assert.equal(error.errorType, "Runtime.ExitError");
      assert.equal(error.errorMessage, `RequestId: ${requestId} Error: ${text}`);
      assert.equal(errorOf(await beside).errorType, "Runtime.ExitError");
      assert.deepEqual(fixture.ended, [[{ code, reason: undefined }, 2]]);
      assert.equal(answerOf(await fixture.invoke({}))[0], "returned");
    });
  }

  const uncaught = [
    ["throwLater", "RangeError", "nobody caught this", 129],
    ["rejectLater", "Runtime.UnhandledPromiseRejection", "RangeError: nobody handled this", 128],
  ] as const;
  for (const [action, errorType, errorMessage, code] of uncaught) {
    test(`fails a call with its own ${errorType} that nobody caught, and its neighbours with the exit`, async (t) => {
      const fixture = await PoolFixture.start(t, { concurrency: 2 });
      const beside = fixture.invoke({ do: "hold", until: fixture.path("never") });
      const error = errorOf(await fixture.invoke({ do: action }));
      assert.deepEqual([error.errorType, error.errorMessage], [errorType, errorMessage]);
      assert.equal(errorOf(await beside).errorType, "Runtime.ExitError");
      assert.deepEqual(fixture.ended, [[{ code, reason: undefined }, 1]]);
    });
  }

  test("start() rejects with what the function's module threw", async (t) => {
    const fixture = new PoolFixture(t, { threads: 2 });
    writeFileSync(fixture.path("broken"), "");
    await assert.rejects(fixture.pool.start(), (error) => {
      assert.ok(error instanceof ThreadInitError);
      assert.equal(error.body.errorType, "TypeError");
      assert.match(error.message, /^Cannot load the function: TypeError: broken at load$/);
      return true;
    });
  });

  test("tells callers why no thread comes up any more, and recovers (RT-8)", async (t) => {
    const fixture = await PoolFixture.start(t);
    assert.equal(errorOf(await fixture.invoke({ do: "break" })).errorType, "Runtime.ExitError");
    const error = errorOf(await fixture.invoke({}));
    assert.deepEqual([error.errorType, error.errorMessage], ["TypeError", "broken at load"]);
    rmSync(fixture.path("broken"));
    await waitFor(async () => answerOf(await fixture.invoke({}))[0] === "returned");
  });

  test("invoke() expires a call that waits for a thread, without running it", async (t) => {
    const fixture = await PoolFixture.start(t);
    const until = fixture.path("go");
    const running = fixture.invoke({ do: "hold", until });
    const expiresAtMs = performance.now() + 50;
    const waiting = await fixture.invoke({ do: "exit", code: 1 }, { expiresAtMs });
    assert.equal(errorOf(waiting).errorType, "Sandbox.Timedout");
    writeFileSync(until, "");
    assert.equal(answerOf(await running)[0], "returned");
    assert.deepEqual(fixture.ended, []);
  });
});
