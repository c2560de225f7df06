/** Names of the headers, as they are written. They are read without regard to case. Contract §12, §16.10. */
export const headerNames = {
  proto: "X-Lambda-Proto",
  deadline: "X-Lambda-Deadline-Ms",
  attempt: "X-Lambda-Attempt",
  errorClass: "X-Lambda-Error-Class",
  traceId: "X-Amzn-Trace-Id",
  clientContext: "X-Amz-Client-Context",
  requestId: "X-Amzn-Requestid",
  logType: "X-Amz-Log-Type",
  logResult: "X-Amz-Log-Result",
  functionError: "X-Amz-Function-Error",
  executedVersion: "X-Amz-Executed-Version",
  tenantId: "X-Amz-Tenant-Id",
  /** Request: `accept`. Reply: `<number>/`, and `<number>/<number>` in the last message. */
  stream: "X-Lambda-Stream",
  streamId: "X-Lambda-Stream-Id",
} as const;

/** Value of `X-Lambda-Proto`. */
export const protoVersion = "1";

/** A table of headers as the client library gives it; every value may be of any AMQP type. */
export type HeaderTable = Readonly<Record<string, unknown>> | undefined;

/**
 * The text of one header; `name` in lower case. Byte arrays count as text, since some clients send text
 * so; what is neither counts as absent: a peer's number must not harm (contract §5).
 */
export function headerText(table: HeaderTable, name: string): string | undefined {
  if (table === undefined) return undefined;
  for (const key in table) {
    if (key.length === name.length && key.toLowerCase() === name) return textOf(table[key]);
  }
  return undefined;
}

/** What a value of a header table says as text. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return value instanceof Uint8Array ? Buffer.from(value).toString() : undefined;
}
