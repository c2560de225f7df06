import type * as Http from "node:http";
import type { Agent, ClientRequest, IncomingMessage } from "node:http";
import {
  delivered,
  type DeliveryLimits,
  deliveryLimits,
  type DeliveryOutcome,
  type Destination,
} from "./destination.ts";

export interface HttpDestinationOptions {
  readonly host: string;
  readonly port: number;
  /** The header `Host`, as subscribed. */
  readonly authority: string;
  /** Path and query. */
  readonly path: string;
  readonly method: "POST" | "PUT";
  readonly limits?: DeliveryLimits;
}

/** The answer to a batch has no meaning but its status: of a longer one the connection is closed. */
const answerBytesMax = 65_536;

/** Delivers each batch as one request with a JSON array, over a connection that is kept. */
export class HttpDestination implements Destination {
  readonly #options: HttpDestinationOptions;
  readonly #limits: DeliveryLimits;
  /** Loaded with the first batch: most environments have no subscriber. */
  #http: typeof Http | undefined;
  #agent: Agent | undefined;
  #request: ClientRequest | undefined;
  #closed = false;

  constructor(options: HttpDestinationOptions) {
    this.#options = options;
    this.#limits = options.limits ?? deliveryLimits;
  }

  async deliver(events: readonly string[]): Promise<DeliveryOutcome> {
    this.#http ??= await import("node:http");
    if (this.#closed) return { kind: "failed", reason: "closed" };
    this.#agent ??= new this.#http.Agent({ keepAlive: true, maxSockets: 1 });
    const body = Buffer.from(`[${events.join(",")}]`);
    const outcome = await this.#send(this.#http, body);
    // A kept connection may have been closed by the other side just now: that says nothing.
    return outcome === "stale" ? this.#settled(await this.#send(this.#http, body)) : outcome;
  }

  close(): void {
    this.#closed = true;
    this.#request?.destroy(new Error("closed"));
    this.#agent?.destroy();
  }

  #settled(outcome: DeliveryOutcome | "stale"): DeliveryOutcome {
    return outcome === "stale" ? { kind: "failed", reason: "connection closed" } : outcome;
  }

  #send(http: typeof Http, body: Buffer): Promise<DeliveryOutcome | "stale"> {
    const { host, port, authority, path, method } = this.#options;
    return new Promise((resolve) => {
      const request = http.request({
        host,
        port,
        path,
        method,
        ...(this.#agent === undefined ? {} : { agent: this.#agent }),
        headers: {
          Host: authority,
          "Content-Type": "application/json",
          "Content-Length": body.length,
        },
      });
      this.#request = request;
      const limit = new StepLimit(this.#limits, request);
      let status: number | undefined;
      request.on("socket", (socket) => {
        if (socket.connecting) socket.once("connect", () => limit.answer());
        else limit.answer();
      });
      request.on("response", (response) => {
        status = response.statusCode;
        skim(response, request);
      });
      let reason = "connection closed without an answer";
      let stale = false;
      request.on("error", (error: NodeJS.ErrnoException) => {
        const wasCut = error.code === "ECONNRESET" || error.code === "EPIPE";
        stale = wasCut && request.reusedSocket && !this.#closed;
        reason = error.message;
      });
      // It comes last, whatever has happened; with a status the batch is settled by that.
      request.on("close", () => {
        limit.cancel();
        this.#request = undefined;
        if (status !== undefined) resolve(outcomeOf(status));
        else resolve(stale ? "stale" : { kind: "failed", reason });
      });
      request.end(body);
    });
  }
}

/** Reads an answer and throws it away; gives the connection up if it does not come to an end. */
function skim(response: IncomingMessage, request: ClientRequest): void {
  let bytes = 0;
  response.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > answerBytesMax) request.destroy();
  });
  response.on("error", () => {
    // Its status has been read, and that is all that counts.
  });
}

/** AWS's emulator treats 400 and more as a failure; which of them may pass is our choice. */
function outcomeOf(status: number): DeliveryOutcome {
  if (status < 400) return delivered;
  const reason = `HTTP status ${status}`;
  const mayPass = status >= 500 || status === 408 || status === 429;
  return { kind: mayPass ? "failed" : "refused", reason };
}

/** The time that a request may take: first to connect, then to be answered to the end. */
class StepLimit {
  readonly #limits: DeliveryLimits;
  readonly #request: ClientRequest;
  #timer: NodeJS.Timeout;

  constructor(limits: DeliveryLimits, request: ClientRequest) {
    this.#limits = limits;
    this.#request = request;
    this.#timer = this.#set("connection", limits.connectMs);
  }

  answer(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#set("answer", this.#limits.answerMs);
  }

  cancel(): void {
    clearTimeout(this.#timer);
  }

  #set(what: string, ms: number): NodeJS.Timeout {
    return setTimeout(() => this.#request.destroy(new Error(`no ${what} within ${ms} ms`)), ms);
  }
}
