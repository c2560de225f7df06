import { ServiceError } from "@lambdad/aws";
import type { S3Client } from "@lambdad/aws/s3";

const triesMax = 5_000;

/** The call lost against another. S3 may say 409 of two that came at the same moment. */
export function isLost(error: unknown): boolean {
  return error instanceof ServiceError && [409, 412].includes(error.statusCode ?? 0);
}

/** True if the call went through, false if it lost; other errors are thrown. */
export async function wins(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (isLost(error)) return false;
    throw error;
  }
}

/** Adds 1 to the number in an object, so often, by writes that depend on what was read. */
export async function increment(
  s3: S3Client,
  at: { readonly Bucket: string; readonly Key: string },
  times: number,
): Promise<void> {
  let done = 0;
  for (let tries = 0; done < times; tries += 1) {
    if (tries > triesMax) throw new Error(`Cannot count: no write went through ${triesMax} times`);
    const { Body, ETag } = await s3.getObject(at);
    const next = String(Number(await Body?.text()) + 1);
    if (await wins(s3.putObject({ ...at, Body: next, IfMatch: ETag }))) done += 1;
  }
}
