import { readdirSync, readFileSync } from "node:fs";

/** Resident memory of processes and all that they have started, in bytes; `undefined` without `/proc`. */
export function treeResidentBytes(rootPids: readonly number[]): number | undefined {
  let total: number | undefined;
  const pending = [...rootPids];
  // A function cannot have more processes than this (spec limits-and-env §3).
  for (let visited = 0; visited < 1024; visited += 1) {
    const pid = pending.pop();
    if (pid === undefined) break;
    const pages = read(`/proc/${pid}/statm`)?.split(" ")[1];
    if (pages === undefined) continue;
    total = (total ?? 0) + Number(pages) * pageBytes;
    pending.push(...childrenOf(pid));
  }
  return total;
}

/** The processes that it has started, by any of its threads: those of Go and Java start them all over. */
function childrenOf(pid: number): number[] {
  const children: number[] = [];
  for (const thread of threadsOf(pid)) {
    const text = read(`/proc/${pid}/task/${thread}/children`) ?? "";
    for (const child of text.split(" ")) if (Number(child) > 0) children.push(Number(child));
  }
  return children;
}

function threadsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** Pages are 4 KiB on x86-64, and on the arm64 kernels that distributions ship for servers. */
const pageBytes = 4096;

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined;
  }
}

/**
 * The highest resident memory seen of process trees: `Max Memory Used`. Reading `/proc` costs some
 * 10 µs a process, so a sample is taken at most every `intervalMs`.
 */
export class MemorySampler {
  readonly #pids: () => readonly number[];
  readonly #intervalMs: number;
  readonly #residentBytes: (pids: readonly number[]) => number | undefined;
  #sampledAtMs = Number.NEGATIVE_INFINITY;
  #lastBytes = 0;
  #maxBytes = 0;

  constructor(
    pids: () => readonly number[],
    intervalMs = 100,
    residentBytes: (pids: readonly number[]) => number | undefined = treeResidentBytes,
  ) {
    this.#pids = pids;
    this.#intervalMs = intervalMs;
    this.#residentBytes = residentBytes;
  }

  /** Takes a sample if the last one is old enough. */
  sample(nowMs: number): void {
    if (nowMs - this.#sampledAtMs < this.#intervalMs) return;
    this.#sampledAtMs = nowMs;
    const bytes = this.#residentBytes(this.#pids());
    if (bytes === undefined) return;
    this.#lastBytes = bytes;
    this.#maxBytes = Math.max(this.#maxBytes, bytes);
  }

  /** The last sample, in bytes. */
  get lastBytes(): number {
    return this.#lastBytes;
  }

  /** The highest sample, in whole megabytes (MB means 1024 KB, as in AWS's figures), rounded up. */
  get maxMb(): number {
    return Math.ceil(this.#maxBytes / 1_048_576);
  }
}
