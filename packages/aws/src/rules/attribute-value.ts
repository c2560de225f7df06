import { ParamValidationError } from "../client/errors.ts";
import type { NativeValueOptions } from "../client/options.ts";
import { bytesOf } from "../protocol/bytes.ts";
import { quote } from "../protocol/json-text.ts";
import type { CustomShape } from "../protocol/protocol.ts";
import {
  DynamoNumber,
  type NumberReader,
  numberProblem,
  readAutoNumber,
  readBigInt,
} from "./dynamo-number.ts";

/** Deeper values contain themselves; DynamoDB itself takes 32 levels. */
const depthMax = 100;

/** DynamoDB's attribute values as JavaScript values. Source: aws-client.md §14.1. */
export function attributeValueShape(options: NativeValueOptions): CustomShape {
  const writer = new ValueWriter(options.convertClassInstances === true);
  const readNumber = numberReader(options.numbers ?? "auto");
  return {
    write: (value) => {
      try {
        return writer.write(value, 0);
      } catch (error) {
        throw error instanceof ValueProblem ? error.described() : error;
      }
    },
    read: (json) => readValue(json, readNumber),
  };
}

function numberReader(numbers: NonNullable<NativeValueOptions["numbers"]>): NumberReader {
  if (typeof numbers === "function") return numbers;
  if (numbers === "number") return Number;
  if (numbers === "string") return String;
  return numbers === "bigint" ? readBigInt : readAutoNumber;
}

/** What is wrong with a value, and where: the path grows while it is passed up. */
class ValueProblem extends Error {
  #path = "";

  within(step: string): this {
    this.#path = step + this.#path;
    return this;
  }

  described(): ParamValidationError {
    const path = this.#path.replace(/^\./, "");
    return new ParamValidationError("DynamoDB with native values", [
      { path: path === "" ? "value" : path, message: this.message },
    ]);
  }
}

/** Writes values as the JSON text of attribute values. */
class ValueWriter {
  readonly #convertsInstances: boolean;

  constructor(convertsInstances: boolean) {
    this.#convertsInstances = convertsInstances;
  }

  /** @throws ValueProblem */
  write(value: unknown, depth: number): string {
    if (typeof value === "string") return `{"S":${quote(value)}}`;
    if (typeof value === "number" || typeof value === "bigint") {
      return `{"N":"${numberText(value)}"}`;
    }
    if (typeof value === "boolean") return value ? '{"BOOL":true}' : '{"BOOL":false}';
    if (value === null) return '{"NULL":true}';
    if (typeof value === "object") return this.#object(value, depth);
    throw new ValueProblem(`a value of type ${typeof value} is no attribute value`);
  }

  #object(value: object, depth: number): string {
    if (depth > depthMax) throw new ValueProblem("is nested too deeply or contains itself");
    if (Array.isArray(value)) return `{"L":${this.#list(value, depth)}}`;
    if (isPlain(value)) return `{"M":${this.#members(value, depth)}}`;
    if (value instanceof Map) return `{"M":${this.#entries(value, depth)}}`;
    if (value instanceof Set) return setText(value);
    if (value instanceof DynamoNumber) return `{"N":"${numberText(value)}"}`;
    const bytes = bytesOf(value);
    if (bytes !== undefined) return `{"B":"${bytes.toString("base64")}"}`;
    if (this.#convertsInstances && !(value instanceof Date || value instanceof Blob)) {
      return `{"M":${this.#members(value, depth)}}`;
    }
    throw new ValueProblem(refusal(value));
  }

  #list(items: readonly unknown[], depth: number): string {
    let text = "";
    for (let index = 0; index < items.length; index++) {
      const item = items[index];
      if (item === undefined) continue;
      try {
        text += (text === "" ? "" : ",") + this.write(item, depth + 1);
      } catch (error) {
        throw located(error, `[${index}]`);
      }
    }
    return `[${text}]`;
  }

  #members(fields: object, depth: number): string {
    let text = "";
    for (const key of Object.keys(fields)) {
      text = this.#member(text, key, (fields as Record<string, unknown>)[key], depth);
    }
    return `{${text}}`;
  }

  #entries(map: ReadonlyMap<unknown, unknown>, depth: number): string {
    let text = "";
    for (const [key, item] of map) {
      if (typeof key !== "string") throw new ValueProblem("the keys of a Map must be strings");
      text = this.#member(text, key, item, depth);
    }
    return `{${text}}`;
  }

  #member(text: string, key: string, value: unknown, depth: number): string {
    if (value === undefined) return text;
    try {
      return `${text}${text === "" ? "" : ","}${quote(key)}:${this.write(value, depth + 1)}`;
    } catch (error) {
      throw located(error, `.${key}`);
    }
  }
}

