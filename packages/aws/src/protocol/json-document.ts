import { ResponseParseError } from "../client/errors.ts";
import { Decimal } from "./decimal.ts";
import { compileReader } from "./json-reader.ts";
import type { ReadNode } from "./json-read-plan.ts";
import { type ValueReader, unsafeNumber } from "./json-value.ts";

/**
 * Compiles a reader of JSON documents: bytes to the value of the plan's shape. `special`: the shape
 * has floats, which may arrive as `"NaN"`. The reader throws `ResponseParseError`.
 */
export function compileJsonDocument(
  node: ReadNode,
  special: boolean,
  generateCode: boolean,
): (body: Buffer) => unknown {
  const plain = compileReader(node, "plain", generateCode);
  let full: ValueReader | undefined;

  function readFull(document: unknown): unknown {
    full ??= compileReader(node, "full", generateCode) ?? asIs;
    return full(document);
  }

  function read(text: string): unknown {
    // A walk for `null` and special floats is needed in few answers; these tests are cheap.
    if (text.includes("null") || (special && hasSpecialFloat(text))) {
      return readFull(JSON.parse(text));
    }
    const document: unknown = JSON.parse(text);
    return plain === undefined ? document : plain(document);
  }

  return (body) => {
    const text = body.toString();
    try {
      return read(text);
    } catch (error) {
      if (error !== unsafeNumber) throw parseError(body, error);
    }
    try {
      return readFull(JSON.parse(text, keepDigits));
    } catch (error) {
      throw parseError(body, error);
    }
  };
}

/** As `compileJsonDocument`, for documents that must be objects; an empty body is an empty object. */
export function compileJsonObject(
  node: ReadNode,
  special: boolean,
  generateCode: boolean,
): (body: Buffer) => Record<string, unknown> {
  const read = compileJsonDocument(node, special, generateCode);
  return (body) => {
    if (body.length === 0) return {};
    const value = read(body);
    if (value === null) return {};
    if (typeof value !== "object" || Array.isArray(value)) {
      throw new ResponseParseError("Cannot read the response: its body is no JSON object", body);
    }
    return value as Record<string, unknown>;
  };
}

/** The error for a body that cannot be read. */
export function parseError(body: Buffer, cause: unknown): ResponseParseError {
  if (cause instanceof ResponseParseError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ResponseParseError(`Cannot read the response: ${reason}`, body, cause);
}

function asIs(value: unknown): unknown {
  return value;
}

/** V8 looks for a pattern of more than six characters in another way, which takes four times as long. */
function hasSpecialFloat(text: string): boolean {
  return text.includes('NaN"') || text.includes("Infini");
}

/** A reviver that keeps the text of numbers that JavaScript would round. */
function keepDigits(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== "number") return value;
  const source = context?.source;
  if (source === undefined) return value;
  const exact = Math.abs(value) <= Number.MAX_SAFE_INTEGER && String(value) === source;
  return exact ? value : new Decimal(source);
}
