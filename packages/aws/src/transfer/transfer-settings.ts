import { partBytesMax, partBytesMin } from "./part-size.ts";
import type { TransferOptions } from "./transfer-types.ts";

const MIB = 1024 * 1024;

/** The options of a transfer, checked and complete. */
export interface TransferSettings {
  readonly partSize: number;
  readonly threshold: number;
  readonly concurrency: number;
  readonly queueBytes: number;
  readonly leavePartsOnError: boolean;
}

/**
 * Checks the options of a transfer and adds the defaults.
 *
 * @param method the client's method, for the errors.
 * @throws RangeError, TypeError
 */
export function transferSettings(
  method: string,
  options: TransferOptions,
  usualThreshold: number = 8 * MIB,
): TransferSettings {
  const { partSize = 8 * MIB, threshold = usualThreshold, concurrency = 10 } = options;
  const check = (name: keyof TransferOptions, value: unknown, min: number, max: number): void => {
    if (Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max) return;
    throw new RangeError(
      `Cannot ${method} with the option "${name}" ${shown(value)}: give a whole number from ${min} to ${max}`,
    );
  };
  check("partSize", partSize, partBytesMin, partBytesMax);
  check("threshold", threshold, 0, partBytesMax);
  check("concurrency", concurrency, 1, 1000);
  const { queueBytes = partSize * concurrency, leavePartsOnError = false } = options;
  check("queueBytes", queueBytes, partSize, Number.MAX_SAFE_INTEGER);
  if (typeof (leavePartsOnError as unknown) !== "boolean") {
    throw new TypeError(
      `Cannot ${method} with the option "leavePartsOnError" ${shown(leavePartsOnError)}: give true or false`,
    );
  }
  return { partSize, threshold, concurrency, queueBytes, leavePartsOnError };
}

function shown(value: unknown): string {
  if (value === null) return "null";
  const isPlain = typeof value === "string" || typeof value === "number";
  return isPlain ? `"${value}"` : `of type ${typeof value}`;
}
