import { type Connection, type Exchange, Http1Server } from "@lambdad/http1";
import { limits } from "@lambdad/core";
import { HttpPoller } from "./routes/next.ts";
import { routeCall } from "./routes/route.ts";
import type { EnvironmentApis } from "./environment-apis.ts";

export interface ListenerOptions {
  /** Address to bind, and the host part of `AWS_LAMBDA_RUNTIME_API`. */
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Open at once; more are answered with 503, so that a function cannot use up our descriptors. */
  readonly connectionsMax?: number;
}

const extensionPrefix = "/2020-01-01/extension/";

/** How often an ended runtime's connections are counted, in milliseconds. */
const connectionCheckMs = 2;

/**
 * A port with the Runtime API of an environment behind it, and the APIs of its extensions. It serves one environment at a time, and the next one when
 * that has gone, so that the first environment always has the port that was configured.
 */
export class RuntimeApiListener {
  readonly #server: Http1Server;
  readonly #options: ListenerOptions;
  readonly #pollers = new WeakMap<Connection, HttpPoller>();
  /** Connections that have called the Extensions API: they outlive the runtime. */
  readonly #ofExtensions = new WeakSet<Connection>();
  /** Host names that a request may name: others are DNS rebinding (spec reliability §12.1). */
  readonly #hosts: ReadonlySet<string>;
  #apis: EnvironmentApis | undefined;
  #address = "";
  #port = 0;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#hosts = new Set([
      options.host.toLowerCase(),
      "localhost",
      "sandbox",
      "sandbox.localdomain",
    ]);
    this.#server = new Http1Server({
      onRequest: (exchange) => this.#onRequest(exchange),
      headBytesMax: limits.runtimeApiHeadBytesMax,
      connectionsMax: options.connectionsMax ?? limits.runtimeApiConnectionsMax,
      // A runtime waits for ever in /next, and streams a response for up to 900 s (spec §3).
      headTimeoutMs: 0,
      bodyTimeoutMs: 0,
      idleTimeoutMs: 0,
      stallTimeoutMs: 0,
    });
  }

  /** `host:port`, as in `AWS_LAMBDA_RUNTIME_API`. Empty before `start`. */
  get address(): string {
    return this.#address;
  }

  /** Where this environment's own listeners are reached: what `sandbox.localdomain` means. */
  get sandboxHost(): string {
    const { host } = this.#options;
    return host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  }

  /** 0 before `start`. */
  get port(): number {
    return this.#port;
  }

  /** @throws when the address cannot be bound. */
  async start(): Promise<void> {
    const { host, port } = await this.#server.listen(this.#options);
    this.#port = port;
    this.#address = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  }

  async stop(): Promise<void> {
    this.#server.destroy();
    await this.#server.close();
  }

  /** From now on calls go to this environment. */
  attach(apis: EnvironmentApis): void {
    this.#apis = apis;
  }

  detach(apis: EnvironmentApis): void {
    if (this.#apis === apis) this.#apis = undefined;
  }

  /**
   * Calls back when no connection is open any more but those of extensions, or after `limitMs`. Never
   * at once.
   */
  afterConnections(limitMs: number, listener: () => void): void {
    const endMs = performance.now() + limitMs;
    const timer = setInterval(() => {
      if (this.#hasRuntimeConnections && performance.now() < endMs) return;
      clearInterval(timer);
      listener();
    }, connectionCheckMs);
  }

  get #hasRuntimeConnections(): boolean {
    return this.#server.peers.some((connection) => !this.#ofExtensions.has(connection));
  }

  #onRequest(exchange: Exchange): void {
    const { headers } = exchange;
    if (!this.#isAllowedHost(headers.get("host"))) {
      exchange.reply(403, "Content-Type: text/plain\r\n", "Forbidden: unknown Host\n");
      return;
    }
    // A web page on this machine can send a GET here without asking, and would take an event.
    if (headers.get("origin") !== undefined || headers.get("sec-fetch-site") !== undefined) {
      exchange.reply(403, "Content-Type: text/plain\r\n", "Forbidden: sent by a web page\n");
      return;
    }
    if (exchange.path.startsWith(extensionPrefix)) this.#ofExtensions.add(exchange.connection);
    routeCall(this.#apis, exchange, this.#pollerOf);
  }

  readonly #pollerOf = (connection: Connection): HttpPoller => {
    const known = this.#pollers.get(connection);
    if (known !== undefined) return known;
    const poller = new HttpPoller();
    this.#pollers.set(connection, poller);
    return poller;
  };

  #isAllowedHost(header: string | undefined): boolean {
    // HTTP/1.0 has no Host; our server has refused its absence in HTTP/1.1 already.
    if (header === undefined || header === this.#address) return true;
    const name = header
      .replace(/:\d+$/, "")
      .replace(/^\[(.*)\]$/, "$1")
      .toLowerCase();
    if (this.#hosts.has(name)) return true;
    // Whole addresses only: `169.254.example.com` is a name that its owner can point anywhere.
    return /^(?:127\.\d+|169\.254)\.\d+\.\d+$/.test(name) || name === "::1";
  }
}
