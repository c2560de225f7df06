import { Buffer } from "node:buffer";
import { DynamoNumber } from "../rules/dynamo-number.ts";

/** Where a run of pages goes on. */
export interface PagePlace {
  /** Values of the input's tokens, in the model's order; absent: not sent. */
  readonly tokens: readonly unknown[];
  /** Items of that page that have been used already. */
  readonly used: number;
}

/** Begins the text, so that it is told from a service's own token. */
const PREFIX = "page1.";

/**
 * A place as opaque text. Tokens can be objects (DynamoDB's keys) with bytes and big integers in them.
 * @throws TypeError for a token that text cannot hold.
 */
export function encodePlace({ tokens, used }: PagePlace): string {
  const json = JSON.stringify([used, tokens.map((token) => plain(token ?? null))]);
  return PREFIX + Buffer.from(json).toString("base64url");
}

/**
 * Reads such a text. Any other text is a service's own token and stands for the first one.
 * @param tokenCount tokens that the operation has.
 * @throws TypeError for a text of ours that is damaged or belongs to another operation.
 */
export function decodePlace(text: string, tokenCount: number): PagePlace {
  if (!text.startsWith(PREFIX)) return { tokens: [text], used: 0 };
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(text.slice(PREFIX.length), "base64url").toString());
  } catch {
    json = undefined;
  }
  const [used, tokens] = Array.isArray(json) ? (json as unknown[]) : [];
  if (!Number.isSafeInteger(used) || (used as number) < 0 || !Array.isArray(tokens)) {
    throw new TypeError(`Cannot resume: the token "${text}" is damaged`);
  }
  if (tokens.length !== tokenCount) {
    throw new TypeError(`Cannot resume: the token "${text}" is another operation's`);
  }
  return { tokens: tokens.map((token) => revived(token)), used: used as number };
}

/** Values that JSON lacks become `{ $: [kind, text] }`, and an object with a member `$` likewise. */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") return { $: ["bigint", String(value)] };
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Uint8Array) {
    return {
      $: ["bytes", Buffer.from(value.buffer, value.byteOffset, value.length).toString("base64")],
    };
  }
  if (value instanceof DynamoNumber) return { $: ["decimal", String(value)] };
  if (value instanceof Date) return { $: ["date", value.getTime()] };
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    const name = value.constructor.name;
    throw new TypeError(`Cannot make a token to resume with: a ${name} has no text form`);
  }
  const object = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
  return Object.hasOwn(value, "$") ? { $: ["object", object] } : object;
}

function revived(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value ?? undefined;
  if (Array.isArray(value)) return value.map(revived);
  const tagged = Object.hasOwn(value, "$") ? (value as { readonly $: unknown }).$ : undefined;
  if (!Array.isArray(tagged)) return members(value);
  const [kind, text] = tagged as unknown[];
  if (kind === "bytes") return Buffer.from(String(text), "base64");
  if (kind === "bigint") return BigInt(String(text));
  if (kind === "decimal") return new DynamoNumber(String(text));
  if (kind === "date") return new Date(Number(text));
  return members(text as object);
}

function members(value: object): Record<string, unknown> {
  // `fromEntries` defines: a member `__proto__` stays a member.
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, revived(item)]));
}
