import { crypto } from "../builtin/crypto.ts";
import { ParamValidationError } from "../client/errors.ts";
import { bytesOf } from "../protocol/bytes.ts";
import type { OperationModel } from "../model/model.ts";
import type { Input } from "../protocol/protocol.ts";
import { changedInput } from "./changed-input.ts";
import { splitCopySource } from "./copy-source.ts";

const { createHash } = crypto;

/** A rule for one member: the members that it adds or changes, or nothing. */
type MemberRule = (
  value: unknown,
  input: Input,
  operation: string,
) => Record<string, unknown> | undefined;

/** Rules by the name of the member that they look at. */
const memberRules: Readonly<Record<string, MemberRule>> = {
  CopySource: copySource,
  SSECustomerKey: (key, input) => customerKey(key, "SSECustomerKey", input),
  CopySourceSSECustomerKey: (key, input) => customerKey(key, "CopySourceSSECustomerKey", input),
  Metadata: metadata,
};

/** What is needed of an operation, whether it goes over HTTP or to a store. */
export interface S3Operation {
  readonly name: string;
  readonly model: OperationModel;
}

/** Where an operation goes. */
export interface S3Place {
  readonly region: string | undefined;
  /** Listings go through XML, which cannot carry all keys; default `true`. */
  readonly encodesKeys?: boolean | undefined;
}

/** Which rules an operation has. */
interface OperationRules {
  readonly members: readonly string[];
  readonly encodesKeys: boolean;
}

const operationRules = new WeakMap<S3Operation, OperationRules>();

/** Buckets as the general pattern, or an ARN. Source: botocore's `VALID_BUCKET`, `_VALID_S3_ARN`. */
const bucketPattern = /^(?:[a-zA-Z0-9._-]{1,255}|arn:.+)$/;

/**
 * The input as S3 wants it: copy sources as paths, customer keys in base64 with their digest,
 * metadata in lower case, keys of listings encoded, new buckets in the client's region.
 * @throws ParamValidationError
 */
export function s3Input(operation: S3Operation, input: Input, engine: S3Place): Input {
  checkBucket(operation, input["Bucket"]);
  const rules = rulesOf(operation);
  let changes: Record<string, unknown> | undefined;
  for (const name of rules.members) {
    const value = input[name];
    if (value === undefined || value === null) continue;
    const change = memberRules[name]?.(value, input, operation.name);
    if (change !== undefined) changes = { ...changes, ...change };
  }
  if (rules.encodesKeys && engine.encodesKeys !== false && input["EncodingType"] === undefined) {
    changes = { ...changes, EncodingType: "url" };
  }
  if (operation.name === "CreateBucket") changes = { ...changes, ...location(input, engine) };
  return changes === undefined ? input : changedInput(operation.model, input, changes);
}

function rulesOf(operation: S3Operation): OperationRules {
  let rules = operationRules.get(operation);
  if (rules === undefined) {
    const names = new Set(operation.model.input?.members.map(({ name }) => name));
    rules = {
      members: Object.keys(memberRules).filter((name) => names.has(name)),
      encodesKeys: names.has("EncodingType"),
    };
    operationRules.set(operation, rules);
  }
  return rules;
}

function checkBucket({ name }: S3Operation, bucket: unknown): void {
  if (typeof bucket !== "string" || bucket === "" || bucketPattern.test(bucket)) return;
  const message = bucket.includes("/")
    ? `"${bucket}" is no bucket: what follows the "/" belongs into Key or Prefix`
    : `"${bucket}" is no bucket: a name has letters, digits, ".", "-" and "_"; or give an ARN`;
  throw new ParamValidationError(name, [{ path: "Bucket", message }]);
}

/** `{ Bucket, Key, VersionId }`, or text; percent-encoded except for slashes. */
function copySource(
  value: unknown,
  _input: Input,
  operation: string,
): Record<string, unknown> | undefined {
  if (typeof value === "string") {
    const { path, version } = splitCopySource(value);
    const rest = version === undefined ? "" : `?versionId=${version}`;
    return { CopySource: encodePath(path, operation) + rest };
  }
  if (typeof value !== "object") return undefined;
  const { Bucket, Key, VersionId } = value as Readonly<Record<string, unknown>>;
  if (typeof Bucket !== "string" || typeof Key !== "string") {
    const message = 'give "bucket/key", or an object with Bucket, Key and VersionId';
    throw new ParamValidationError(operation, [{ path: "CopySource", message }]);
  }
  const place = Bucket.startsWith("arn:") ? `${Bucket}/object/${Key}` : `${Bucket}/${Key}`;
  const version =
    typeof VersionId === "string" ? `?versionId=${encodeURIComponent(VersionId)}` : "";
  return { CopySource: encodePath(place, operation) + version };
}

function encodePath(text: string, operation: string): string {
  if (!text.isWellFormed()) {
    const message = "it has half a character (a lone surrogate), which UTF-8 cannot hold";
    throw new ParamValidationError(operation, [{ path: "CopySource", message }]);
  }
  return text
    .split("/")
    .map((part) =>
      encodeURIComponent(part).replaceAll(
        /[!'()*]/g,
        (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
      ),
    )
    .join("/");
}

/** A key of 32 bytes, or its base64: sent as base64 with its MD5. */
function customerKey(
  key: unknown,
  name: string,
  input: Input,
): Record<string, unknown> | undefined {
  const bytes = typeof key === "string" ? keyOfText(key) : bytesOf(key);
  if (bytes === undefined) return undefined;
  const changes: Record<string, unknown> = { [name]: bytes.toString("base64") };
  if (input[`${name}MD5`] === undefined) {
    changes[`${name}MD5`] = createHash("md5").update(bytes).digest("base64");
  }
  return changes;
}

function keyOfText(text: string): Buffer {
  const decoded = Buffer.from(text, "base64");
  return decoded.length === 32 && decoded.toString("base64") === text ? decoded : Buffer.from(text);
}

/** Metadata travels in headers: names in lower case, and nothing but ASCII. */
function metadata(
  value: unknown,
  _input: Input,
  operation: string,
): Record<string, unknown> | undefined {
  const changed = new Map<string, unknown>();
  for (const [name, text] of Object.entries(value as object) as [string, unknown][]) {
    // It counts as absent, as members do.
    if (text === null || text === undefined) continue;
    for (const part of [name, text]) {
      if (typeof part === "string" && !/^[\t\x20-\x7e]*$/.test(part)) {
        const message = `"${part}" has characters that a header cannot carry: encode them, as with encodeURIComponent`;
        throw new ParamValidationError(operation, [{ path: `Metadata.${name}`, message }]);
      }
    }
    changed.set(name.toLowerCase(), text);
  }
  // Also a name that assignment would take for the prototype.
  return { Metadata: Object.fromEntries(changed) };
}

/** A new bucket is in the client's region, unless the input says where. */
function location(input: Input, { region }: S3Place): Record<string, unknown> | undefined {
  if (input["CreateBucketConfiguration"] !== undefined) return undefined;
  if (region === undefined || region === "us-east-1" || region === "aws-global") return undefined;
  const bucket = input["Bucket"];
  if (typeof bucket === "string" && (bucket.endsWith("--x-s3") || bucket.startsWith("arn:"))) {
    return undefined;
  }
  return { CreateBucketConfiguration: { LocationConstraint: region } };
}
