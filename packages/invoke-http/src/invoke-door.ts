import { HostError, limits } from "@lambdad/core";
import { type Exchange, Http1Server } from "@lambdad/http1";
import { BodyBudget } from "./body-budget.ts";
import type { DoorReason, InvokeDoorOptions, Page, PageRenderer } from "./door-options.ts";
import {
  type ErrorReply,
  renderHostError,
  renderMethodNotAllowed,
  renderUnknownOperation,
} from "./error-reply.ts";
import { eventLimit, eventTooLarge } from "./event-limit.ts";
import { InvokeCall } from "./invoke-call.ts";
import { readInvokeParameters, readRequestId } from "./invoke-parameters.ts";
import { type InvokeTarget, parseInvokeTarget } from "./invoke-target.ts";

/** Parsed request lines that are remembered: callers repeat a few of them. */
const targetsMax = 256;

/** `draining`: invocations are refused, pages are served. `closed`: nothing is accepted any more. */
type DoorState = "open" | "draining" | "closed";

/** An address and a port; port 0 lets the system choose. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** The Invoke API over HTTP: turns requests into invocations, and their results into replies. */
export class InvokeDoor {
  readonly #options: InvokeDoorOptions;
  readonly #server: Http1Server;
  readonly #budget: BodyBudget;
  readonly #targets = new Map<string, InvokeTarget>();
  #state: DoorState = "open";

  constructor(options: InvokeDoorOptions) {
    this.#options = options;
    this.#budget = new BodyBudget(options.bodyBytesInFlightMax ?? limits.bytesInFlightMax);
    this.#server = new Http1Server({
      ...options.http,
      onRequest: (exchange) => this.#serve(exchange),
      onReject: (status, reason) => options.observer?.rejected?.(status, reason),
    });
  }

  /**
   * Starts to listen. At most once.
   *
   * @returns the address and port that it listens on.
   * @throws {Error} when the address cannot be listened on, e.g. with code `EADDRINUSE`.
   */
  listen(options: ListenAddress): Promise<ListenAddress> {
    return this.#server.listen(options);
  }

  /** Refuses new invocations with 503 from now on; those that run go on, and pages are still served. */
  drain(): void {
    if (this.#state !== "closed") this.#state = "draining";
  }

  /** Drains and stops listening. Resolves when every connection has ended. */
  close(): Promise<void> {
    this.#state = "closed";
    return this.#server.close();
  }

  /** Ends every connection now, answered or not. */
  destroy(): void {
    this.#state = "closed";
    this.#server.destroy();
  }

  /** Open connections. */
  get connections(): number {
    return this.#server.connections;
  }

  /** Bytes of request bodies that are held now, or announced. */
  get bodyBytesInFlight(): number {
    return this.#budget.bytes;
  }

  #serve(exchange: Exchange): void {
    let requestId: string | undefined;
    try {
      requestId = readRequestId(exchange.headers);
      const target = this.#target(exchange);
      if (target !== undefined) this.#startCall(exchange, target, (requestId ??= newId()));
      else this.#servePage(exchange);
    } catch (error) {
      this.#refuse(exchange, error, requestId ?? newId());
    }
  }

  /** A map in front of the parser: it costs less than taking the path apart, and does not change. */
  #target(exchange: Exchange): InvokeTarget | undefined {
    const key = exchange.query === "" ? exchange.path : `${exchange.path}?${exchange.query}`;
    const known = this.#targets.get(key);
    if (known !== undefined) return known;
    const target = parseInvokeTarget(exchange.path, exchange.query);
    if (target === undefined) return undefined;
    if (this.#targets.size >= targetsMax) this.#targets.clear();
    this.#targets.set(key, target);
    return target;
  }

  #startCall(exchange: Exchange, target: InvokeTarget, requestId: string): void {
    const { headers, contentLength } = exchange;
    if (exchange.method !== "POST") {
      this.#reply(exchange, renderMethodNotAllowed("POST", requestId), "MethodNotAllowed");
      return;
    }
    if (this.#state !== "open") throw draining();
    this.#checkHeaders(exchange);
    const parameters = readInvokeParameters(headers, target.action);
    if (parameters.traceIdDropped) this.#options.observer?.traceIdDropped?.();
    const configuration = this.#options.resolve(target.name);
    const bytesMax = eventLimit(target.action, parameters.type);
    if (contentLength !== undefined && contentLength > bytesMax) throw eventTooLarge(bytesMax);
    if (parameters.type === "Event" && this.#options.acceptEvent === undefined) throw noEvents();
    const refusal = this.#options.admit?.(configuration);
    if (refusal !== undefined) throw refusal;
    if (!this.#budget.take(contentLength ?? 0)) throw this.#budget.refusal();
    const request = { target, requestId, parameters, configuration };
    exchange.receive(
      new InvokeCall(exchange, request, { options: this.#options, budget: this.#budget }),
    );
  }

  /** What would make the body something else than an event from a caller that may send one. */
  #checkHeaders({ headers }: Exchange): void {
    const origin = headers.get("origin");
    // A web page can POST to loopback without asking first (reliability.md §12.1).
    if (origin !== undefined && this.#options.allowedOrigins?.has(origin) !== true) {
      throw new HostError(
        "AccessDeniedException",
        "Web pages of this origin may not invoke functions here; see the option for allowed origins",
      );
    }
    const coding = headers.get("content-encoding");
    if (coding !== undefined && coding.toLowerCase() !== "identity") {
      throw new HostError(
        "UnsupportedMediaTypeException",
        "Cannot read the event: Content-Encoding must be absent or 'identity'",
      );
    }
  }

  #servePage(exchange: Exchange): void {
    const render = this.#options.pages?.get(exchange.path);
    if (render === undefined) {
      this.#reply(exchange, renderUnknownOperation(newId()), "UnknownOperation");
    } else if (exchange.method !== "GET" && exchange.method !== "HEAD") {
      this.#reply(exchange, renderMethodNotAllowed("GET, HEAD", newId()), "MethodNotAllowed");
    } else {
      void this.#renderPage(exchange, render);
    }
  }

  async #renderPage(exchange: Exchange, render: PageRenderer): Promise<void> {
    try {
      replyPage(exchange, await render());
    } catch (error) {
      this.#refuse(exchange, error, newId());
    }
  }

  #refuse(exchange: Exchange, reason: unknown, requestId: string): void {
    const error = HostError.from(reason);
    if (error.code === "ServiceException") this.#options.observer?.failed?.(error, requestId);
    this.#reply(exchange, renderHostError(error, requestId), error.reason ?? error.code);
  }

  #reply(
    exchange: Exchange,
    { status, headers, body }: ErrorReply,
    reason: DoorReason | HostError["code"] | NonNullable<HostError["reason"]>,
  ): void {
    this.#options.observer?.rejected?.(status, reason);
    // Once closed, the server ends the connection by itself.
    if (this.#state === "draining") exchange.closeWithReply();
    exchange.reply(status, headers, body);
  }
}

function replyPage(exchange: Exchange, { status, contentType, body }: Page): void {
  const headers = `Content-Type: ${contentType}\r\nCache-Control: no-store\r\n`;
  exchange.reply(status, headers, body);
}

function newId(): string {
  return crypto.randomUUID();
}

function draining(): HostError {
  return new HostError("ServiceUnavailable", "The host is stopping. Try again on another one.");
}

/** AS-11. */
function noEvents(): HostError {
  return new HostError(
    "ServiceUnavailable",
    "Cannot accept the event: there is no place that keeps it. Start with --events=memory to accept events that are lost when the host stops, or invoke with type RequestResponse.",
  );
}
