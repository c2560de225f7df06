import { MemorySampler } from "./memory-sampler.ts";

export interface MemoryWatchOptions {
  readonly pid: number;
  /** Above this the process tree is over its limit, in bytes. */
  readonly bytesMax: number;
  /** Whether it may go on using memory; asked at each look. */
  readonly isWorking: () => boolean;
  /** Called once, when the process tree was found over its limit. */
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
    this.#sampler = new MemorySampler(options.pid, intervalMs);
  }

  /** Highest resident memory seen, in whole megabytes. */
  get maxMb(): number {
    return this.#sampler.maxMb;
  }

  get exceeded(): boolean {
    return this.#exceeded;
  }

  /** Whether an environment between two invocations should be replaced, before it runs out. */
  get nearlyExceeded(): boolean {
    return this.#sampler.lastBytes > recycleShare * this.#options.bytesMax;
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
    if (this.#exceeded || this.#sampler.lastBytes <= this.#options.bytesMax) return;
    this.#exceeded = true;
    this.#options.onExceeded();
  }
}
