import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { describe, test } from "node:test";
import { poolMark, isOfDeadDaemon, processStartTicks } from "../process/process-tree.ts";

const skip = existsSync("/proc/self/stat") ? false : "there is no /proc";

describe("isOfDeadDaemon() (INV-12, HO-1)", { skip }, () => {
  const pid = process.pid;
  const ticks = processStartTicks(pid) ?? "";
  const cases: readonly (readonly [string, string, boolean])[] = [
    ["a daemon that lives", `${poolMark()}1`, false],
    ["another process with its pid", `${pid}.${Number(ticks) + 1}.1.1`, true],
    ["a pid that nobody has", "4194305.1.1.1", true],
    ["process 1 of the machine", `1.${processStartTicks(1) ?? ""}.1.1`, false],
    ["no mark", "", false],
    ["half a mark", String(pid), false],
    ["a mark of somebody else", `${pid}.x.1.1`, false],
  ];
  for (const [name, mark, isDead] of cases) {
    test(`says ${isDead} of ${name}`, () => assert.equal(isOfDeadDaemon(mark), isDead));
  }

  test("says true of a daemon that is dead and not collected", async (t) => {
    // The program that takes the shell's place never collects the shell's child.
    const shell = spawn("/bin/sh", ["-c", "sleep 60 & echo $!; exec sleep 60"], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    t.after(() => shell.kill("SIGKILL"));
    const [line] = (await once(shell.stdout, "data")) as [Buffer];
    const child = Number(line.toString());
    const mark = `${child}.${processStartTicks(child) ?? ""}.1.1`;
    assert.equal(isOfDeadDaemon(mark), false);
    process.kill(child, "SIGKILL");
    while (!isOfDeadDaemon(mark)) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.notEqual(processStartTicks(child), undefined);
  });
});
