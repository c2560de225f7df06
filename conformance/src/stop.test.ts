import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent } from "node:http";
import { connect } from "node:net";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { markVariable } from "./daemon-process.ts";
import { holdInvocation } from "./held-invocation.ts";
import { peerCommand } from "./host.ts";
import { header, invoke, json } from "./invoke.ts";
import { markedProcesses } from "./processes.ts";
import { rawCommand } from "./runtimes.ts";
import { type Daemon, spawnLambdad, startLambdad } from "./start-lambdad.ts";

const skip = peerCommand === undefined ? false : "lambdad alone";
const options = { timeout: 60_000 };

/** Longer than a test may take: a stop that waits for it has not noticed that all is done. */
const longDrain = "--drain-timeout=300";

async function withDaemon(
  args: readonly string[],
  env: Record<string, string>,
  work: (daemon: Daemon) => Promise<void>,
): Promise<void> {
  // Killed before the test's own limit: a stop that never comes is then an assertion that says so.
  const daemon = await startLambdad([...args, ...rawCommand], env, { lifeMs: 30_000 });
  try {
    await work(daemon);
  } finally {
    daemon.kill("SIGKILL");
    await daemon.stop();
  }
}

async function leftBehind(daemon: Daemon): Promise<readonly number[]> {
  return markedProcesses(markVariable, daemon.mark);
}

/** How long the system may take to end a process that was killed, in milliseconds. */
const killedMsMax = 5000;

/** What is left also when processes that were killed a moment ago had the time to go. */
async function leftForGood(daemon: Daemon): Promise<readonly number[]> {
  const deadline = performance.now() + killedMsMax;
  for (;;) {
    const left = await leftBehind(daemon);
    if (left.length === 0 || performance.now() > deadline) return left;
    await sleep(20);
  }
}

async function stopping(daemon: Daemon): Promise<void> {
  await daemon.output.waitFor(/Stopping/, 10_000);
}

describe("a daemon that is told to stop (HO-8)", { skip }, () => {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    test(`${signal}: what runs finishes, nothing new is taken, the exit code is 0`, options, () =>
      withDaemon(["--timeout=60", longDrain], {}, async (daemon) => {
        const held = await holdInvocation(daemon);
        daemon.kill(signal);
        await stopping(daemon);
        assert.match(await newcomer(daemon), /^(ECONNREFUSED|503)$/);
        await held.finish();
        assert.deepEqual(await daemon.exited, { status: 0, signal: null });
        assert.deepEqual(await leftBehind(daemon), []);
      }),
    );
  }

  test("an idle daemon with a warm environment ends with 0 and leaves nothing", options, () =>
    withDaemon([longDrain], {}, async (daemon) => {
      const started = json(await invoke(daemon, '{"action":"daemon"}')) as { daemon: number };
      assert.ok((await leftBehind(daemon)).includes(started.daemon));
      daemon.kill("SIGTERM");
      assert.deepEqual(await daemon.exited, { status: 0, signal: null });
      assert.deepEqual(await leftBehind(daemon), []);
    }),
  );

  test("a daemon that was never called ends with 0", options, () =>
    withDaemon([], {}, async (daemon) => {
      daemon.kill("SIGTERM");
      assert.deepEqual(await daemon.exited, { status: 0, signal: null });
    }),
  );

  test("a request on an open connection gets 503 and the connection's end", options, () =>
    withDaemon(["--timeout=60", longDrain], {}, async (daemon) => {
      const held = await holdInvocation(daemon);
      const socket = await connectTo(daemon);
      let text = "";
      socket.setEncoding("latin1").on("data", (piece: string) => (text += piece));
      // The first half before the signal: the connection is in use, and stays.
      const path = "/2015-03-31/functions/conformance/invocations";
      socket.write(`POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\n`);
      await invoke(daemon, "{}", { headers: { "X-Amz-Invocation-Type": "DryRun" } });
      daemon.kill("SIGTERM");
      await stopping(daemon);
      socket.write("\r\n{}");
      await once(socket, "close");
      assert.match(text, /^HTTP\/1\.1 503 /);
      assert.match(text, /\r\nx-amzn-ErrorType: ServiceException\r\n/i);
      assert.match(text, /\r\nconnection: close\r\n/i);
      await held.finish();
      assert.deepEqual(await daemon.exited, { status: 0, signal: null });
    }),
  );

  test("what still runs after the drain limit is answered with 503", options, () =>
    withDaemon(["--timeout=60", "--drain-timeout=0.5"], {}, async (daemon) => {
      const held = await holdInvocation(daemon);
      daemon.kill("SIGTERM");
      const answer = await held.answer;
      assert.equal(answer.status, 503);
      assert.equal(header(answer, "x-amzn-ErrorType"), "ServiceException");
      assert.deepEqual(await daemon.exited, { status: 0, signal: null });
      assert.deepEqual(await leftBehind(daemon), []);
    }),
  );

  for (const [signal, status] of [
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const) {
    test(`a second ${signal} ends it now, with ${status}, and leaves nothing`, options, () =>
      withDaemon(["--timeout=60", longDrain], {}, async (daemon) => {
        const held = await holdInvocation(daemon);
        daemon.kill(signal);
        await stopping(daemon);
        daemon.kill(signal);
        assert.deepEqual(await daemon.exited, { status, signal: null });
        await assert.rejects(held.answer);
        // It does not wait for those that it has killed.
        assert.deepEqual(await leftForGood(daemon), []);
      }),
    );
  }

  test("a caller whose environment still starts gets 503, not a hang", options, () =>
    withDaemon(["--init-timeout=60", "--timeout=60"], { FIXTURE_INIT: "hang" }, async (daemon) => {
      const waiting = invoke(daemon, "{}");
      while ((await leftBehind(daemon)).length < 2) {
        // The runtime's process is on its way.
      }
      daemon.kill("SIGTERM");
      assert.equal((await waiting).status, 503);
      assert.deepEqual(await daemon.exited, { status: 0, signal: null });
      assert.deepEqual(await leftBehind(daemon), []);
    }),
  );
});

