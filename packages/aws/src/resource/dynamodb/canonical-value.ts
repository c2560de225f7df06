import { bytesOf } from "../../protocol/bytes.ts";
import { isDecimalText, significant } from "../../protocol/decimal.ts";
import { quote } from "../../protocol/json-text.ts";
import { DynamoNumber } from "../../rules/dynamo-number.ts";

/**
 * Text that is the same for values that are the same to DynamoDB, whatever they are in JavaScript:
 * `5` and `5n`, objects and maps, and sets in any order.
 */
export function canonicalText(value: unknown): string {
  if (typeof value === "string") return quote(value);
  if (typeof value === "number" || typeof value === "bigint" || value instanceof DynamoNumber) {
    return numberText(value);
  }
  if (typeof value !== "object" || value === null) return String(value);
  const bytes = bytesOf(value);
  if (bytes !== undefined) return `B${bytes.toString("base64")}`;
  if (Array.isArray(value)) return `[${value.filter(isThere).map(canonicalText).join()}]`;
  if (value instanceof Set) return `Set(${[...value].map(canonicalText).sort().join()})`;
  const members = value instanceof Map ? [...value] : Object.entries(value);
  const texts = members
    .filter(([, member]) => isThere(member))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalText(member)}`);
  return `{${texts.sort().join()}}`;
}

/** Most numbers of keys are small integers, for which their own text will do. */
function numberText(value: number | bigint | DynamoNumber): string {
  if (typeof value === "number" && Number.isSafeInteger(value)) return `N${value}`;
  const text = String(value);
  const digits = significant(text);
  const number = Number(text);
  const isSmall = Number.isSafeInteger(number) && significant(String(number)) === digits;
  return `N${isSmall ? number : digits}`;
}

/**
 * The key of an item as text; two items of a table have the same key when it is the same.
 * @throws TypeError when the item lacks an attribute of the key.
 */
export function keyText(item: object, names: readonly string[]): string {
  const [only] = names;
  // The most usual key by far: one text.
  if (names.length === 1) return canonicalText(keyValue(item, only as string));
  let text = "";
  for (const name of names) text += `${canonicalText(keyValue(item, name))},`;
  return text;
}

/**
 * Text of a key that has been to DynamoDB and back, when numbers may have become anything that is
 * written like them (the option `numbers`). In one table it is as exact as the other.
 */
export function looseText(key: object): string {
  const names = Object.keys(key).sort();
  return names.map((name) => looseValue((key as Record<string, unknown>)[name])).join();
}

function looseValue(value: unknown): string {
  const bytes = typeof value === "string" ? undefined : bytesOf(value);
  if (bytes !== undefined) return `B${bytes.toString("base64")}`;
  const text = String(value);
  return isDecimalText(text) ? `N${significant(text)}` : JSON.stringify(text);
}

/** An attribute of a key. @throws TypeError when the item lacks it. */
export function keyValue(item: object, name: string): unknown {
  const value: unknown =
    item instanceof Map ? item.get(name) : (item as Readonly<Record<string, unknown>>)[name];
  if (isThere(value)) return value;
  throw new TypeError(
    `Cannot write the item: it has no "${name}", which is an attribute of the table's key`,
  );
}

function isThere(value: unknown): boolean {
  return value !== undefined;
}
