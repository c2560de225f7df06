import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { ServiceError } from "@lambdad/aws";

/** Members that S3, or a server, may add to any output; a store may leave them out. */
const additions: ReadonlySet<string> = new Set([
  "AbortDate",
  "AbortRuleId",
  "AccessPointAlias",
  "BucketArn",
  "BucketKeyEnabled",
  "BucketRegion",
  "ChecksumAlgorithm",
  "ChecksumCRC64NVME",
  "ChecksumType",
  "EncodingType",
  "Initiator",
  "Owner",
  "RequestCharged",
  "ServerSideEncryption",
  "Size",
  "StorageClass",
  "VersionId",
]);

/** Members of lists that S3 gives back as they were asked for: empty when they were not. */
const echoes: ReadonlySet<string> = new Set([
  "Delimiter",
  "KeyMarker",
  "Marker",
  "NextKeyMarker",
  "NextPartNumberMarker",
  "NextUploadIdMarker",
  "PartNumberMarker",
  "Prefix",
  "UploadIdMarker",
]);

interface Output {
  readonly $metadata: {
    readonly httpStatusCode?: number | undefined;
    readonly attempts: number;
    readonly requestId?: string | undefined;
  };
}

/** A value, a pattern that a text matches, or `Date` for any date. Members that are not named are not there. */
export type Expected =
  | string
  | number
  | boolean
  | undefined
  | RegExp
  | DateConstructor
  | readonly Expected[]
  | { readonly [name: string]: Expected };

/**
 * The output has these members and no others, but for what S3 itself may add; and what every answer has.
 * `Body` is for the caller to read.
 */
export function assertOutput(actual: Output, expected: Expected, status = 200): void {
  const { $metadata, ...members } = actual;
  assertMetadata($metadata, status);
  assertLike({ ...members, Body: undefined }, expected, "output");
}

function assertMetadata($metadata: Output["$metadata"] | undefined, status: number): void {
  assert.equal($metadata?.httpStatusCode, status);
  assert.equal($metadata?.attempts, 1);
  assert.ok(($metadata?.requestId ?? "") !== "", "requestId");
}

/** Compares as `assertOutput` does. */
export function assertLike(actual: unknown, expected: Expected, path: string): void {
  if (expected instanceof RegExp) {
    assert.match(String(actual), expected, path);
  } else if (expected === Date) {
    assert.ok(actual instanceof Date && !Number.isNaN(actual.getTime()), `${path} is a Date`);
  } else if (Array.isArray(expected)) {
    assert.ok(Array.isArray(actual), `${path} is a list, not ${String(actual)}`);
    assert.equal(actual.length, expected.length, `length of ${path}`);
    for (const [index, one] of expected.entries()) {
      assertLike(actual[index], one as Expected, `${path}[${index}]`);
    }
  } else if (typeof expected === "object") {
    assertMembers(actual, expected as Readonly<Record<string, Expected>>, path);
  } else {
    assert.deepEqual(actual, expected, path);
  }
}

function assertMembers(
  actual: unknown,
  expected: Readonly<Record<string, Expected>>,
  path: string,
): void {
  assert.ok(typeof actual === "object" && actual !== null, `${path} is a structure`);
  const members = new Map(Object.entries(actual));
  for (const [name, one] of Object.entries(expected)) {
    assertLike(members.get(name), one, `${path}.${name}`);
    members.delete(name);
  }
  for (const [name, value] of members) {
    if (additions.has(name) || (echoes.has(name) && (value === "" || value === 0))) continue;
    if (value === undefined) continue;
    assert.fail(`${path}.${name} is there, and should not be`);
  }
}

/** The call is refused by the service with this code and status; `$fault` follows from the status. */
export async function assertRefused(
  call: Promise<unknown>,
  name: string | readonly string[],
  status: number | readonly number[],
): Promise<ServiceError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error !== undefined, `it is refused with ${String(name)}`);
  if (!(error instanceof ServiceError)) throw error;
  const names = [name].flat();
  const statuses = [status].flat();
  assert.ok(names.includes(error.name), `${error.name} (${error.message}), not ${String(name)}`);
  // An answer to a HEAD has no body, and so no code but its status.
  assert.equal(error.code, error.name === "NotFound" ? "404" : error.name);
  assert.ok(
    statuses.includes(error.statusCode ?? 0),
    `status ${error.statusCode} of ${error.name}`,
  );
  assert.equal(error.$fault, (error.statusCode ?? 0) >= 500 ? "server" : "client");
  assert.equal(error.$service, "s3");
  assert.ok(error.message !== "", "message");
  assertMetadata(error.$metadata, error.statusCode ?? 0);
  return error;
}

/** `"0cc1…"`, with its quotes. */
export function etagOf(bytes: Uint8Array | string): string {
  return `"${createHash("md5").update(bytes).digest("hex")}"`;
}

/** The ETag of an object that was made of these parts. */
export function etagOfParts(parts: readonly (Uint8Array | string)[]): string {
  const hash = createHash("md5");
  for (const part of parts) hash.update(createHash("md5").update(part).digest());
  return `"${hash.digest("hex")}-${parts.length}"`;
}

/** Bytes of every value, different for each seed. */
export function bytesOf(length: number, seed = 1): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let state = (seed * 2_654_435_761) >>> 0;
  for (let index = 0; index < length; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}
