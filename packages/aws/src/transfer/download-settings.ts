import type { DownloadOptions } from "./download-types.ts";

const partSizeDefault: number = 8 * 1024 * 1024;
const concurrencyDefault = 10;

/** The options of a download, checked. */
export interface DownloadSettings {
  readonly partSize: number;
  readonly concurrency: number;
  /** Parts that may be on their way or wait for a reader who gets them in order. */
  readonly partsMax: number;
  /** Bytes of one part that may wait for that reader. */
  readonly waitingMax: number;
  readonly fsync: boolean;
}

/** @throws RangeError for sizes and counts that are none. */
export function downloadSettings(options: DownloadOptions): DownloadSettings {
  const { partSize = partSizeDefault, concurrency = concurrencyDefault } = options;
  check("partSize", partSize);
  check("concurrency", concurrency);
  const { queueBytes = partSize * concurrency, fsync = false } = options;
  check("queueBytes", queueBytes);
  return {
    partSize,
    concurrency,
    partsMax: Math.max(1, Math.floor(queueBytes / partSize)),
    waitingMax: Math.min(partSize, queueBytes),
    fsync,
  };
}

function check(option: string, value: unknown): void {
  if (Number.isSafeInteger(value) && (value as number) >= 1) return;
  throw new RangeError(
    `Cannot download with the option "${option}" ${JSON.stringify(value) ?? typeof value}: give a whole number from 1 on`,
  );
}
