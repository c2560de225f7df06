/**
 * Reads a body into memory, for stores whose objects are values. The pieces are the reader's own, or are
 * copied before the next one is asked for.
 */
export async function collectBody(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const copies: Buffer[] = [];
  for await (const piece of pieces) copies.push(Buffer.from(piece));
  return copies.length === 1 ? (copies[0] as Buffer) : Buffer.concat(copies);
}
