import { MemorySampler } from "./memory-sampler.ts";

export interface MemoryWatchOptions {
  /** The processes of the environment: the runtime, and its external extensions. */
  readonly pids: () => readonly number[];
  /** The function's memory, in megabytes of 1024 KB. */
  readonly memorySizeMb: number;
  /** Whether the size is a limit, or only reported (RT-9). */
  readonly enforced: boolean;
  /** Whether it may go on using memory; asked at each look. */
  readonly isWorking: () => boolean;
  /** Called once, when the process tree was found over its limit: ends it. */
  readonly onExceeded: () => void;
}

/** How often the memory of a working environment is looked at, in milliseconds (spec §12.5). */
const intervalMs = 100;
/** Share of the limit above which an idle environment is replaced (RT-10). */
const recycleShare = 0.9;

/** Looks at the memory of an environment while it works, and never while it is idle. */
export class MemoryWatch {
  readonly #options: MemoryWatchOptions;
  readonly #sampler: MemorySampler;
  #timer: NodeJS.Timeout | undefined;
  #exceeded = false;

  constructor(options: MemoryWatchOptions) {
    this.#options = options;
    this.#sampler = new MemorySampler(options.pids, intervalMs);
  }

  /** Highest resident memory seen, in whole megabytes. */
  get maxMb(): number {
    return this.#sampler.maxMb;
  }

  /** Whether it was over its limit. */
  get exceeded(): boolean {
    return this.#exceeded;
  }

  /** Whether an environment between two invocations should be replaced, before it runs out. */
  get nearlyExceeded(): boolean {
    return this.#options.enforced && this.#share > recycleShare;
  }

  /** The last sample as a share of the limit. */
  get #share(): number {
    return this.#sampler.lastBytes / (this.#options.memorySizeMb * 1_048_576);
  }

  /** Work begins: looks until there is none. Cheap when it looks already. */
  start(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => this.#look(), intervalMs);
    this.#timer.unref();
  }

  /** Takes a sample now, unless one was just taken. */
  sample(): void {
    this.#sampler.sample(performance.now());
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    if (!this.#options.isWorking()) {
      this.stop();
      return;
    }
    this.sample();
    if (!this.#options.enforced || this.#exceeded || this.#share <= 1) return;
    this.#exceeded = true;
    this.#options.onExceeded();
  }
}
