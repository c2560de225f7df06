import type { StoredBody } from "./object-storage.ts";

/** Lets a body go that is not read. */
export function releaseBody(body: StoredBody | undefined): void {
  if (body !== undefined && !Buffer.isBuffer(body)) body.release();
}
