import type { ChildProcess } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { isRunning, type ProcessIdentity, processTree } from "./process-figures.ts";

const stopMsMax = 5_000;
const outputCharsMax = 2_000;

/** What runs now, by process id. */
const unstopped = new Map<number, ChildProcess>();

/** Notes a process that leads a group of its own, until `stopProcess` has ended it. */
export function watchProcess(child: ChildProcess): void {
  if (child.pid !== undefined) unstopped.set(child.pid, child);
}

/** Kills at once what is left. For the end of a benchmark that failed in a way nobody thought of. */
export function killUnstoppedProcesses(): void {
  for (const pid of unstopped.keys()) {
    for (const { pid: descendant } of processTree(pid).toReversed()) kill(descendant);
    kill(-pid);
  }
}

/** The last lines of the file `output` there, for the text of an error; empty when there are none. */
export function endOfOutput(folder: string): string {
  let text: string;
  try {
    text = readFileSync(join(folder, "output"), "utf8").trim();
  } catch {
    return "";
  }
  return text === "" ? "" : `; its output ends: ${text.slice(-outputCharsMax)}`;
}

/** Ends a process and everything it started, and removes its folder. Asks first; after 5 s it kills. */
export async function stopProcess(child: ChildProcess, folder: string): Promise<void> {
  const pid = child.pid;
  if (pid !== undefined) {
    // Taken before the parent goes: then its children have another one.
    const tree = processTree(pid);
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGTERM");
      const exited = new Promise((resolve) => child.once("exit", resolve));
      await Promise.race([exited, delay(stopMsMax, undefined, { ref: false })]);
    }
    kill(-pid);
    await killRemaining(tree);
    unstopped.delete(pid);
  }
  rmSync(folder, { recursive: true, force: true });
}

/** For children in process groups of their own, whose parent did not end them. */
async function killRemaining(tree: readonly ProcessIdentity[]): Promise<void> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const remaining = tree.filter(isRunning);
    if (remaining.length === 0) return;
    for (const { pid } of remaining) kill(pid);
    await delay(10);
  }
}

/** Kills a process, or a process group when the number is negative; nothing when it has ended. */
function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}