/** What a new caller gets: a status, or the code of the failure to connect. */
async function newcomer(daemon: Daemon): Promise<string> {
  const agent = new Agent();
  try {
    return String((await invoke(daemon, "{}", { agent })).status);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  } finally {
    agent.destroy();
  }
}

async function connectTo(daemon: Daemon): Promise<ReturnType<typeof connect>> {
  const { hostname, port } = new URL(daemon.invokeUrl);
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  return socket;
}

/** Exit status and what it wrote on both streams. */
async function failedStart(
  args: readonly string[],
): Promise<{ status: number | null; text: string }> {
  const daemon = spawnLambdad([...args, ...rawCommand], {});
  const timer = setTimeout(() => daemon.kill("SIGKILL"), 20_000);
  const { status } = await daemon.exited;
  clearTimeout(timer);
  return { status, text: daemon.output.text.trim() };
}

describe("a daemon that cannot start says why in one line (HO-9)", { skip }, () => {
  test("a port that is taken: status 1, the port and what to type", options, () =>
    withDaemon([], {}, async ({ invokeUrl }) => {
      const { port } = new URL(invokeUrl);
      const { status, text } = await failedStart([`--port=${port}`]);
      assert.equal(status, 1, text);
      assert.equal(text.split("\n").length, 1, text);
      assert.ok(text.includes(port), text);
      assert.match(text, /--port/);
    }),
  );

  test("a Runtime API port that is taken: status 1, the port and what to type", options, () =>
    withDaemon([], {}, async ({ invokeUrl }) => {
      const { port } = new URL(invokeUrl);
      const { status, text } = await failedStart([`--runtime-api-port=${port}`]);
      assert.equal(status, 1, text);
      assert.equal(text.split("\n").length, 1, text);
      assert.ok(text.includes(port), text);
      assert.match(text, /--runtime-api-(port|address)/);
    }),
  );

  test("an address that this machine has not: status 1 and the address", options, async () => {
    const { status, text } = await failedStart(["--host=192.0.2.1"]);
    assert.equal(status, 1, text);
    assert.equal(text.split("\n").length, 1, text);
    assert.ok(text.includes("192.0.2.1"), text);
  });

  test("a bad value: not started, with the option and the value (HO-13)", options, async () => {
    const { status, text } = await failedStart(["--timeout=soon"]);
    assert.ok(status === 1 || status === 2, text);
    assert.match(text, /--timeout/);
    assert.match(text, /soon/);
  });
});

describe("a daemon whose output nobody takes keeps serving (HO-12)", { skip }, () => {
  const flood = JSON.stringify({ action: "flood", bytes: 4 * 1024 * 1024 });

  test("its reader is gone", options, () =>
    withDaemon([], {}, async (daemon) => {
      daemon.closeOutput();
      for (let call = 0; call < 10; call += 1) {
        assert.equal((await invoke(daemon, flood)).status, 200);
      }
      daemon.kill("SIGTERM");
      assert.deepEqual(await daemon.exited, { status: 0, signal: null });
    }),
  );

  test("its pipe is full", options, () =>
    withDaemon([], {}, async (daemon) => {
      daemon.stallOutput();
      for (let call = 0; call < 10; call += 1) {
        assert.equal((await invoke(daemon, flood)).status, 200);
      }
    }),
  );

  test("it ends with 0 while its pipe is full", options, () =>
    withDaemon([longDrain], {}, async (daemon) => {
      daemon.stallOutput();
      assert.equal((await invoke(daemon, flood)).status, 200);
      daemon.kill("SIGTERM");
      assert.deepEqual(await daemon.exited, { status: 0, signal: null });
    }),
  );
});
