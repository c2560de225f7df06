import type { GetObjectCommandOutput } from "../../types/s3.d.ts";
import { envelopeNames } from "./envelope.ts";
import type { Description } from "./keyring.ts";

/** The user's metadata: without the envelope. */
export function plainMetadata(metadata: Description): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata).filter(([name]) => !envelopeNames.has(name)));
}

/**
 * An output that speaks of the plaintext: the checksums of the ciphertext, which the client has
 * compared, are left out. `ETag` stays, as the name of this version of the object.
 */
export function plainOutput<T extends Partial<GetObjectCommandOutput>>(
  output: T,
  plain: Partial<GetObjectCommandOutput>,
): T {
  const kept = Object.entries(output).filter(([name]) => !name.startsWith("Checksum"));
  const made: Record<string, unknown> = Object.fromEntries(kept);
  if (output.Metadata !== undefined) made["Metadata"] = plainMetadata(output.Metadata);
  for (const [name, value] of Object.entries(plain)) {
    if (value === undefined) delete made[name];
    else made[name] = value;
  }
  return made as T;
}
