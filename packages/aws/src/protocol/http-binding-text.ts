import type { Member, TimestampFormat } from "../model/model.ts";
import { base64Of } from "./bytes.ts";
import { writeDocument } from "./json-text.ts";
import { timestampWriter } from "./timestamp.ts";

/** Writes one value as text of a path, a query or a header, not encoded yet. */
export type PartWriter = (value: unknown) => string;

/** Where a value travels outside the body. */
export type Place = "label" | "query" | "header";

const defaultFormat: Readonly<Record<Place, TimestampFormat>> = {
  label: "iso8601",
  query: "iso8601",
  header: "rfc822",
};

/** The writer of a scalar outside the body. Timestamps: ISO 8601, in headers RFC 9110's form. */
export function partWriter(member: Member, place: Place): PartWriter {
  if (member.jsonValue === true) return place === "header" ? jsonHeader : jsonText;
  const { kind } = member.shape;
  if (kind === "timestamp") return timestampWriter(member.timestampFormat ?? defaultFormat[place]);
  if (kind === "blob") return base64Of;
  return kind === "document" ? writeDocument : String;
}

function jsonText(value: unknown): string {
  return typeof value === "string" ? value : writeDocument(value);
}

function jsonHeader(value: unknown): string {
  return Buffer.from(jsonText(value)).toString("base64");
}

const unreserved = /^[A-Za-z0-9\-._~]*$/;
const unreservedPath = /^[A-Za-z0-9\-._~/]*$/;

/** RFC 3986: all but unreserved characters are encoded. @throws URIError for a lone surrogate */
export function percentEncode(text: string): string {
  return unreserved.test(text) ? text : encodeAll(text);
}

/** As `percentEncode`, but `/` stays. */
export function percentEncodePath(text: string): string {
  return unreservedPath.test(text) ? text : encodeAll(text).replaceAll("%2F", "/");
}

function encodeAll(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => {
    return `%${char.charCodeAt(0).toString(16).toUpperCase()}`;
  });
}

// oxlint-disable-next-line no-control-regex -- these are what ends a header
const breaking = /[\r\n\0]/;

/** The value, if it cannot break out of its header. @throws RangeError for CR, LF and NUL */
export function headerValue(value: string, name: string): string {
  if (!breaking.test(value)) return value;
  throw new RangeError(
    `Cannot send header "${name}": its value has a line break or a NUL: ${JSON.stringify(value)}`,
  );
}

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** A header's name in lower case. @throws RangeError when it is not a token of RFC 9110 */
export function headerName(name: string): string {
  if (token.test(name)) return name.toLowerCase();
  throw new RangeError(`Cannot send header ${JSON.stringify(name)}: it is not a valid name`);
}

/** An item of a header's list: quoted when it has a comma or a quote. */
export function listItem(text: string): string {
  if (!/[",]/.test(text)) return text;
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/** Items of a header's list; quoted items lose their quotes. */
export function splitList(text: string): string[] {
  if (!text.includes('"')) return text === "" ? [] : text.split(",").map((item) => item.trim());
  const items: string[] = [];
  let at = 0;
  while (at < text.length) {
    while (text[at] === " " || text[at] === "\t") at++;
    let item = "";
    if (text[at] === '"') {
      for (at++; at < text.length && text[at] !== '"'; at++) {
        if (text[at] === "\\" && at + 1 < text.length) at++;
        item += text[at];
      }
    }
    const comma = text.indexOf(",", at);
    const end = comma < 0 ? text.length : comma;
    if (item === "" && text[at] !== '"') item = text.slice(at, end).trim();
    items.push(item);
    at = end + 1;
  }
  return items;
}

/** Dates of RFC 9110 have a comma of their own. */
export function splitDates(text: string): string[] {
  return splitList(text.replace(/([A-Za-z]{3,9}),\s+(?=\d)/g, "$1 "));
}
