import { readdir, readFile } from "node:fs/promises";

/** Looking at processes needs Linux's `/proc`; tests that do are skipped elsewhere. */
export const hasProc: boolean = process.platform === "linux";

async function read(pid: number, file: string): Promise<string> {
  // The process may end while it is read: then it has nothing to say.
  return readFile(`/proc/${pid}/${file}`, "latin1").catch(() => "");
}

async function allPids(): Promise<number[]> {
  if (!hasProc) return [];
  return (await readdir("/proc")).map(Number).filter((pid) => pid > 0);
}

/** Processes with this variable in their environment, zombies left out. */
export async function markedProcesses(name: string, value: string): Promise<number[]> {
  const found: number[] = [];
  for (const pid of await allPids()) {
    if ((await read(pid, "environ")).split("\0").includes(`${name}=${value}`)) found.push(pid);
  }
  return found;
}

/** The children of a process, of whichever of its threads. */
export async function childrenOf(pid: number): Promise<number[]> {
  const tasks = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = await Promise.all(tasks.map((task) => read(pid, `task/${task}/children`)));
  return lists
    .flatMap((list) => list.trim().split(" "))
    .map(Number)
    .filter((child) => child > 0);
}

/** The state letter of `/proc/PID/stat`: `Z` is a zombie; undefined when there is no such process. */
export async function processState(pid: number): Promise<string | undefined> {
  const stat = await read(pid, "stat");
  return stat === "" ? undefined : stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3);
}

/** The command line, words separated by spaces. */
export async function commandLine(pid: number): Promise<string> {
  return (await read(pid, "cmdline")).split("\0").join(" ").trim();
}

/** True while the process exists and is no zombie. */
export async function isRunning(pid: number): Promise<boolean> {
  const state = await processState(pid);
  return state !== undefined && state !== "Z" && state !== "X";
}

/** SIGKILL; a process that is gone already is no error. */
export function killProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
