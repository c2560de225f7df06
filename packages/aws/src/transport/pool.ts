import { Connection, type ConnectionOwner } from "./connection.ts";
import { OpeningSocket, type SocketListener } from "./connect.ts";
import { addTimed, removeTimed, within, type Timed } from "./deadlines.ts";
import type { ExchangeQueue, QueuedExchange } from "./exchange.ts";
import { connectFailure, limitPassed } from "./failures.ts";
import type { RequestTarget } from "./request-head.ts";
import { routeTo, type Route, type TlsSettings } from "./route.ts";
import type { ConnectionCounts, Origin, TransportOptions } from "./transport.ts";
import { address } from "./failures.ts";

/** The connections to one origin, and the exchanges that wait for one. */
export class Pool implements ConnectionOwner, ExchangeQueue {
  readonly origin: Origin;
  readonly isTls: boolean;
  readonly target: RequestTarget;
  readonly #options: TransportOptions;
  readonly #route: Route;
  /** Being opened, in order; fewer than exchanges wait, mostly. */
  readonly #opening: Opening[] = [];
  #isClosed = false;
  #open = 0;
  #idle = 0;
  #queued = 0;
  // The idle connection that was used last comes first: the others may then end.
  #firstIdle: Connection | undefined;
  #firstQueued: QueuedExchange | undefined;
  #lastQueued: QueuedExchange | undefined;

  constructor(origin: Origin, options: TransportOptions, tls: TlsSettings) {
    this.origin = origin;
    this.#options = options;
    this.#route = routeTo(origin, options, tls);
    this.isTls = this.#route.isTls;
    const { proxy } = this.#route;
    this.target =
      proxy === undefined || this.isTls
        ? { prefix: "", proxyLines: "" }
        : { prefix: `http://${address(origin)}`, proxyLines: proxy.lines };
  }

  get keepAliveTimeoutMs(): number {
    return this.#options.keepAliveTimeoutMs;
  }

  get counts(): ConnectionCounts {
    const idle = this.#idle;
    return { open: this.#open, idle, inUse: this.#open - idle, queued: this.#queued };
  }

  get waitsFor(): string {
    const { maxConnections } = this.#options;
    return this.#open < maxConnections
      ? "no connection was made"
      : `it waited for a free connection (\`maxConnections\` is ${maxConnections})`;
  }

  /** Whether nothing is lost when it is forgotten. */
  get isEmpty(): boolean {
    return this.#open === 0 && this.#queued === 0 && this.#opening.length === 0;
  }

  /** Sends an exchange on an idle connection, or makes it wait for one. */
  submit(exchange: QueuedExchange): void {
    const connection = this.#takeIdle();
    if (connection !== undefined) {
      connection.wake();
      connection.serve(exchange);
      return;
    }
    this.#enqueue(exchange);
    this.#openMore();
    this.#holdWanted();
  }

  leave(exchange: QueuedExchange): void {
    this.#unqueue(exchange);
    // The youngest attempt is not needed any more.
    if (this.#opening.length > this.#queued) this.#opening.pop()?.close();
    this.#holdWanted();
  }

  onIdle(connection: Connection): void {
    const exchange = this.#firstQueued;
    if (exchange !== undefined) {
      this.#unqueue(exchange);
      this.#holdWanted();
      connection.serve(exchange);
    } else if (this.#isClosed) {
      this.#pushIdle(connection);
      connection.close();
    } else {
      this.#pushIdle(connection);
      connection.rest();
    }
  }

  onStale(): void {
    this.#closeIdle();
  }

  onGone(connection: Connection, wasIdle: boolean): void {
    this.#open--;
    if (wasIdle) this.#dropIdle(connection);
    this.#openMore();
  }

  /** An attempt has become a connection. */
  onOpened(opening: Opening): Connection {
    this.#opening.splice(this.#opening.indexOf(opening), 1);
    this.#open++;
    this.#holdWanted();
    opening.hold(true);
    return new Connection(this, opening.opened);
  }

  /** An attempt has failed: the exchange that waits longest hears of it, unless there are attempts enough. */
  onUnopened(opening: Opening, cause: unknown): void {
    this.#opening.splice(this.#opening.indexOf(opening), 1);
    this.#route.addresses?.forget();
    const exchange = this.#firstQueued;
    if (exchange === undefined || this.#opening.length >= this.#queued) {
      this.#holdWanted();
      return;
    }
    this.#unqueue(exchange);
    this.#openMore();
    this.#holdWanted();
    const { connectTimeoutMs } = this.#options;
    exchange.fail(
      cause === timedOut
        ? limitPassed(this.origin, "connectTimeout", connectTimeoutMs, "no connection was made")
        : connectFailure(this.origin, this.#route.proxy, cause),
    );
  }

  /** Closes idle connections now, and the others when their exchange ends. */
  close(): void {
    this.#isClosed = true;
    this.#closeIdle();
  }

  #closeIdle(): void {
    while (this.#firstIdle !== undefined) this.#firstIdle.close();
  }

  #openMore(): void {
    while (
      this.#opening.length < this.#queued &&
      this.#open + this.#opening.length < this.#options.maxConnections
    ) {
      const opening = new Opening(this, this.#route, this.#options.connectTimeoutMs);
      this.#opening.push(opening);
      opening.start();
    }
  }

  /**
   * Attempts that nobody waits for any more go on, but do not keep the process alive: the first ones
   * are held, as many as exchanges wait. Called when either number has changed by one.
   */
  #holdWanted(): void {
    this.#opening[this.#queued - 1]?.hold(true);
    this.#opening[this.#queued]?.hold(false);
  }

  #takeIdle(): Connection | undefined {
    for (;;) {
      const connection = this.#firstIdle;
      if (connection === undefined) return undefined;
      if (connection.isFresh()) {
        this.#dropIdle(connection);
        return connection;
      }
      // After a freeze; all below it are older still.
      connection.close();
    }
  }

  #pushIdle(connection: Connection): void {
    const below = this.#firstIdle;
    connection.idleNext = below;
    if (below !== undefined) below.idlePrevious = connection;
    this.#firstIdle = connection;
    this.#idle++;
  }

