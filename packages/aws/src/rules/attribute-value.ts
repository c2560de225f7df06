import { ParamValidationError } from "../client/errors.ts";
import type { NativeValueOptions } from "../client/options.ts";
import { bytesOf } from "../protocol/bytes.ts";
import { isPlain, quote } from "../protocol/json-text.ts";
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
  const convertsInstances = options.convertClassInstances === true;
  const readNumber = numberReader(options.numbers ?? "auto");
  return {
    write: (value) => {
      try {
        return writeValue(value, convertsInstances, 0);
      } catch (error) {
        if (!(error instanceof ValueProblem)) throw error;
        const path = pathOfProblem(value, convertsInstances).replace(/^\./, "");
        throw new ParamValidationError("DynamoDB with native values", [
          { path, message: error.message },
        ]);
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

/** What is wrong with a value. */
class ValueProblem extends Error {}

/** Writes a value as the JSON text of an attribute value. @throws ValueProblem */
function writeValue(value: unknown, convertsInstances: boolean, depth: number): string {
  if (typeof value === "string") {
    return isPlain(value) ? `{"S":"${value}"}` : `{"S":${JSON.stringify(value)}}`;
  }
  if (typeof value === "number" || typeof value === "bigint") {
    return `{"N":"${numberText(value)}"}`;
  }
  if (typeof value === "boolean") return value ? '{"BOOL":true}' : '{"BOOL":false}';
  if (value === null) return '{"NULL":true}';
  if (typeof value === "object") return writeObject(value, convertsInstances, depth);
  throw new ValueProblem(`a value of type ${typeof value} is no attribute value`);
}

function writeObject(value: object, convertsInstances: boolean, depth: number): string {
  if (depth > depthMax) throw new ValueProblem("is nested too deeply or contains itself");
  if (Array.isArray(value)) return writeList(value, convertsInstances, depth);
  if (isPlainObject(value)) return writeMembers(value, convertsInstances, depth);
  if (value instanceof Map) return writeEntries(value, convertsInstances, depth);
  if (value instanceof Set) return setText(value);
  if (value instanceof DynamoNumber) return `{"N":"${numberText(value)}"}`;
  const bytes = bytesOf(value);
  if (bytes !== undefined) return `{"B":"${bytes.toString("base64")}"}`;
  if (convertsInstances && !(value instanceof Date || value instanceof Blob)) {
    return writeMembers(value, convertsInstances, depth);
  }
  throw new ValueProblem(refusal(value));
}

function writeList(items: readonly unknown[], convertsInstances: boolean, depth: number): string {
  let text = "";
  for (let index = 0; index < items.length; index++) {
    const item = items[index];
    if (item === undefined) continue;
    text += (text === "" ? '{"L":[' : ",") + writeValue(item, convertsInstances, depth + 1);
  }
  return text === "" ? '{"L":[]}' : `${text}]}`;
}

function writeMembers(fields: object, convertsInstances: boolean, depth: number): string {
  let text = "";
  for (const key of Object.keys(fields)) {
    const value = (fields as Readonly<Record<string, unknown>>)[key];
    if (value === undefined) continue;
    text += memberStart(text, key) + writeValue(value, convertsInstances, depth + 1);
  }
  return text === "" ? '{"M":{}}' : `${text}}}`;
}

function writeEntries(
  map: ReadonlyMap<unknown, unknown>,
  convertsInstances: boolean,
  depth: number,
): string {
  let text = "";
  for (const [key, value] of map) {
    if (typeof key !== "string") throw new ValueProblem("the keys of a Map must be strings");
    if (value === undefined) continue;
    text += memberStart(text, key) + writeValue(value, convertsInstances, depth + 1);
  }
  return text === "" ? '{"M":{}}' : `${text}}}`;
}

function memberStart(text: string, key: string): string {
  if (!isPlain(key)) return `${text === "" ? '{"M":{' : ","}${JSON.stringify(key)}:`;
  return text === "" ? `{"M":{"${key}":` : `,"${key}":`;
}

/** Where the problem of a value is: its children are tried one by one. */
function pathOfProblem(value: unknown, convertsInstances: boolean): string {
  for (const [step, child] of childrenOf(value)) {
    if (child === undefined) continue;
    try {
      writeValue(child, convertsInstances, 0);
    } catch (error) {
      if (!(error instanceof ValueProblem)) throw error;
      // A value that contains itself has no end to be found.
      return error.message.startsWith("is nested")
        ? step
        : step + pathOfProblem(child, convertsInstances);
    }
  }
  return "";
}

function childrenOf(value: unknown): readonly (readonly [step: string, child: unknown])[] {
  if (Array.isArray(value)) return value.map((item, index) => [`[${index}]`, item] as const);
  if (value instanceof Map) return [...value].map(([key, item]) => [`.${String(key)}`, item]);
  if (typeof value !== "object" || value === null || value instanceof Set) return [];
  if (bytesOf(value) !== undefined) return [];
  return Object.entries(value).map(([key, item]) => [`.${key}`, item] as const);
}

/** Objects of literals and of JSON, from any realm; without prototype too. */
function isPlainObject(value: object): boolean {
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
  // Numbers of JavaScript have few digits: only their magnitude can be wrong.
  if (typeof value === "number" && (value === 0 || isWithinRange(Math.abs(value)))) return text;
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new ValueProblem(`${text} is no number that DynamoDB has`);
  }
  const problem = numberProblem(text);
  if (problem !== undefined) throw new ValueProblem(problem);
  return text;
}

function isWithinRange(magnitude: number): boolean {
  return magnitude > 1e-130 && magnitude < 1e126;
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
