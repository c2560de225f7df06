import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { quoted } from "../configuration/quoted.ts";
import { reasonOf } from "./read-payload.ts";
import { UsageError } from "./usage-error.ts";

/** One call of a batch; the names are those of the Invoke API. */
export interface BatchCall {
  readonly FunctionName: string;
  /** JSON text. */
  readonly Payload?: string;
  readonly Qualifier?: string;
  readonly InvocationType?: string;
  /** Base64 of JSON text. */
  readonly ClientContext?: string;
}

/** What holds for lines that do not say it. */
export interface BatchDefaults {
  readonly functionName: string;
  readonly qualifier: string | undefined;
  readonly type: string;
  /** JSON text. */
  readonly clientContext: string | undefined;
}

const members: ReadonlySet<string> = new Set([
  "FunctionName",
  "Payload",
  "Qualifier",
  "InvocationType",
  "ClientContext",
]);

/**
 * Reads the calls of a batch, one JSON object a line, as they are asked for; empty lines are skipped.
 *
 * @yields a call
 * @throws {UsageError} with the line and what is wrong with it.
 */
export async function* readBatch(
  path: string,
  stdin: Readable,
  defaults: BatchDefaults,
): AsyncGenerator<BatchCall, void, undefined> {
  const input = path === "-" ? stdin : createReadStream(path);
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  let number = 0;
  try {
    for await (const line of lines) {
      number++;
      if (line.trim() !== "") yield parseBatchLine(line, number, defaults);
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const reason = reasonOf(error);
    throw new UsageError(`Cannot read batch ${quoted(path)}: ${reason}`, { cause: error });
  } finally {
    lines.close();
  }
}

/** The call of one line. Pure. @throws {UsageError} */
export function parseBatchLine(line: string, number: number, defaults: BatchDefaults): BatchCall {
  const place = `line ${number} of the batch`;
  let call: unknown;
  try {
    call = JSON.parse(line);
  } catch (error) {
    throw new UsageError(`Cannot read ${place}: it is no JSON: ${reasonOf(error)}`);
  }
  if (typeof call !== "object" || call === null || Array.isArray(call)) {
    throw new UsageError(`Cannot read ${place}: it is no JSON object such as {"Payload":{}}`);
  }
  const fields = call as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(fields).find((name) => !members.has(name));
  if (unknown !== undefined) {
    const known = [...members].join(", ");
    throw new UsageError(`Cannot read ${place}: ${quoted(unknown)} is none of ${known}`);
  }
  const functionName = textMember(fields, "FunctionName", place) ?? defaults.functionName;
  if (functionName === "") {
    throw new UsageError(`Cannot read ${place}: it has no FunctionName, and FUNCTION is not given`);
  }
  const qualifier = textMember(fields, "Qualifier", place) ?? defaults.qualifier;
  const { ClientContext: context = parsed(defaults.clientContext) } = fields;
  return {
    FunctionName: functionName,
    InvocationType: textMember(fields, "InvocationType", place) ?? defaults.type,
    ...("Payload" in fields && { Payload: JSON.stringify(fields["Payload"]) }),
    ...(qualifier !== undefined && { Qualifier: qualifier }),
    ...(context !== undefined && {
      ClientContext: Buffer.from(JSON.stringify(context)).toString("base64"),
    }),
  };
}

function parsed(json: string | undefined): unknown {
  return json === undefined ? undefined : JSON.parse(json);
}

function textMember(
  fields: Readonly<Record<string, unknown>>,
  name: string,
  place: string,
): string | undefined {
  const value = fields[name];
  if (value === undefined || typeof value === "string") return value;
  throw new UsageError(`Cannot read ${place}: ${name} is no string`);
}
