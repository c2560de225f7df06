import { readdirSync, readFileSync, writeFileSync } from "node:fs";

/** `USER_HZ` of Linux: the unit of the times in `/proc/PID/stat`. */
const ticksPerSecond = 100;

/**
 * CPU time, user and system, that a process has used with all its threads and without its children.
 *
 * Source: proc_pid_stat(5). `undefined` when the process has gone, or on a system without `/proc`.
 */
export function processCpuMs(pid: number): number | undefined {
  const fields = statFields(pid);
  const ticks = Number(fields?.[11]) + Number(fields?.[12]);
  return Number.isFinite(ticks) ? (ticks * 1_000) / ticksPerSecond : undefined;
}

/**
 * CPU time that the descendants of a process have used whose command line has this word in it, e.g.
 * the path of a program. Those that have ended are not in it.
 */
export function descendantsCpuMs(root: number, word: string): number {
  const found = processTree(root).filter(({ pid }) =>
    read(`/proc/${pid}/cmdline`)?.split("\0").includes(word),
  );
  return found.reduce((sum, { pid }) => sum + (processCpuMs(pid) ?? 0), 0);
}

/** Resident memory of a process. */
export interface ResidentMemory {
  readonly nowBytes: number;
  /** The most since the start, or since {@link resetPeakMemory}. */
  readonly peakBytes: number;
}

/** `undefined` when the process has gone, or on a system without `/proc`. */
export function residentMemory(pid: number): ResidentMemory | undefined {
  const status = read(`/proc/${pid}/status`);
  const now = /^VmRSS:\s+(\d+) kB$/m.exec(status ?? "");
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(status ?? "");
  if (now === null || peak === null) return undefined;
  return { nowBytes: 1_024 * Number(now[1]), peakBytes: 1_024 * Number(peak[1]) };
}

/** Makes `peakBytes` of a process count from now. Source: proc_pid_clear_refs(5), value 5. */
export function resetPeakMemory(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, "5");
  } catch {
    // Not Linux, or the process has gone: then there is no figure to reset.
  }
}

/** A process that is told from a later one with the same number by its start time. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: string;
}

/** The process and everything that descends from it, parents first. Empty without `/proc`. */
export function processTree(root: number): ProcessIdentity[] {
  const childrenOf = new Map<number, ProcessIdentity[]>();
  const tree: ProcessIdentity[] = [];
  for (const name of directories("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const fields = statFields(pid);
    const [parent, startTime] = [Number(fields?.[1]), fields?.[19]];
    if (startTime === undefined) continue;
    if (pid === root) tree.push({ pid, startTime });
    const siblings = childrenOf.get(parent);
    if (siblings === undefined) childrenOf.set(parent, [{ pid, startTime }]);
    else siblings.push({ pid, startTime });
  }
  for (const { pid } of tree) tree.push(...(childrenOf.get(pid) ?? []));
  return tree;
}

/** Whether exactly this process still runs; a zombie does not. */
export function isRunning({ pid, startTime }: ProcessIdentity): boolean {
  const fields = statFields(pid);
  return fields !== undefined && fields[19] === startTime && fields[0] !== "Z";
}

/** Fields of `/proc/PID/stat` from the third (state) on: the second may hold spaces. */
function statFields(pid: number): string[] | undefined {
  const text = read(`/proc/${pid}/stat`);
  return text?.slice(text.lastIndexOf(")") + 2).split(" ");
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined;
  }
}

function directories(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
