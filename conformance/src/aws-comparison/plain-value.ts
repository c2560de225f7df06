/** Values of both clients in one form: what an output says, whatever classes it is made of. */
export async function plainOutput(output: unknown): Promise<unknown> {
  const { $metadata: _metadata, ...members } = output as Record<string, unknown>;
  const plain: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(members)) {
    const bytes = await readStream(value);
    const member = bytes === undefined ? plainValue(value) : plainValue(bytes);
    if (member !== undefined) plain[name] = member;
  }
  return sorted(plain);
}

async function readStream(value: unknown): Promise<Uint8Array | undefined> {
  if (value === null || typeof value !== "object") return undefined;
  if (!("transformToByteArray" in value)) return undefined;
  const stream = value as { transformToByteArray(): Promise<Uint8Array> };
  return stream.transformToByteArray();
}

/** Dates, bytes and big numbers as tagged texts; absent members left out. */
export function plainValue(value: unknown): unknown {
  if (value === undefined || value === null) return value;
  if (value instanceof Date) return { date: value.getTime() };
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString("hex") };
  if (typeof value === "bigint") return { big: String(value) };
  if (Array.isArray(value)) return value.map(plainValue);
  if (typeof value !== "object") return value;
  // The SDK's text that may be parsed as JSON later is an object.
  if (Object.prototype.toString.call(value) === "[object String]") return value.valueOf();
  const members = Object.entries(value)
    .map(([name, member]) => [name, plainValue(member)] as const)
    .filter(([, member]) => member !== undefined);
  return sorted(Object.fromEntries(members));
}

function sorted(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)),
  );
}
