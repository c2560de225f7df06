import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/**
 * Finds and ends processes by the mark that every process of an environment carries in its variables,
 * because a child that daemonises leaves the process group but keeps its variables (RT-22, INV-12).
 *
 * Linux only: elsewhere there is no `/proc`, and the process group has to do.
 */

/** The variable that marks a process: `<daemon's pid>.<daemon's start>.<pool>.<environment>`. */
export const markVariable = "_LAMBDAD_INSTANCE";

/** Start of a process in clock ticks since boot: with the pid it names a process for good. */
export function processStartTicks(pid: number): string | undefined {
  const stat = readProc(`/proc/${pid}/stat`);
  return stat === undefined ? undefined : ticksIn(stat);
}

function ticksIn(stat: string): string | undefined {
  return fieldsOf(stat).split(" ")[19];
}

/** The command name is in parentheses and may hold spaces and parentheses of its own: what follows it. */
function fieldsOf(stat: string): string {
  return stat.slice(stat.lastIndexOf(")") + 2);
}

/** Dead, but not yet collected by its parent. */
function isZombieStat(stat: string): boolean {
  return /^[ZX]/.test(fieldsOf(stat));
}

let pools = 0;

/** The mark of a new pool of this daemon, to which the number of an environment is added. */
export function poolMark(): string {
  pools += 1;
  return `${process.pid}.${processStartTicks(process.pid) ?? "0"}.${pools}.`;
}

/** Every process that carries the mark, and its pid. */
export function markedProcesses(
  matches: (mark: string) => boolean,
): { readonly pid: number; readonly mark: string }[] {
  const found: { pid: number; mark: string }[] = [];
  const ownNamespace = readLink("/proc/self/ns/pid");
  for (const entry of readDirectory("/proc")) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const variables = readProc(`/proc/${entry}/environ`);
    const mark = variables === undefined ? undefined : markIn(variables);
    if (mark === undefined || !matches(mark)) continue;
    // Pids in the mark of another pid namespace (a container of this host) mean nothing here.
    if (readLink(`/proc/${entry}/ns/pid`) !== ownNamespace) continue;
    found.push({ pid, mark });
  }
  return found;
}

/**
 * Sends SIGKILL to every process with this mark, again until none is left or `roundsMax` is reached.
 *
 * @param killedGroups - Process groups that have had SIGKILL just now, and whose processes may not have
 *   ended yet: those are not counted.
 * @returns how many were found.
 */
export function killMarked(
  mark: string,
  killedGroups: readonly number[] = [],
  roundsMax = 5,
): number {
  const isLeft = (pid: number): boolean => !killedGroups.includes(groupOf(pid));
  return killMatching((found) => found === mark, roundsMax, isLeft);
}

/** The same for all environments of a pool. */
export function killMarkedBy(pool: string, roundsMax = 5): number {
  return killMatching((found) => found.startsWith(pool), roundsMax);
}

/** 0 when the process is no more. */
function groupOf(pid: number): number {
  const stat = readProc(`/proc/${pid}/stat`);
  return stat === undefined ? 0 : Number(fieldsOf(stat).split(" ")[2]);
}

function killMatching(
  matches: (mark: string) => boolean,
  roundsMax: number,
  counts: (pid: number) => boolean = () => true,
): number {
  let killed = 0;
  for (let round = 0; round < roundsMax; round += 1) {
    const alive = markedProcesses(matches).filter(({ pid }) => !isZombie(pid));
    if (alive.length === 0) break;
    for (const { pid } of alive) if (counts(pid) && kill(pid)) killed += 1;
  }
  return killed;
}

/** Ends what a daemon that is no more has left behind, before the first environment starts (HO-1). */
export function killLeftovers(): number {
  return killMatching(isOfDeadDaemon, 5);
}

/**
 * Whether the daemon that made this mark is no more. In doubt it lives: what is not one of our marks,
 * and a daemon of another user whose files in `/proc` are hidden from us.
 */
export function isOfDeadDaemon(mark: string): boolean {
  const [, pid, ticks] = /^(\d+)\.(\d+)\.\d+\.\d+$/.exec(mark) ?? [];
  if (pid === undefined) return false;
  const stat = readProc(`/proc/${pid}/stat`);
  if (stat === undefined) return !exists(Number(pid));
  return isZombieStat(stat) || ticksIn(stat) !== ticks;
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Sends a signal to a process group; a group that has gone is no error. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // ESRCH: it ended in the meantime.
  }
}

function kill(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch {
    return false;
  }
}

function isZombie(pid: number): boolean {
  const stat = readProc(`/proc/${pid}/stat`);
  return stat === undefined || isZombieStat(stat);
}

function markIn(variables: string): string | undefined {
  const start = variables.startsWith(`${markVariable}=`)
    ? 0
    : variables.indexOf(`\0${markVariable}=`) + 1;
  if (start === 0 && !variables.startsWith(`${markVariable}=`)) return undefined;
  const from = start + markVariable.length + 1;
  const end = variables.indexOf("\0", from);
  return variables.slice(from, end === -1 ? undefined : end);
}

/** Files of `/proc` vanish with their process, and belong to other users: neither is an error here. */
function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined;
  }
}

function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function readDirectory(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
