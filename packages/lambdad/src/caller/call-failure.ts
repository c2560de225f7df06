/** The function was not run, or its answer was lost: what, why, and what to do about it. */
export class CallFailure extends Error {
  override readonly name: string = "CallFailure";
  /** AWS's name of the error, or the system's, e.g. `TooManyRequestsException`, `ECONNREFUSED`. */
  readonly kind: string;
  readonly remedy: string | undefined;

  constructor(kind: string, message: string, remedy?: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
    this.remedy = remedy;
  }
}

const remedies: ReadonlyMap<string, string> = new Map([
  [
    "ResourceNotFoundException",
    "Check the name; the name 'function' always means the function of the daemon",
  ],
  [
    "TooManyRequestsException",
    "Try again later, or start lambdad with a larger --max-concurrency or --max-waiting",
  ],
  ["RequestTooLargeException", "Send a smaller payload"],
  ["InvalidRequestContentException", "The payload must be JSON: check its quotes"],
]);

/**
 * Reads an error response of the Invoke API: the name from `x-amzn-ErrorType`, else from the body;
 * the text from `message`, else `Message`. Pure. Source: spec invoke-api §1.
 */
export function failureOfResponse(
  status: number,
  errorTypeHeader: string | undefined,
  body: string,
): CallFailure {
  const fields = parseObject(body);
  const code = errorTypeHeader ?? textOf(fields, "code") ?? textOf(fields, "__type");
  const kind = code?.split(":")[0]?.split("#").at(-1) ?? `HTTP ${status}`;
  const text = textOf(fields, "message") ?? textOf(fields, "Message") ?? body.trim().slice(0, 500);
  const message = text === "" ? `the endpoint answered with status ${status}` : text;
  return new CallFailure(kind, message, remedies.get(kind) ?? remedyOfStatus(status, message));
}

const connectionFailures: ReadonlyMap<string, readonly [reason: string, remedy?: string]> = new Map(
  [
    [
      "ECONNREFUSED",
      [
        "connection refused",
        "Is lambdad running there? Type 'lambdad run HANDLER', or give another --endpoint-url",
      ],
    ],
    ["ENOTFOUND", ["no such host", "Check --endpoint-url"]],
    [
      "EAI_AGAIN",
      ["the host name cannot be looked up now", "Check --endpoint-url and the network"],
    ],
    ["ETIMEDOUT", ["the host does not answer", "Check --endpoint-url and the network"]],
    ["EHOSTUNREACH", ["no route to the host", "Check --endpoint-url and the network"]],
    [
      "ECONNRESET",
      ["the connection was closed before the response was complete; the function may have run"],
    ],
    ["EPIPE", ["the connection was closed before the response was complete"]],
    ["ConnectionClosed", ["the connection was closed without a response"]],
    ["ResponseError", ["what answers there is not HTTP/1.1", "Check --endpoint-url"]],
    ["TimeoutError", ["no response in time", "Give a larger --timeout"]],
  ],
);

/** Converts an error of a socket or of the HTTP client, and keeps it as the cause. */
export function failureOfError(error: unknown): CallFailure {
  if (error instanceof CallFailure) return error;
  const code = systemCode(error);
  const message = error instanceof Error ? error.message : String(error);
  const [reason, remedy] = connectionFailures.get(code) ?? [message === "" ? code : message];
  return new CallFailure(code, reason, remedy, { cause: error });
}

/** Node's connect over several addresses fails with an error that holds one for each. */
function systemCode(error: unknown): string {
  if (error instanceof Error && "code" in error) return String(error.code);
  return error instanceof Error ? error.name : "Error";
}

function remedyOfStatus(status: number, message: string): string | undefined {
  if (status === 404) return "Is --endpoint-url a Lambda Invoke API?";
  // What lambdad itself refuses names its own remedy, an option.
  return status === 503 && !message.includes("--") ? "Try again later" : undefined;
}

/** The members of a JSON object, or nothing when the text is something else. */
export function parseObject(text: string): ReadonlyMap<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return new Map(typeof value === "object" && value !== null ? Object.entries(value) : []);
  } catch {
    return new Map();
  }
}

/** A member that is a text and not empty. */
export function textOf(fields: ReadonlyMap<string, unknown>, name: string): string | undefined {
  const value = fields.get(name);
  return typeof value === "string" && value !== "" ? value : undefined;
}
