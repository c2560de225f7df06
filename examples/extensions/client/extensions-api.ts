import { Agent, type IncomingHttpHeaders, request } from "node:http";

/** An invocation has begun. Its payload is not for extensions. */
export interface InvokeEvent {
  readonly eventType: "INVOKE";
  readonly requestId: string;
  readonly invokedFunctionArn: string;
  /** When the invocation times out, in milliseconds since 1970. */
  readonly deadlineMs: number;
}

/** The environment ends. The extension is to exit by itself. */
export interface ShutdownEvent {
  readonly eventType: "SHUTDOWN";
  /** `spindown`, `timeout` or `failure`: to be compared without regard to case. */
  readonly shutdownReason: string;
  /** When SIGKILL follows, in milliseconds since 1970. */
  readonly deadlineMs: number;
}

/** The API has refused a call. */
export class ExtensionsApiError extends Error {
  override readonly name = "ExtensionsApiError";
  readonly status: number;
  /** AWS's name of the error, empty if the answer has none. */
  readonly errorType: string;

  constructor(call: string, status: number, body: string) {
    super(`Cannot ${call}: the Extensions API answered ${status} ${body}`);
    this.status = status;
    this.errorType = errorTypeOf(body);
  }
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Call {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly agent?: Agent | false;
  readonly signal?: AbortSignal | undefined;
}

const extensionPath = "/2020-01-01/extension";
/** How long a report of an error may take: the process is about to end. */
const reportMs = 1_000;

/**
 * The Extensions API and the Telemetry API, for one extension. Calls of the event loop share one
 * connection, which is kept open. `node:http` waits for an event as long as it takes; `fetch` would
 * give up after five minutes without an invocation.
 */
export class ExtensionsApi {
  readonly #origin: string;
  readonly #agent: Agent = new Agent({ keepAlive: true, maxSockets: 1 });
  #identifier: string | undefined;
  #hasCalledNext = false;

  /** @param address `HOST:PORT` of the API. */
  constructor(address: string) {
    this.#origin = `http://${address}`;
  }

  /**
   * An external extension's name is that of its file, suffix included.
   *
   * @throws {ExtensionsApiError} when it is refused.
   */
  async register(name: string, events: readonly ("INVOKE" | "SHUTDOWN")[]): Promise<void> {
    const answer = await this.#call("POST", `${extensionPath}/register`, {
      headers: { "Lambda-Extension-Name": name, "Content-Type": "application/json" },
      body: { events },
    });
    const identifier = answer.headers["lambda-extension-identifier"];
    if (answer.status !== 200 || typeof identifier !== "string") {
      throw new ExtensionsApiError("register", answer.status, answer.body);
    }
    this.#identifier = identifier;
  }

  /**
   * Subscribes to telemetry: after `register()`, before the first `next()`.
   *
   * @returns false when the host has no Telemetry API, as some emulators.
   * @throws {ExtensionsApiError} when it is refused.
   */
  async subscribe(subscription: Readonly<Record<string, unknown>>): Promise<boolean> {
    const answer = await this.#call("PUT", "/2022-07-01/telemetry", {
      headers: { "Content-Type": "application/json" },
      body: subscription,
    });
    if (answer.status === 202) return false;
    if (answer.status !== 200) {
      throw new ExtensionsApiError("subscribe", answer.status, answer.body);
    }
    return true;
  }

  /**
   * Says that the extension is ready, and waits for the next event: without a limit.
   *
   * @throws {ExtensionsApiError} when it is refused.
   */
  async next(signal?: AbortSignal): Promise<InvokeEvent | ShutdownEvent> {
    this.#hasCalledNext = true;
    const answer = await this.#call("GET", `${extensionPath}/event/next`, { signal });
    if (answer.status !== 200) throw new ExtensionsApiError("next", answer.status, answer.body);
    return JSON.parse(answer.body) as InvokeEvent | ShutdownEvent;
  }

  /**
   * Tells the host why this extension cannot go on; the process is to exit then. The environment ends.
   * Never throws: the exit tells the same, with less detail.
   */
  async fail(errorType: string, error: unknown): Promise<void> {
    if (this.#identifier === undefined) return;
    const path = `${extensionPath}/${this.#hasCalledNext ? "exit" : "init"}/error`;
    const errorMessage = error instanceof Error ? error.message : String(error);
    try {
      await this.#call("POST", path, {
        headers: { "Lambda-Extension-Function-Error-Type": errorType },
        body: { errorType, errorMessage, stackTrace: [] },
        // The event loop's connection may be waiting for an event.
        agent: false,
        signal: AbortSignal.timeout(reportMs),
      });
    } catch (reason) {
      console.error(`Cannot report ${errorType}: ${String(reason)}`);
    }
  }

  /** Lets go of the connection, so that the process can end. */
  close(): void {
    this.#agent.destroy();
  }

  #call(method: string, path: string, call: Call): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const text = call.body === undefined ? "" : JSON.stringify(call.body);
    const outgoing = request(
      `${this.#origin}${path}`,
      {
        method,
        agent: call.agent ?? this.#agent,
        ...(call.signal === undefined ? {} : { signal: call.signal }),
        headers: {
          ...call.headers,
          ...(this.#identifier === undefined
            ? {}
            : { "Lambda-Extension-Identifier": this.#identifier }),
          ...(text === "" ? {} : { "Content-Length": Buffer.byteLength(text) }),
        },
      },
      (incoming) => {
        let body = "";
        incoming.setEncoding("utf8");
        incoming.on("data", (piece: string) => (body += piece));
        incoming.on("error", reject);
        incoming.on("end", () => {
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body });
        });
      },
    );
    outgoing.on("error", reject);
    outgoing.end(text);
    return promise;
  }
}

function errorTypeOf(body: string): string {
  try {
    const { errorType } = JSON.parse(body) as { readonly errorType?: unknown };
    return typeof errorType === "string" ? errorType : "";
  } catch {
    return "";
  }
}
