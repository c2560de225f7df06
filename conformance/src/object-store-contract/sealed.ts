import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { bytesOf, etagOf } from "./expectation.ts";

/** An object whose metadata tells what its bytes are: a mixture of two cannot pass. */
export interface Sealed {
  readonly Body: Buffer;
  readonly ContentType: string;
  readonly Metadata: Readonly<Record<string, string>>;
}

/** Makes one. `label` is in its header too. */
export function seal(size: number, seed: number, label: string): Sealed {
  const Body = bytesOf(size, seed);
  return { Body, ContentType: `text/x-${label}`, Metadata: { label, sha256: sha256Of(Body) } };
}

/** What of an output is looked at. */
export interface SealedOutput {
  readonly Body?: { bytes(): Promise<Uint8Array> } | undefined;
  readonly ContentLength?: number | undefined;
  readonly ContentType?: string | undefined;
  readonly ETag?: string | undefined;
  readonly Metadata?: Readonly<Record<string, string>> | undefined;
}

/** Bytes, length, ETag, header and metadata are of one object. Gives its label. */
export async function assertSealed(output: SealedOutput): Promise<string> {
  const bytes = (await output.Body?.bytes()) ?? Buffer.alloc(0);
  const label = output.Metadata?.["label"] ?? "none";
  assert.equal(sha256Of(bytes), output.Metadata?.["sha256"], `the bytes of ${label}`);
  assert.equal(output.ContentLength, bytes.length, `the length of ${label}`);
  assert.equal(output.ContentType, `text/x-${label}`);
  if (output.ETag?.includes("-") !== true) assert.equal(output.ETag, etagOf(bytes));
  return label;
}

function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
