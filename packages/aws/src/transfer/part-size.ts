/** S3's limits of uploads in parts. Source: Amazon S3 User Guide, "Amazon S3 multipart upload limits". */
export const partBytesMin: number = 5 * 1024 * 1024;
export const partBytesMax: number = 5 * 1024 * 1024 * 1024;
export const partsMax = 10_000;

/** Parts of a stream of unknown length after which they become twice as large. */
const partsBeforeGrowth = 1000;
const MIB = 1024 * 1024;

/**
 * Bytes of each part of something whose length is known: as wanted, or as many whole MiB as it takes
 * to get by with 10,000 parts.
 *
 * @param verb what is being done, for the error.
 * @throws RangeError for more than 10,000 parts of 5 GiB.
 */
export function partSizeFor(length: number, wanted: number, verb: string): number {
  if (length <= wanted * partsMax) return wanted;
  const size = Math.ceil(length / partsMax / MIB) * MIB;
  if (size > partBytesMax) {
    throw new RangeError(
      `Cannot ${verb} ${length} bytes: S3 takes at most ${partsMax} parts of ${partBytesMax} bytes`,
    );
  }
  return size;
}

/**
 * Bytes of one part of a stream whose length is not known: as wanted for the first thousand parts,
 * then twice as many for each further thousand.
 *
 * @param number the part's number, from 1.
 * @throws RangeError for part 10,001.
 */
export function growingPartSize(number: number, wanted: number): number {
  if (number > partsMax) {
    throw new RangeError(
      `Cannot upload a stream in more than ${partsMax} parts: give its ContentLength, or a larger partSize`,
    );
  }
  const doublings = Math.floor((number - 1) / partsBeforeGrowth);
  return Math.min(partBytesMax, wanted * 2 ** doublings);
}
