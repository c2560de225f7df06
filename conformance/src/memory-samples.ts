import { readFile } from "node:fs/promises";

const mib = 1_048_576;

/** What is taken for noise of the collector: growth within both together is flat. */
export const flatGrowth: { readonly share: number; readonly bytes: number } = {
  share: 0.02,
  bytes: 4 * mib,
};

interface MemorySample {
  /** Share of the work that was done, 0 to 1. */
  readonly progress: number;
  readonly bytes: number;
}

/** The resident memory of a process in one tenth of the work. */
export interface MemoryOfTenth {
  readonly medianBytes: number;
  readonly maxBytes: number;
  readonly samples: number;
}

/** Resident memory of one process in the course of its work. */
export class MemorySamples {
  readonly #samples: MemorySample[] = [];

  add(progress: number, bytes: number): void {
    this.#samples.push({ progress, bytes });
  }

  get maxBytes(): number {
    return Math.max(...this.#samples.map(({ bytes }) => bytes));
  }

  /** Ten entries; those of tenths without a sample are undefined. */
  tenths(): readonly (MemoryOfTenth | undefined)[] {
    return Array.from({ length: 10 }, (_, tenth) => {
      const values = this.#samples
        .filter(({ progress }) => Math.min(9, Math.floor(progress * 10)) === tenth)
        .map(({ bytes }) => bytes);
      const medianBytes = median(values);
      if (medianBytes === undefined) return undefined;
      return { medianBytes, maxBytes: Math.max(...values), samples: values.length };
    });
  }

  /**
   * How much more the last tenth needs than the second: the first is that of the start. `isFlat` says
   * whether it is within `flatGrowth`; undefined when there are no samples to say.
   */
  growth(): { readonly bytes: number; readonly isFlat: boolean } | undefined {
    const tenths = this.tenths();
    const [early, late] = [tenths[1]?.medianBytes, tenths[9]?.medianBytes];
    if (early === undefined || late === undefined) return undefined;
    const bytes = late - early;
    return { bytes, isFlat: bytes <= flatGrowth.share * early + flatGrowth.bytes };
  }
}

function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

/** `VmRSS` of a process; undefined when it has gone, or without `/proc`. */
export async function residentBytes(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, "latin1").catch(() => "");
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return kib === undefined ? undefined : 1_024 * Number(kib);
}
