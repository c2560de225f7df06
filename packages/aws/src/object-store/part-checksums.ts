import { type ChecksumAlgorithm, checksum as checksumOf } from "../checksum/checksum.ts";
import { combineCrc } from "../checksum/combine-crc.ts";
import type { ObjectChecksum, PartRecord, UploadRecord } from "./object-storage.ts";

/**
 * The checksum of an object from those of its parts: composite ones are the checksum of the parts'
 * checksums, whole ones are combined, which cyclic codes allow. `undefined`: a part has none.
 */
export function completeChecksum(
  { algorithm, type }: NonNullable<UploadRecord["checksum"]>,
  parts: readonly PartRecord[],
): ObjectChecksum | undefined {
  const values: Buffer[] = [];
  for (const { checksum } of parts) {
    if (checksum === undefined) return undefined;
    values.push(Buffer.from(checksum, "base64"));
  }
  if (type === "COMPOSITE") {
    const value = checksumOf(algorithm as ChecksumAlgorithm, Buffer.concat(values));
    return { algorithm, value: `${value}-${parts.length}`, type };
  }
  const whole = combineCrc(
    algorithm,
    parts.map(({ size }, index) => ({ value: values[index] as Buffer, size })),
  );
  return { algorithm, value: whole.toString("base64"), type };
}
