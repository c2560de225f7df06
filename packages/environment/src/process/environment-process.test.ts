import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import type { ProcessExit } from "../platform-error.ts";
import { EnvironmentProcess, type EnvironmentProcessOptions } from "./environment-process.ts";

interface Ended {
  readonly exit: ProcessExit;
  readonly stdout: string;
}

const common = {
  executable: process.execPath,
  cwd: "/",
  variables: {},
  mark: "test",
  channel: false,
  launcher: [],
  onOutput: (): void => {},
};

/** Runs a script in Node to its end, and until its output has been read. */
async function run(
  t: TestContext,
  script: string,
  options: Partial<EnvironmentProcessOptions> = {},
): Promise<Ended> {
  const { promise, resolve, reject } = Promise.withResolvers<Ended>();
  let stdout = "";
  const child = new EnvironmentProcess({
    ...common,
    args: ["-e", script],
    onOutput: (chunk) => {
      stdout += chunk.toString();
    },
    onExit: (exit) => child.afterOutput(10_000, () => resolve({ exit, stdout })),
    onSpawnError: reject,
    ...options,
  });
  t.after(() => child.dispose());
  return promise;
}

const tellDescriptors = `
  const fs = require("node:fs");
  const open = (fd) => { try { fs.fstatSync(fd); return true; } catch { return false; } };
  const variable = process.env._LAMBDA_TELEMETRY_LOG_FD ?? null;
  process.stdout.write(JSON.stringify([variable, open(62)]));
`;

describe("EnvironmentProcess with a log descriptor", () => {
  test("tells its number, and hands over what is written to it", async (t) => {
    let bytes = "";
    const script =
      'require("fs").writeSync(Number(process.env._LAMBDA_TELEMETRY_LOG_FD), "frames")';
    const { exit } = await run(t, script, {
      onLogFrames: (chunk) => {
        bytes += chunk.toString();
      },
    });
    assert.equal(exit.code, 0);
    assert.equal(bytes, "frames");
  });

  test("has none unless it is asked for", async (t) => {
    assert.equal((await run(t, tellDescriptors)).stdout, "[null,false]");
    const asked = await run(t, tellDescriptors, { onLogFrames: () => {} });
    assert.equal(asked.stdout, '["62",true]');
  });

  test("lets the process have a channel too", async (t) => {
    let bytes = "";
    const script = 'require("fs").writeSync(62, "frames"); require("fs").writeSync(3, "channel")';
    const { exit } = await run(t, script, {
      channel: true,
      onLogFrames: (chunk) => {
        bytes += chunk.toString();
      },
    });
    assert.equal(exit.code, 0);
    assert.equal(bytes, "frames");
  });

  const total = 64 * 1024 * 1024;
  for (const [title, pieceBytes] of [
    ["in one write", total],
    ["in writes of 1 KiB", 1_024],
  ] as const) {
    // A write that could not block would be short, or fail with EAGAIN: the runtimes expect neither.
    const script = `
      const piece = Buffer.alloc(${pieceBytes}, "x");
      for (let sent = 0; sent < ${total}; sent += piece.length) {
        if (require("fs").writeSync(62, piece) !== piece.length) process.exit(9);
      }
    `;
    test(`makes the process wait while we do not read 64 MiB ${title} (INV-8)`, async (t) => {
      let received = 0;
      const nap = new Int32Array(new SharedArrayBuffer(4));
      const { exit } = await run(t, script, {
        onLogFrames: (chunk) => {
          // The first chunks take their time: meanwhile the socket is full.
          if (received < 1_000_000) Atomics.wait(nap, 0, 0, 5);
          received += chunk.length;
        },
      });
      assert.deepEqual(exit, { code: 0, signal: null });
      assert.equal(received, total);
    });
  }

  test("afterOutput() waits until a descendant has let go of it", async (t) => {
    let bytes = "";
    const grandchild = 'process.on("disconnect", () => require("fs").writeSync(62, "last"))';
    const script = `
      const stdio = ["ignore", "ignore", "ignore", "ipc"];
      while (stdio.length < 62) stdio.push("ignore");
      stdio.push(62);
      require("child_process").spawn(process.execPath, ["-e", ${JSON.stringify(grandchild)}], { stdio });
      process.exit();
    `;
    await run(t, script, {
      onLogFrames: (chunk) => {
        bytes += chunk.toString();
      },
    });
    assert.equal(bytes, "last");
  });

  test("dispose() lets go of it though a descendant holds it", { timeout: 20_000 }, async (t) => {
    const descendant = Promise.withResolvers<number>();
    const exited = Promise.withResolvers<void>();
    const script = `
      const { spawn } = require("child_process");
      const { pid } = spawn("/bin/sleep", ["60"], { detached: true, stdio: "ignore" });
      require("fs").writeSync(62, String(pid));
      process.exit();
    `;
    const child = new EnvironmentProcess({
      ...common,
      args: ["-e", script],
      onLogFrames: (chunk) => descendant.resolve(Number(chunk.toString())),
      onExit: () => exited.resolve(),
      onSpawnError: exited.reject,
    });
    const [pid] = await Promise.all([descendant.promise, exited.promise]);
    assert.ok(pid > 1);
    t.after(() => process.kill(pid, "SIGKILL"));
    child.dispose();
    await new Promise<void>((closed) => child.afterOutput(600_000, closed));
  });
});
