import { crypto } from "../builtin/crypto.ts";
import type { StoredValue } from "./reference-value.ts";

/** A name that no other value has. */
export function randomName(): string {
  return crypto.randomUUID();
}

/** Name of a content: its SHA-256 in hexadecimal digits. @throws TypeError for what is read once. */
export async function contentName({ body }: Pick<StoredValue, "body">): Promise<string> {
  if (Buffer.isBuffer(body)) return crypto.hash("sha256", body);
  if (!(body instanceof Blob)) {
    throw new TypeError(
      'Cannot name a stream by its content: give bytes, a Blob or a file, or the option "key"',
    );
  }
  const hash = crypto.createHash("sha256");
  for await (const piece of body.stream()) hash.update(piece as Uint8Array);
  return hash.digest("hex");
}
