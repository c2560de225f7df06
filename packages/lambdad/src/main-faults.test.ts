import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { type RogueReport, rogueRuntime, type RogueMode, waitFor } from "@lambdad/testkit";
import {
  type Answer,
  type DaemonProcess,
  functionFolder,
  spawnLambdad,
  startDaemon,
} from "./testdata/daemon-process.ts";
import { temporaryFolder } from "./testdata/named-pipe.ts";

const timeout = 60_000;

function startRogue(
  t: TestContext,
  mode: readonly [RogueMode, ...string[]],
  options: readonly string[],
): Promise<DaemonProcess> {
  return startDaemon(t, [...options, ...rogueRuntime(...mode)]);
}

function assertFailed(answer: Answer, errorType: string, message: RegExp): void {
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("x-amz-function-error"), "Unhandled");
  const body = answer.json as { errorType: string; errorMessage: string };
  assert.equal(body.errorType, errorType);
  assert.match(body.errorMessage, message);
}

// The other misdeeds of runtimes and callers: conformance/src/bad-runtimes.test.ts, bad-callers.test.ts.
describe("a function that runs past its time (RT-4, INV-6)", () => {
  test(
    "is answered, and another one at the same time and the next are not touched",
    { timeout },
    async (t) => {
      const gate = join(temporaryFolder(t), "gate");
      const body = `
      const { existsSync } = await import("node:fs");
      if (event.hang) for (;;);
      while (event.gate && !existsSync(event.gate)) await new Promise((r) => setTimeout(r, 10));
      return process.pid;`;
      const options = ["--max-concurrency=2", "--timeout=4"];
      const daemon = await startDaemon(t, ["run", ...options, "app.handler"], {
        cwd: functionFolder(t, body),
      });
      const warm = (await daemon.invoke({})).json;
      const hanging = daemon.invoke({ hang: true });
      // It begins when the other has run for a while, and is still there at the other's end.
      await waitFor(() => daemon.stderr.split("START RequestId").length === 3, {
        what: "its start",
      });
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      const held = daemon.invoke({ gate });
      const answer = await hanging;
      writeFileSync(gate, "");
      assertFailed(
        answer,
        "Sandbox.Timedout",
        /^RequestId: \S+ Error: Task timed out after 4\.00 seconds$/,
      );
      const other = (await held).json;
      assert.equal(typeof other, "number");
      assert.notEqual(other, warm);
      const next = await daemon.invoke({});
      assert.equal(next.headers.get("x-amz-function-error"), null);
      assert.notEqual(next.json, warm);
      assert.match(daemon.stderr, / WARN invoke\.timeout .*requestId=\S+ ms=4000\n/);
    },
  );
});

test(
  "an answer that comes after the time-out reaches nobody (RT-14, INV-5)",
  { timeout },
  async (t) => {
    // With several at once the runtime lives on after a time-out, and can answer late.
    const options = ["--environment-concurrency=2", "--timeout=1"];
    const daemon = await startRogue(t, ["late", "1500"], options);
    const answer = await daemon.invoke({ late: true });
    assertFailed(answer, "Sandbox.Timedout", /Task timed out after 1\.00 seconds$/);
    await waitFor(() => daemon.stdout.includes("late response"), { what: "the late answer" });
    const report = (await daemon.invoke({ report: true })).json as RogueReport;
    const [entry] = report.seen;
    assert.equal(entry?.step, "late response");
    assert.equal(entry.status, 410);
    await waitFor(() =>
      / INFO Refused a call of the Runtime API reason=late\n/.test(daemon.stderr),
    );
  },
);

