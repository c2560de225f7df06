import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import type { Profiler } from "node:inspector";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { Worker } from "node:worker_threads";
import { startProfiling } from "./start-profiling.ts";

const samplesWanted = 200;

/** Takes CPU for some hundred samples of a millisecond. */
function burnInTheMainThread(): number {
  let sum = 0;
  const { user } = process.cpuUsage();
  while (process.cpuUsage().user - user < 1000 * samplesWanted) {
    for (let index = 0; index < 100_000; index++) sum += Math.sqrt(index);
  }
  return sum;
}

const workerCode = `
const { parentPort } = require("node:worker_threads");
function burnInTheWorker() {
  let sum = 0;
  const from = performance.now();
  while (performance.now() - from < ${2 * samplesWanted}) {
    for (let index = 0; index < 100_000; index++) sum += Math.sqrt(index);
  }
  return sum;
}
parentPort.once("message", () => parentPort.postMessage(burnInTheWorker()));
parentPort.on("message", () => {});
`;

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "profiling-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function profileIn(path: string): Profiler.Profile {
  return JSON.parse(readFileSync(path, "utf8")) as Profiler.Profile;
}

describe("startProfiling()", () => {
  test("writes V8's profile, and prints the busy function at the top", async (t) => {
    const folder = join(folderOf(t), "profiles");
    let printed = "";
    const profiling = await startProfiling({
      folder,
      name: "shop/echo",
      write: (text) => void (printed += text),
    });
    burnInTheMainThread();
    const paths = await profiling.finish();
    assert.deepEqual(await profiling.finish(), paths);

    const [file = "", ...others] = readdirSync(folder);
    assert.deepEqual(others, []);
    assert.match(file, new RegExp(`^shop_echo-${process.pid}-\\d{8}T\\d{9}Z\\.cpuprofile$`));
    assert.deepEqual(paths, [join(folder, file)]);
    const { nodes, samples, timeDeltas, startTime, endTime } = profileIn(join(folder, file));
    assert.ok(nodes.some(({ callFrame }) => callFrame.functionName === "burnInTheMainThread"));
    assert.ok((samples?.length ?? 0) >= samplesWanted / 4, `${samples?.length} samples`);
    assert.equal(timeDeltas?.length, samples?.length);
    assert.ok(endTime > startTime);

    const [title, head, first] = printed.split("\n");
    assert.match(title ?? "", /^CPU profile: \d+\.\d s, \d+\.\d % busy$/);
    assert.match(head ?? "", /^ +Self +Total +Function +File$/);
    assert.match(first ?? "", / burnInTheMainThread +\S*start-profiling\.test\.ts:\d+$/);
    assert.ok(printed.endsWith(`Written to ${paths[0]}\n`));
  });

  test("profiles workers that ran before and that came later, each in a file", async (t) => {
    const early = new Worker(workerCode, { eval: true });
    t.after(() => early.terminate());
    await once(early, "online");
    const folder = folderOf(t);
    let printed = "";
    const profiling = await startProfiling({ folder, write: (text) => void (printed += text) });
    const late = new Worker(workerCode, { eval: true });
    t.after(() => late.terminate());
    await once(late, "online");
    for (const worker of [early, late]) {
      worker.postMessage("burn");
      await once(worker, "message");
    }
    const paths = await profiling.finish();

    assert.equal(paths.length, 3);
    for (const { threadId } of [early, late]) {
      const path = paths.find((each) => each.endsWith(`-worker-${threadId}.cpuprofile`)) ?? "";
      const { nodes } = profileIn(path);
      assert.ok(nodes.some(({ callFrame }) => callFrame.functionName === "burnInTheWorker"));
    }
    assert.match(printed, /^CPU profile: \d+\.\d s of 3 threads, /);
    assert.match(printed.split("\n")[2] ?? "", / burnInTheWorker /);
  });

  test("does without the profile of a worker that has ended", async (t) => {
    const folder = folderOf(t);
    const profiling = await startProfiling({ folder, write: () => {} });
    const worker = new Worker("", { eval: true });
    await once(worker, "exit");
    assert.equal((await profiling.finish()).length, 1);
  });

  test("takes the profile when its time is up, and says so", async (t) => {
    const folder = folderOf(t);
    let printed = "";
    const profiling = await startProfiling({
      folder,
      profiledMsMax: 1,
      write: (text) => void (printed += text),
    });
    // Timers fire in the order in which they are due.
    await new Promise((resolve) => setTimeout(resolve, 5));
    burnInTheMainThread();
    await profiling.finish();
    assert.ok(printed.startsWith("Profiled were the first 0 s\nCPU profile: "), printed);
    assert.ok(!printed.includes("burnInTheMainThread"));
  });

  test("finish() prints the table and rejects when the file cannot be written", async () => {
    const folder = "/dev/null/profiles";
    let printed = "";
    const profiling = await startProfiling({ folder, write: (text) => void (printed += text) });
    const message = /^Cannot write the CPU profile: ENOTDIR: .*\/dev\/null\/profiles/;
    await assert.rejects(profiling.finish(), { message });
    assert.match(printed, /^CPU profile: /);
  });

  test("profiles again after the end of another", async (t) => {
    const folder = folderOf(t);
    for (const name of ["first", "second"]) {
      const profiling = await startProfiling({ folder, name, write: () => {} });
      await profiling.finish();
    }
    assert.equal(readdirSync(folder).length, 2);
  });
});
