import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { markVariable } from "./daemon-process.ts";
import { holdInvocation } from "./held-invocation.ts";
import { peerCommand } from "./host.ts";
import { invoke, json } from "./invoke.ts";
import { childrenOf, hasProc, markedProcesses } from "./processes.ts";
import { rawCommand } from "./runtimes.ts";
import { type Daemon, startLambdad } from "./start-lambdad.ts";

const options = { timeout: 60_000 };
const skip = !hasProc ? "needs /proc" : peerCommand === undefined ? false : "lambdad alone";

/** Asks again until it holds; throws after 10 s with what it was last. */
async function eventually<T>(read: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const value = await read();
    if (holds(value)) return value;
    if (performance.now() > deadline) throw new Error(`Not in time: ${JSON.stringify(value)}`);
    await sleep(20);
  }
}

const isEmpty = (list: readonly unknown[]): boolean => list.length === 0;

describe("a daemon that was killed with SIGKILL (HO-1, INV-11, INV-12)", { skip }, () => {
  test("its callers see the end, and the next daemon ends what it left", options, async () => {
    const first = await startLambdad(["--timeout=60", ...rawCommand], { MAX_CONCURRENCY: "2" });
    let second: Daemon | undefined;
    try {
      const child = json(await invoke(first, '{"action":"daemon"}')) as { daemon: number };
      const held = await holdInvocation(first);
      first.kill("SIGKILL");
      await assert.rejects(held.answer);
      assert.deepEqual(await first.exited, { status: null, signal: "SIGKILL" });
      const left = await markedProcesses(markVariable, first.mark);
      assert.ok(left.includes(child.daemon), "nothing was left, so nothing is proven");

      second = await startLambdad(rawCommand, {});
      assert.deepEqual(json(await invoke(second, "1")), 1);
      await eventually(() => markedProcesses(markVariable, first.mark), isEmpty);
    } finally {
      await first.stop();
      await second?.stop();
    }
  });

  test("a daemon that runs is left alone by another that starts", options, async () => {
    const first = await startLambdad(["--timeout=60", ...rawCommand], {});
    let second: Daemon | undefined;
    try {
      const held = await holdInvocation(first);
      second = await startLambdad(rawCommand, {});
      assert.deepEqual(json(await invoke(second, "1")), 1);
      await held.finish();
    } finally {
      await first.stop();
      await second?.stop();
    }
  });
});

const unshare = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"];

function whyNoNamespace(): string | false {
  if (skip !== false) return skip;
  if (process.getuid?.() !== 0) return "needs root";
  const [command = "", ...args] = unshare;
  return spawnSync(command, [...args, "true"]).status === 0 ? false : "needs unshare";
}

async function withProcessOne(
  work: (daemon: Daemon, processOne: number) => Promise<void>,
): Promise<void> {
  const daemon = await startLambdad(["--host=127.0.0.1", ...rawCommand], {}, { prefix: unshare });
  try {
    const [processOne] = await childrenOf(daemon.pid);
    if (processOne === undefined) throw new Error("Cannot find process 1: unshare has no child");
    await work(daemon, processOne);
  } finally {
    daemon.kill("SIGKILL");
    await daemon.stop();
  }
}

describe("a daemon that is process 1 (HO-10)", { skip: whyNoNamespace() }, () => {
  test("reaps the orphans of its functions", options, () =>
    withProcessOne(async (daemon, processOne) => {
      const before = await childrenOf(processOne);
      const event = JSON.stringify({ action: "orphan", count: 20 });
      assert.equal((await invoke(daemon, event)).status, 200);
      assert.ok((await childrenOf(processOne)).length >= before.length + 20);
      // Zombies are children too, until they are reaped.
      await eventually(
        () => childrenOf(processOne),
        (children) => children.length <= before.length + 1,
      );
      assert.deepEqual(json(await invoke(daemon, "1")), 1);
    }),
  );

  test("ends with 0 on SIGTERM, and everything with it", options, () =>
    withProcessOne(async (daemon, processOne) => {
      const held = await holdInvocation(daemon);
      process.kill(processOne, "SIGTERM");
      await daemon.output.waitFor(/Stopping/, 10_000);
      await held.finish();
      assert.deepEqual(await daemon.exited, { status: 0, signal: null });
      assert.deepEqual(await markedProcesses(markVariable, daemon.mark), []);
    }),
  );
});
