import assert from "node:assert/strict";
import { test } from "node:test";
import { waitFor } from "@lambdad/testkit";
import type { PlatformEvent } from "../platform-event.ts";
import {
  lives,
  startExtensions,
  startSink,
  subscriber,
  subscriptionTo,
} from "../testdata/extension-pool.ts";
import { failed, textOf } from "../testdata/pool-fixture.ts";

/** Kills one process after this many answers. */
const answersPerKill = 15;
const kills = 8;

function requestIdsOf(events: readonly PlatformEvent[], type: string): readonly string[] {
  return events
    .flatMap((event) => (event.type === type && "requestId" in event ? [event.requestId] : []))
    .toSorted();
}

test("every invocation is answered, whichever process is killed (EX-2, RT-2, RT-22)", async (t) => {
  const sink = await startSink(t);
  const { invoke, journal, events, pool } = await startExtensions(
    t,
    {
      agent: subscriber(subscriptionTo(sink)),
      other: { prints: false, language: "bash" },
    },
    { environmentsMax: 3, timeoutMs: 30_000, waitMsMax: 60_000 },
  );
  let next = 0;
  function killOne(): void {
    const alive = journal.of("start").filter(lives);
    // Each in its turn: runtimes, and extensions of both kinds.
    const victim = alive[next % Math.max(1, alive.length)];
    if (victim !== undefined) process.kill(victim.pid, "SIGKILL");
  }
  const lost: string[] = [];
  async function call(): Promise<void> {
    while (next < answersPerKill * kills) {
      next += 1;
      const index = next;
      const result = await invoke({ index });
      if (result.kind === "failed") lost.push(failed(result).errorType);
      else assert.deepEqual(JSON.parse(textOf(result)), { index });
      if (index % answersPerKill === 0) killOne();
    }
  }
  await Promise.all([call(), call(), call(), call()]);
  await pool.stop(5_000);
  const known = /^(?:Extension\.Crash|Runtime\.ExitError)$/;
  for (const errorType of lost) assert.match(errorType, known);
  // At most those that ran, or waited for the environment that was killed.
  assert.ok(lost.length <= 4 * kills, `${lost.length} invocations lost`);
  assert.deepEqual(requestIdsOf(events, "platform.start"), requestIdsOf(events, "platform.report"));
  assert.deepEqual(pool.counts, { starting: 0, idle: 0, busy: 0, waiting: 0 });
  await waitFor(() => !journal.entries().some(lives));
  assert.deepEqual(sink.breaches, []);
});
