import type { Member } from "../model/model.ts";
import { GeneratedSource } from "./generated-source.ts";
import { readInteger } from "./decimal.ts";
import { splitDates, splitList } from "./http-binding-text.ts";
import { define } from "./json-value.ts";
import { parseTimestampText } from "./timestamp.ts";
import type { Output } from "./protocol.ts";

/** Reads a header's text; `undefined` when it is not what the model says: the member is absent. */
type HeaderReader = (text: string) => unknown;

/** Sets the members that travel in headers and in the status. */
export type HeadersReader = (status: number, headers: readonly string[], output: Output) => void;

interface HeaderField {
  readonly name: string;
  readonly header: string;
  readonly list: boolean;
  /** `undefined`: the text is the value. */
  readonly read: HeaderReader | undefined;
}

interface PrefixField {
  readonly name: string;
  readonly prefix: string;
}

/**
 * Compiles a reader of the response's headers: one pass over them, looking names up. Prefix maps are
 * always present. `undefined` when no member is bound to headers or the status.
 */
export function compileHeadersReader(
  members: readonly Member[],
  generateCode: boolean,
): HeadersReader | undefined {
  const fields = members.filter(({ location }) => location === "header").map(headerField);
  const prefixes = members
    .filter(({ location }) => location === "headers")
    .map((member) => ({
      name: member.name,
      prefix: (member.wireName ?? member.name).toLowerCase(),
    }));
  const status = members.find(({ location }) => location === "statusCode")?.name;
  if (fields.length === 0 && prefixes.length === 0) {
    if (status === undefined) return undefined;
    return (code, _headers, output) => {
      output[status] = code;
    };
  }
  return generateCode
    ? generateHeadersReader(fields, prefixes, status)
    : closureHeadersReader(fields, prefixes, status);
}

function headerField(member: Member): HeaderField {
  return {
    name: member.name,
    header: (member.wireName ?? member.name).toLowerCase(),
    list: member.shape.kind === "list",
    read: headerReader(member),
  };
}

function generateHeadersReader(
  fields: readonly HeaderField[],
  prefixes: readonly PrefixField[],
  status: string | undefined,
): HeadersReader {
  const source = new GeneratedSource();
  const cases = fields.map((field) => {
    const target = `o[${JSON.stringify(field.name)}]`;
    const read = field.read === undefined ? "h[i + 1]" : `${source.constant(field.read)}(h[i + 1])`;
    const set = field.list
      ? `x = ${read}; if (${target} === undefined) ${target} = x; else ${source.constant(append)}(${target}, x);`
      : `if (${target} === undefined && (x = ${read}) !== undefined) ${target} = x;`;
    return `case ${JSON.stringify(field.header)}: ${set} break;`;
  });
  const put = prefixes.map(({ name, prefix }, index) => {
    const text = JSON.stringify(prefix);
    const entry = `${source.constant(putEntry)}(p${index}, n.slice(${prefix.length}), h[i + 1])`;
    return { declare: `const p${index} = o[${JSON.stringify(name)}] = {};`, text, entry };
  });
  return source.compile(`(status, h, o) => {
let x;
${status === undefined ? "" : `o[${JSON.stringify(status)}] = status;`}
${put.map(({ declare }) => declare).join("\n")}
for (let i = 0; i < h.length; i += 2) {
  const n = h[i];
  switch (n) {
    ${cases.join("\n    ")}
  }
  ${put.map(({ text, entry }) => `if (n.startsWith(${text})) ${entry};`).join("\n  ")}
}
}`) as HeadersReader;
}

function closureHeadersReader(
  fields: readonly HeaderField[],
  prefixes: readonly PrefixField[],
  status: string | undefined,
): HeadersReader {
  const byHeader = new Map(fields.map((field) => [field.header, field]));

  function set({ name, list, read }: HeaderField, text: string, output: Output): void {
    const before = output[name];
    if (before !== undefined && !list) return;
    const value = read === undefined ? text : read(text);
    if (before !== undefined) append(before as unknown[], value as readonly unknown[]);
    else if (value !== undefined) output[name] = value;
  }

  return (code, headers, output) => {
    if (status !== undefined) output[status] = code;
    for (const { name } of prefixes) output[name] = {};
    for (let at = 0; at < headers.length; at += 2) {
      const header = headers[at] as string;
      const text = headers[at + 1] as string;
      const field = byHeader.get(header);
      if (field !== undefined) set(field, text, output);
      for (const { name, prefix } of prefixes) {
        if (!header.startsWith(prefix)) continue;
        putEntry(output[name] as object, header.slice(prefix.length), text);
      }
    }
  };
}

/** A list may come in several headers. */
function append(items: unknown[], more: readonly unknown[]): void {
  for (const item of more) items.push(item);
}

/** The first of several headers of one name stays. */
function putEntry(entries: object, key: string, value: string): void {
  if (!Object.hasOwn(entries, key)) define(entries, key, value);
}

/** Reader of a header's text; `undefined` for strings. */
function headerReader(member: Member): HeaderReader | undefined {
  if (member.jsonValue === true) return readJsonText;
  const { shape } = member;
  return shape.kind === "list" ? listReader(shape.member, member) : readers[shape.kind];
}

const readers: Readonly<Partial<Record<Member["shape"]["kind"], HeaderReader>>> = {
  boolean: readBoolean,
  integer: readNumberText,
  float: readNumberText,
  double: readNumberText,
  bigDecimal: readNumberText,
  long: readLongText,
  bigInteger: readLongText,
  timestamp: parseTimestampText,
  blob: readBase64,
};

function listReader(item: Member, list: Member): HeaderReader {
  if (item.shape.kind === "timestamp") {
    const format = item.timestampFormat ?? list.timestampFormat ?? "rfc822";
    const split = format === "rfc822" ? splitDates : splitList;
    return (text) => present(split(text).map(parseTimestampText));
  }
  const read = headerReader(item);
  if (read === undefined) return splitList;
  return (text) => present(splitList(text).map((each) => read(each)));
}

function present(values: readonly unknown[]): unknown[] {
  return values.filter((value) => value !== undefined);
}

function readBoolean(text: string): boolean | undefined {
  if (text === "true") return true;
  if (text === "false") return false;
  const lower = text.trim().toLowerCase();
  return lower === "true" ? true : lower === "false" ? false : undefined;
}

function readNumberText(text: string): number | undefined {
  const trimmed = text.trim();
  if (trimmed === "NaN") return Number.NaN;
  const number = trimmed === "" ? Number.NaN : Number(trimmed);
  return Number.isNaN(number) ? undefined : number;
}

function readLongText(text: string): number | bigint | undefined {
  const number = Number(text);
  return Number.isSafeInteger(number) && text.trim() !== "" ? number : readInteger(text.trim());
}

function readBase64(text: string): Buffer {
  return Buffer.from(text, "base64");
}

/** A JSON value: base64 of its text. */
function readJsonText(text: string): string {
  return Buffer.from(text, "base64").toString("utf8");
}