  #dropIdle(connection: Connection): void {
    const { idlePrevious: above, idleNext: below } = connection;
    if (above === undefined) this.#firstIdle = below;
    else above.idleNext = below;
    if (below !== undefined) below.idlePrevious = above;
    connection.idlePrevious = undefined;
    connection.idleNext = undefined;
    this.#idle--;
  }

  #enqueue(exchange: QueuedExchange): void {
    exchange.previous = this.#lastQueued;
    if (this.#lastQueued === undefined) this.#firstQueued = exchange;
    else this.#lastQueued.next = exchange;
    this.#lastQueued = exchange;
    this.#queued++;
    exchange.onQueued();
    exchange.remainingMs = within(exchange.request.headTimeoutMs);
    addTimed(exchange);
  }

  #unqueue(exchange: QueuedExchange): void {
    const { previous, next } = exchange;
    if (previous === undefined) this.#firstQueued = next;
    else previous.next = next;
    if (next === undefined) this.#lastQueued = previous;
    else next.previous = previous;
    exchange.previous = undefined;
    exchange.next = undefined;
    this.#queued--;
    removeTimed(exchange);
  }
}

const timedOut: unique symbol = Symbol("timedOut");

/** A connection that is being opened; afterwards what is heard from its socket goes to it. */
class Opening implements Timed, SocketListener {
  readonly #pool: Pool;
  readonly #opening: OpeningSocket;
  #state: "opening" | "closed" | Connection = "opening";
  remainingMs: number;
  timedPrevious: Timed | undefined = undefined;
  timedNext: Timed | undefined = undefined;

  constructor(pool: Pool, route: Route, connectTimeoutMs: number) {
    this.#pool = pool;
    this.#opening = new OpeningSocket(route, this);
    this.remainingMs = within(connectTimeoutMs);
    addTimed(this);
  }

  /** The socket, once it is ready. */
  get opened(): OpeningSocket {
    return this.#opening;
  }

  hold(isHeld: boolean): void {
    this.#opening.hold(isHeld);
  }

  start(): void {
    this.#opening.start();
  }

  close(): void {
    if (this.#state !== "opening") return;
    this.#state = "closed";
    removeTimed(this);
    this.#opening.close();
  }

  onReady(): void {
    removeTimed(this);
    const connection = this.#pool.onOpened(this);
    this.#state = connection;
    this.#pool.onIdle(connection);
  }

  onBytes(bytes: Buffer, length: number): void {
    if (typeof this.#state === "object") this.#state.onBytes(bytes, length);
    // A server that speaks first does not speak HTTP.
    else this.#lose(new Error("the server spoke before it was asked"));
  }

  onDrain(): void {
    if (typeof this.#state === "object") this.#state.onDrain();
  }

  onFinished(): void {
    if (typeof this.#state === "object") this.#state.onFinished();
    else this.#lose(new Error("the server closed the connection"));
  }

  onWriteFailed(cause: unknown): boolean {
    return typeof this.#state === "object" && this.#state.onWriteFailed(cause);
  }

  onLost(cause: unknown): void {
    if (typeof this.#state === "object") this.#state.onLost(cause);
    else this.#lose(cause ?? new Error("the connection was closed"));
  }

  onDeadline(): void {
    this.#lose(timedOut);
  }

  #lose(cause: unknown): void {
    if (this.#state !== "opening") return;
    this.close();
    this.#pool.onUnopened(this, cause);
  }
}
