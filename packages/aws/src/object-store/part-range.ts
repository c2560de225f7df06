import type { ResolvedRange } from "./byte-range.ts";
import type { ObjectRecord } from "./object-storage.ts";
import { StoreFailure } from "./store-errors.ts";

/**
 * Where a part of an object lies, by its number; an object that was not made of parts has one.
 * @throws StoreFailure `InvalidPartNumber`
 */
export function partRange({ details, size }: ObjectRecord, number: number): ResolvedRange {
  const { parts } = details;
  if (parts === undefined) {
    if (number === 1) return { start: 0, end: size };
  } else {
    let start = 0;
    for (const [index, part] of parts.entries()) {
      if (index + 1 === number) return { start, end: start + part.size };
      start += part.size;
    }
  }
  throw new StoreFailure("InvalidPartNumber", {
    message: "The requested partnumber is not satisfiable",
    members: { PartNumberRequested: number, ActualPartCount: parts?.length ?? 1 },
  });
}
