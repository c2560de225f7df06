/** A line of `fixtures/audit/function.mjs` or of the auditor, as it was found in a record or a log. */
export interface NumberedLine {
  /** `out`, `err` or `log` of the function, `ext` of the auditor: each counts for itself, from 0. */
  readonly output: string;
  readonly number: number;
  /** The invocation in which it was written. */
  readonly requestId: string;
}

/** The outputs of the function; each gets as many lines. */
export const functionOutputs: readonly string[] = ["out", "err", "log"];

// What a runtime puts before the text of `console.log` ends in a tab. The number stands at both ends:
// a line that was cut, or mixed with another, does not match.
const pattern = /^(?:[^\n]*\t)?(out|err|log|ext) (\d+) ([0-9a-f-]{36}) x* (\d+)\n?$/;

/** Reads a line, with or without its newline; `undefined` when it is none of ours, or not whole. */
export function parseNumberedLine(text: string): NumberedLine | undefined {
  const [, output = "", number = "", requestId = "", again = ""] = pattern.exec(text) ?? [];
  if (output === "" || number !== again) return undefined;
  return { output, number: Number(number), requestId };
}

/** What the function writes, and the auditor. */
export function numberedLine({ output, number, requestId }: NumberedLine): string {
  return `${output} ${number} ${requestId}  ${number}`;
}