describe("an error that nothing caught", () => {
  const file = fileURLToPath(new URL("testdata/throw-on-signal.mjs", import.meta.url));
  for (const [what, signal, message] of [
    ["exception", "SIGUSR2", "Error: as told"],
    ["rejection", "SIGWINCH", "TypeError: rejected as told"],
  ] as const) {
    test(
      `(${what}) is logged, what runs is finished, and the exit code is 1`,
      { timeout },
      async (t) => {
        const gate = join(temporaryFolder(t), "gate");
        const body = `
        const { existsSync } = await import("node:fs");
        while (!existsSync(event.gate)) await new Promise((resolve) => setTimeout(resolve, 10));
        return context.awsRequestId;`;
        const daemon = await startDaemon(t, ["run", "--timeout=60", "app.handler"], {
          cwd: functionFolder(t, body),
          nodeOptions: [`--import=${file}`],
        });
        const running = daemon.invoke({ gate });
        await waitFor(() => daemon.stderr.includes("START RequestId"), { what: "its start" });
        daemon.child.kill(signal);
        await waitFor(() => daemon.stderr.includes("Stopping"), { what: "the stop" });
        assert.equal((await daemon.invoke({})).status, 503);
        writeFileSync(gate, "");
        const answer = await running;
        assert.equal(answer.status, 200);
        const { code, stderr } = await daemon.end;
        assert.equal(code, 1);
        const line = stderr.split("\n").find((each) => each.includes("Unexpected error"));
        assert.ok(line?.includes(message), stderr);
        assert.ok(line?.includes(` requestIds=${String(answer.json)}`), line);
        assert.doesNotMatch(stderr, /hunter2/);
      },
    );
  }
});

test(
  "a start that fails because its port is taken starts no process (HO-9)",
  { timeout },
  async (t) => {
    const daemon = await startDaemon(t, ["run", "app.handler"], {
      cwd: functionFolder(t, "return 1;"),
    });
    const started = join(temporaryFolder(t), "started");
    const { port } = new URL(daemon.url);
    const command = ["/bin/sh", "-c", `echo > '${started}'`];
    // Events and metrics are ready before the ports are: they must not hold the end up.
    const options = [`--port=${port}`, "--events=memory", "--metrics"];
    const { code, stderr } = await spawnLambdad(t, [...options, ...command]).end;
    assert.equal(code, 1);
    assert.match(stderr, /^lambdad: Cannot listen on [^\n]+: the port is taken\. [^\n]+\n$/);
    assert.equal(existsSync(started), false);
    assert.equal((await daemon.invoke({})).json, 1);
  },
);

for (const [signals, expected] of [
  [["SIGHUP"], 0],
  [["SIGHUP", "SIGHUP"], 129],
] as const) {
  test(
    `a terminal that closes (${signals.join(", ")}) ends the daemon with ${expected}, and its function (INV-12)`,
    { timeout },
    async (t) => {
      const body = "if (event.hang) for (;;);\nreturn process.pid;";
      const options = ["--timeout=60", `--drain-timeout=${signals.length === 1 ? 0.1 : 60}`];
      const daemon = await startDaemon(t, ["run", ...options, "app.handler"], {
        cwd: functionFolder(t, body),
      });
      const pid = Number((await daemon.invoke({})).json);
      const hanging = daemon.invoke({ hang: true }).then(
        ({ status }) => status,
        () => "cut",
      );
      await waitFor(() => daemon.stderr.split("START RequestId").length === 3, {
        what: "its start",
      });
      for (const signal of signals) {
        daemon.child.kill(signal);
        await waitFor(() => daemon.stderr.includes("Stopping"), { what: "the stop" });
      }
      assert.equal((await daemon.end).code, expected);
      assert.equal(await hanging, signals.length === 1 ? 503 : "cut");
      await waitFor(() => !isRunning(pid), { what: "the end of the function" });
    },
  );
}

const noProc = existsSync("/proc/self/environ") ? false : "there is no /proc";
test(
  "a second signal ends also what left the process group (HO-8, INV-12)",
  { timeout, skip: noProc },
  async (t) => {
    const body = `
      if (event.hang) await new Promise((resolve) => setTimeout(resolve, 60_000));
      const { spawn } = await import("node:child_process");
      // A session of its own.
      return spawn("sleep", ["60"], { detached: true, stdio: "ignore" }).pid;`;
    const options = ["--timeout=60", "--drain-timeout=60"];
    const daemon = await startDaemon(t, ["run", ...options, "app.handler"], {
      cwd: functionFolder(t, body),
    });
    const pid = Number((await daemon.invoke({})).json);
    assert.ok(isRunning(pid));
    const cut = assert.rejects(daemon.invoke({ hang: true }));
    await waitFor(() => daemon.stderr.split("START RequestId").length === 3, { what: "its start" });
    daemon.child.kill("SIGTERM");
    await waitFor(() => daemon.stderr.includes("Stopping"), { what: "the stop" });
    daemon.child.kill("SIGTERM");
    assert.equal((await daemon.end).code, 143);
    await cut;
    await waitFor(() => !isRunning(pid), { what: "the end of the daemonised process" });
  },
);

/** Not gone, and no zombie that nobody has collected yet. */
function isRunning(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
}
