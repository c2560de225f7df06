import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";

const module = new URL("../process/environment-process.ts", import.meta.url).href;

/** Uses up all descriptors, then starts a process with a channel, and ends it like an environment. */
const program = `
import { openSync } from "node:fs";
import { EnvironmentProcess } from ${JSON.stringify(module)};
try {
  for (;;) openSync("/dev/null");
} catch {}
const runtime = new EnvironmentProcess({
  executable: "/bin/true", args: [], cwd: "/", variables: {}, mark: "0.0.0", channel: true,
  launcher: [], onOutput: () => {}, onExit: () => {},
  onSpawnError: (error) => {
    runtime.dispose();
    process._rawDebug(error.code, runtime.channel, runtime.pid);
    process.exit(0);
  },
});
`;

test("EnvironmentProcess without a descriptor for its pipes tells of EMFILE (HO-6)", async () => {
  const script = 'ulimit -n 64; exec "$@"';
  const node = [...process.execArgv.filter((arg) => arg.startsWith("--conditions")), "-e", program];
  const args = ["-c", script, "sh", process.execPath, "--input-type=module-typescript", ...node];
  const { stderr } = await promisify(execFile)("/bin/sh", args);
  assert.match(stderr, /^EMFILE undefined undefined$/m);
});
