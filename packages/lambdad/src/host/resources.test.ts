import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync } from "node:fs";
import { totalmem } from "node:os";
import { describe, test } from "node:test";
import { limits } from "@lambdad/core";
import {
  bytesInFlightMaxDefault,
  connectionsMaxDefault,
  limitLauncher,
  openFiles,
} from "./resources.ts";

const noProc = existsSync("/proc/self/limits") ? false : "there is no /proc";
const launcher = limitLauncher();
const noLauncher = launcher.length > 0 ? false : "there is no prlimit";

/** Runs a shell script under the launcher, itself started with this limit of open files. */
function runLimited(script: string): string {
  const [file = "", ...args] = launcher;
  const { stdout, stderr } = spawnSync(file, [...args, "/bin/sh", "-c", script], {
    encoding: "utf8",
  });
  assert.equal(stderr, "");
  return stdout.trim();
}

describe("limitLauncher() (HO-6)", { skip: noLauncher }, () => {
  test("gives a process AWS's limit of open files, soft and hard, and no core files", () => {
    assert.equal(runLimited("ulimit -Sn; ulimit -Hn; ulimit -c"), `1024\n1024\n0`);
    assert.equal(limits.openFilesMax, 1_024);
  });

  test("passes arguments and status on", () => {
    const [file = "", ...args] = launcher;
    const script = 'echo "$1|$2"; exit 7';
    const { status, stdout } = spawnSync(
      file,
      [...args, "/bin/sh", "-c", script, "sh", "-a b", "$x"],
      {
        encoding: "utf8",
      },
    );
    assert.equal(stdout, "-a b|$x\n");
    assert.equal(status, 7);
  });
});

describe("connectionsMaxDefault() (reliability §3)", { skip: noProc }, () => {
  test("leaves four descriptors for each environment, and is never below 16", () => {
    const one = connectionsMaxDefault(1);
    assert.ok(one >= 16);
    if (one > 16 + 4 * 4) assert.equal(one - connectionsMaxDefault(5), 16);
    assert.equal(connectionsMaxDefault(1_000_000_000), 16);
  });
});

test("bytesInFlightMaxDefault() is at most 512 MiB and a quarter of the memory (INV-8)", () => {
  const bytes = bytesInFlightMaxDefault();
  assert.ok(Number.isInteger(bytes) && bytes > 0);
  assert.ok(bytes <= 512 * 1024 * 1024);
  assert.ok(bytes <= totalmem() / 4);
});

test("openFiles() counts what this process has open", { skip: noProc }, () => {
  const before = openFiles() ?? Number.NaN;
  const descriptors = Array.from({ length: 20 }, () => openSync("/dev/null", "r"));
  const after = openFiles() ?? Number.NaN;
  for (const descriptor of descriptors) closeSync(descriptor);
  // Node may open or close one of its own in between.
  assert.ok(after - before >= 15, `${before} before, ${after} after`);
});
