import { existsSync, readdirSync, readFileSync } from "node:fs";
import { totalmem } from "node:os";
import { limits } from "@lambdad/core";

/** What this machine, or this container, lets the daemon have. */

/** Soft limit of open files; Node has raised it to the hard one. `undefined` without `/proc`. */
function openFilesLimit(): number | undefined {
  try {
    const line = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "latin1"));
    return line === null ? undefined : Number(line[1]);
  } catch {
    return undefined;
  }
}

/** Files and sockets that this process has open; `undefined` where the system does not tell. */
export function openFiles(): number | undefined {
  try {
    // One of them is the folder that is being read.
    return readdirSync("/proc/self/fd").length - 1;
  } catch {
    return undefined;
  }
}

/** Connections that leave enough descriptors for the environments (spec reliability §3). */
export function connectionsMaxDefault(environmentsMax: number): number {
  const files = openFilesLimit() ?? limits.openFilesMax;
  return Math.max(16, Math.floor(0.8 * files) - 4 * environmentsMax - 64);
}

/** Bytes of events held at once: 512 MiB, or a quarter of the memory if that is less (spec §3). */
export function bytesInFlightMaxDefault(): number {
  const constrained = process.constrainedMemory();
  const memory = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
  return Math.min(limits.bytesInFlightMax, Math.floor(memory / 4));
}

/**
 * Program and arguments that give a function's process AWS's limits: Node raises its own limit of
 * open files, and children would inherit that (HO-6). Empty where the program is missing.
 */
export function limitLauncher(): readonly string[] {
  const program = ["/usr/bin/prlimit", "/bin/prlimit"].find((path) => existsSync(path));
  const files = openFilesLimit() ?? 0;
  if (program === undefined || files < limits.openFilesMax) return [];
  return [program, `--nofile=${limits.openFilesMax}`, "--core=0", "--"];
}
