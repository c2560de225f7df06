import { open, readFile, rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Runs `work` while this process holds the lock file, so that test files that run at the same time
 * install a part once. A lock whose process is gone is taken over. Throws when it is not free in time.
 */
export async function withLock(
  path: string,
  waitMs: number,
  work: () => Promise<void>,
): Promise<void> {
  const deadline = performance.now() + waitMs;
  while (!(await take(path))) {
    if (performance.now() > deadline) {
      throw new Error(`Cannot take the lock '${path}': delete it if nothing is being installed`);
    }
    await sleep(250);
  }
  try {
    await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function take(path: string): Promise<boolean> {
  try {
    const file = await open(path, "wx");
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const owner = Number(await readFile(path, "utf8").catch(() => ""));
  if (owner > 0 && !isAlive(owner)) await rm(path, { force: true });
  return false;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