function located(error: unknown, step: string): unknown {
  return error instanceof ValueProblem ? error.within(step) : error;
}

/** Objects of literals and of JSON, from any realm; without prototype too. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype === Object.prototype || prototype === null) return true;
  return Object.getPrototypeOf(prototype) === null && !(Symbol.toStringTag in value);
}

function refusal(value: object): string {
  if (value instanceof Date) return "a Date is no attribute value: give its text or its number";
  if (value instanceof Blob) return "a Blob cannot be read at once: give its bytes()";
  const name = value.constructor?.name ?? "class";
  return `an instance of ${name} is no attribute value: give a plain object, or set nativeValues: { convertClassInstances: true }`;
}

/** The shortest decimal form. */
function numberText(value: number | bigint | DynamoNumber): string {
  const text = String(value);
  if (Number.isSafeInteger(value)) return text;
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new ValueProblem(`${text} is no number that DynamoDB has`);
  }
  const problem = numberProblem(text);
  if (problem !== undefined) throw new ValueProblem(problem);
  return text;
}

/** A set of one kind. */
function setText(set: ReadonlySet<unknown>): string {
  let kind: "SS" | "NS" | "BS" | undefined;
  let text = "";
  for (const item of set) {
    const [itemKind, itemText] = setItem(item);
    if (kind !== undefined && kind !== itemKind) {
      throw new ValueProblem("a Set must have strings, numbers or bytes, not several of them");
    }
    kind = itemKind;
    text += (text === "" ? "" : ",") + itemText;
  }
  if (kind === undefined) throw new ValueProblem("a Set must not be empty: leave it out");
  return `{"${kind}":[${text}]}`;
}

function setItem(item: unknown): ["SS" | "NS" | "BS", string] {
  if (typeof item === "string") return ["SS", quote(item)];
  if (typeof item === "number" || typeof item === "bigint" || item instanceof DynamoNumber) {
    return ["NS", `"${numberText(item)}"`];
  }
  const bytes = bytesOf(item);
  if (bytes !== undefined) return ["BS", `"${bytes.toString("base64")}"`];
  const kind = item === null ? "null" : `a ${typeof item}`;
  throw new ValueProblem(`a Set has strings, numbers or bytes, not ${kind}`);
}

/** The value of an attribute value as `JSON.parse` gave it; lists and maps become the result in place. */
function readValue(json: unknown, readNumber: NumberReader): unknown {
  if (typeof json === "object" && json !== null) {
    // There is one member; a `null` beside it is left by other servers.
    for (const type in json) {
      const value = (json as Record<string, unknown>)[type];
      if (value !== null) return readTyped(type, value, readNumber);
    }
  }
  throw new TypeError("Cannot read an attribute value: it has no type");
}

function readTyped(type: string, value: unknown, readNumber: NumberReader): unknown {
  switch (type) {
    case "S":
    case "BOOL":
      return value;
    case "N":
      return readNumber(value as string);
    case "M":
      return readMap(value as Record<string, unknown>, readNumber);
    case "L":
      return readList(value as unknown[], readNumber);
    case "NULL":
      return null;
    case "B":
      return Buffer.from(value as string, "base64");
    case "SS":
      return new Set(value as string[]);
    case "NS":
      return new Set((value as string[]).map((text) => readNumber(text)));
    case "BS":
      return new Set((value as string[]).map((text) => Buffer.from(text, "base64")));
    default:
      return { $unknown: [type, value] };
  }
}

function readMap(fields: Record<string, unknown>, readNumber: NumberReader): unknown {
  // The keys are the object's own, so that this sets no prototype even for `__proto__`.
  for (const key of Object.keys(fields)) fields[key] = readValue(fields[key], readNumber);
  return fields;
}

function readList(items: unknown[], readNumber: NumberReader): unknown {
  for (let index = 0; index < items.length; index++) {
    items[index] = readValue(items[index], readNumber);
  }
  return items;
}
