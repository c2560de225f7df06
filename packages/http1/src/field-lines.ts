import type { RequestHeaders } from "./exchange.ts";
import { HTAB, SPACE } from "./octets.ts";

/** Numbers that one field takes in the list of offsets: name, colon, value, end of the value. */
const OFFSETS_PER_FIELD = 4;

/**
 * Header or trailer fields: the text they came in, and where in it each name and value is.
 *
 * Nothing is copied out before it is asked for, and names are never keys of an object.
 */
export class FieldLines implements RequestHeaders {
  readonly #text: string;
  readonly #offsets: readonly number[];

  /** @param offsets four per field: start of the name, its colon, start and end of the value. */
  constructor(text: string, offsets: readonly number[]) {
    this.#text = text;
    this.#offsets = offsets;
  }

  get(lowerCaseName: string): string | undefined {
    const text = this.#text;
    const offsets = this.#offsets;
    let value: string | undefined;
    for (let i = 0; i < offsets.length; i += OFFSETS_PER_FIELD) {
      if (!isName(text, offsets[i]!, offsets[i + 1]!, lowerCaseName)) continue;
      const found = text.slice(offsets[i + 2], offsets[i + 3]);
      value = value === undefined ? found : `${value}, ${found}`;
    }
    return value;
  }

  *entries(): Iterable<readonly [string, string]> {
    const text = this.#text;
    const offsets = this.#offsets;
    for (let i = 0; i < offsets.length; i += OFFSETS_PER_FIELD) {
      const name = text.slice(offsets[i], offsets[i + 1]).toLowerCase();
      yield [name, text.slice(offsets[i + 2], offsets[i + 3])];
    }
  }
}

/** The fields of a message that has none. */
export const NO_FIELDS: RequestHeaders = new FieldLines("", []);

/** Whether the name between two offsets is this one, without case. */
export function isName(text: string, start: number, end: number, lowerCaseName: string): boolean {
  if (end - start !== lowerCaseName.length) return false;
  for (let i = start; i < end; i += 1) {
    let code = text.charCodeAt(i);
    if (code >= 0x41 && code <= 0x5a) code |= 0x20;
    if (code !== lowerCaseName.charCodeAt(i - start)) return false;
  }
  return true;
}

/** Whether a list that is split by commas has this element, without case (RFC 9110 §5.6.1). */
export function hasElement(list: string, lowerCaseElement: string): boolean {
  let start = 0;
  while (start <= list.length) {
    const comma = list.indexOf(",", start);
    let end = comma === -1 ? list.length : comma;
    const next = end + 1;
    while (start < end && isBlank(list.charCodeAt(start))) start += 1;
    while (end > start && isBlank(list.charCodeAt(end - 1))) end -= 1;
    if (isName(list, start, end, lowerCaseElement)) return true;
    start = next;
  }
  return false;
}

function isBlank(code: number): boolean {
  return code === SPACE || code === HTAB;
}
