/** Where in a document something is wrong. Both count from 1; columns count bytes. */
export interface JsonPosition {
  readonly line: number;
  readonly column: number;
}

/** What a parser can be waiting for, and how AWS words it when something else comes. */
export const expectations = {
  value:
    "expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
  name: "was expecting double-quote to start field name",
  colon: "was expecting a colon to separate field name and value",
  objectEntry: "was expecting comma to separate Object entries",
  arrayEntry: "was expecting comma to separate Array entries",
  end: "was expecting the end of the input",
  digit: "expected digit (0-9) for valid numeric value",
  hexDigit: "expected a hex-digit for character escape sequence",
} as const;

/**
 * The texts below are those of AWS's front end, which parses with Jackson, seen Live; only the excerpt of
 * the document is left out of them.
 */
export function unexpectedCharacter(byte: number, expectation: keyof typeof expectations): string {
  return `Unexpected character (${describeByte(byte)}): ${expectations[expectation]}`;
}

export function unrecognizedToken(): string {
  return "Unrecognized token: was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
}

export function controlCharacter(byte: number): string {
  return `Illegal unquoted character (${describeByte(byte)}): has to be escaped using backslash to be included in string value`;
}

export function unrecognizedEscape(byte: number): string {
  return `Unrecognized character escape ${describeByte(byte)}`;
}

export function leadingZero(): string {
  return "Invalid numeric value: Leading zeroes not allowed";
}

export function invalidUtf8Start(byte: number): string {
  return `Invalid UTF-8 start byte 0x${byte.toString(16)}`;
}

export function invalidUtf8Middle(byte: number): string {
  return `Invalid UTF-8 middle byte 0x${byte.toString(16)}`;
}

export function unexpectedEnd(): string {
  return "Unexpected end-of-input";
}

/** The whole message of an `InvalidRequestContentException`. */
export function jsonFaultMessage(fault: string, { line, column }: JsonPosition): string {
  return `Could not parse request body into json: Could not parse payload into json: ${fault} at [Source: (byte[]); line: ${line}, column: ${column}]`;
}

function describeByte(byte: number): string {
  if (byte < 0x20 || byte === 0x7f) return `(CTRL-CHAR, code ${byte})`;
  if (byte < 0x80) return `'${String.fromCharCode(byte)}' (code ${byte})`;
  return `byte 0x${byte.toString(16)}`;
}
