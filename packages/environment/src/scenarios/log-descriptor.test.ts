import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import type { InvokeResult } from "@lambdad/core";
import {
  type PoolFixture,
  type PoolFixtureOptions,
  startPool,
  textOf,
} from "../testdata/pool-fixture.ts";

const runtime = join(import.meta.dirname, "..", "testdata", "logging-runtime.mjs");

type Step = readonly [name: string, ...args: readonly (string | number)[]];

interface LoggingFixture extends PoolFixture {
  /** Lets the runtime do this in one invocation. */
  readonly run: (...steps: readonly Step[]) => Promise<InvokeResult>;
  readonly lines: () => string[];
}

async function startLogging(
  t: TestContext,
  options: PoolFixtureOptions = {},
): Promise<LoggingFixture> {
  const fixture = await startPool(t, [process.execPath, runtime], options);
  return {
    ...fixture,
    run: (...steps) => fixture.invoke({ steps }, { logTail: true }),
    lines: () => fixture.output.map(({ line }) => line),
  };
}

function tailOf(result: InvokeResult): string {
  return Buffer.from(result.logTail ?? []).toString();
}

describe("the log descriptor", () => {
  test("makes one event of a text of several lines", async (t) => {
    const { run, lines } = await startLogging(t);
    await run(["frame", "one\ntwo\nthree"], ["frame", "four\n"]);
    assert.deepEqual(lines(), ["one\ntwo\nthree\n", "four\n"]);
  });

  test("is read before the report of the invocation, fifty times", async (t) => {
    const { run } = await startLogging(t);
    for (let count = 0; count < 50; count += 1) {
      const result = await run(
        ["frame", "first"],
        ["stdout", "printed\n"],
        ["frame", "last\nline"],
      );
      assert.match(tailOf(result), /^START [^]*(printed|line)\nEND [^\n]*\nREPORT [^\n]*\n$/);
      assert.match(tailOf(result), /first\n[^]*last\nline\n/);
    }
  });

  test("is read to its end when the runtime has exited (RT-3)", async (t) => {
    const { run } = await startLogging(t);
    const result = await run(["frame", "last\nwords"], ["exit"]);
    assert.equal(result.kind, "failed");
    assert.match(tailOf(result), /last\nwords\nEND /);
  });

  test("may carry other bytes, which are lines until the next frame", async (t) => {
    const { run, lines } = await startLogging(t);
    await run(["raw", Buffer.from("plain\nhalf").toString("hex")], ["frame", "a\nb"]);
    // A frame that was not finished, and takes the head of the next for its text.
    await run(["raw", "a55a0003000000080000000000000001"], ["frame", "lost"], ["frame", "c\nd"]);
    assert.deepEqual(lines().slice(0, 3), ["plain\n", "half\n", "a\nb\n"]);
    assert.equal(lines().at(-1), "c\nd\n");
  });

  test("cuts a text of 100 MB and keeps nothing of it (RT-21, INV-8)", async (t) => {
    const { run, lines } = await startLogging(t, { timeoutMs: 60_000 });
    const before = process.memoryUsage().external;
    assert.equal((await run(["flood", 100_000_000], ["frame", "next"])).kind, "returned");
    assert.ok(process.memoryUsage().external - before < 64 * 1024 * 1024);
    assert.deepEqual(
      lines().map((line) => line.length),
      [262_144 + " [line cut]\n".length, "next\n".length],
    );
  });

  test("may be closed by the function", async (t) => {
    const { run, lines } = await startLogging(t);
    assert.equal((await run(["frame", "last"], ["close"])).kind, "returned");
    assert.equal((await run(["stdout", "printed\n"])).kind, "returned");
    assert.deepEqual(lines(), ["last\n", "printed\n"]);
  });

  test("may be kept by a process that outlives the runtime (RT-22)", async (t) => {
    const { run, lines, ends, faults } = await startLogging(t);
    assert.equal((await run(["frame", "before"], ["hold"], ["exit"])).kind, "failed");
    assert.equal((await run(["frame", "after"])).kind, "returned");
    assert.deepEqual(lines(), ["before\n", "after\n"]);
    assert.deepEqual(ends, ["exit"]);
    assert.equal(faults.filter(({ event }) => event === "env.leftover").length, 1);
  });

  test("is another one for each environment", async (t) => {
    const { run, lines } = await startLogging(t, { environmentsMax: 3 });
    await Promise.all(["a", "b", "c"].map((text) => run(["frame", `${text}\n${text}`])));
    assert.deepEqual(lines().toSorted(), ["a\na\n", "b\nb\n", "c\nc\n"]);
  });

  test("is not offered to a runtime of several invocations, nor inherited", async (t) => {
    const variables = { _LAMBDA_TELEMETRY_LOG_FD: "1" };
    const { run } = await startLogging(t, { concurrency: 2, variables });
    assert.equal(textOf(await run()), '{"log":null}');
    const { run: runAlone } = await startLogging(t, { variables });
    assert.equal(textOf(await runAlone()), '{"log":"62"}');
  });
});
