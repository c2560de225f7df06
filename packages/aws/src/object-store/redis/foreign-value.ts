import { crypto } from "../../builtin/crypto.ts";
import { outcomes } from "./object-scripts.ts";

/** What a value is known by when nobody has written down its ETag. */
export interface ValueIdentity {
  /** Quoted hex MD5. */
  readonly etag: string;
  /** Hex SHA-1, which a script in Redis can compute. */
  readonly guard: string;
}

/** How often a condition is decided anew because somebody wrote meanwhile. */
const roundsMax = 20;

/** ETag of bytes: quoted hex MD5. */
export function etagOf(bytes: Uint8Array): string {
  return `"${crypto.createHash("md5").update(bytes).digest("hex")}"`;
}

/** Reads a value of others. `undefined`: it is gone. */
async function identityOf(
  read: () => Promise<Buffer | undefined>,
): Promise<ValueIdentity | undefined> {
  const bytes = await read();
  if (bytes === undefined) return undefined;
  return { etag: etagOf(bytes), guard: crypto.createHash("sha1").update(bytes).digest("hex") };
}

/**
 * Runs a script with a condition. When it cannot tell because others wrote the value, the value's ETag is
 * computed here, and the script is run again, for the value with that hash only.
 * @param run runs the script with a guard, "" for none
 * @returns one of `outcomes`, never `unknown`, except when the value changes all the time
 */
export async function decideCondition(
  ifMatch: string | undefined,
  run: (guard: string) => Promise<number>,
  read: () => Promise<Buffer | undefined>,
): Promise<number> {
  let outcome = await run("");
  for (let round = 1; outcome === outcomes.unknown && round < roundsMax; round++) {
    const identity = await identityOf(read);
    // It was so when it was read, which is as good a moment as any other of this call.
    if (identity !== undefined && identity.etag !== ifMatch) return outcomes.condition;
    outcome = await run(identity?.guard ?? "");
  }
  return outcome;
}
