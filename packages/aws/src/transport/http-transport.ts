import { QueuedExchange } from "./exchange.ts";
import { Pool } from "./pool.ts";
import { renderHead } from "./request-head.ts";
import { TlsSettings } from "./route.ts";
import { poolsMax } from "./limits.ts";
import type {
  ConnectionCounts,
  Exchange,
  HttpRequest,
  Origin,
  ResponseHandler,
  Transport,
  TransportOptions,
} from "./transport.ts";

/** Sends requests over HTTP/1.1, on `node:net` and `node:tls`. */
export class HttpTransport implements Transport {
  readonly #options: TransportOptions;
  readonly #tls: TlsSettings;
  readonly #pools = new Map<string, Pool>();
  // Calls of one client bring the same object again and again.
  #lastOrigin: Origin | undefined;
  #lastPool: Pool | undefined;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#tls = new TlsSettings(options);
  }

  /**
   * Sends a request; the handler is called later, never before this returns.
   * @throws TypeError when the request cannot be sent as it is, for instance a header with a line
   *   break; ConfigurationError when the proxy's URL is not valid.
   */
  send(origin: Origin, request: HttpRequest, handler: ResponseHandler): Exchange {
    const pool = origin === this.#lastOrigin ? (this.#lastPool as Pool) : this.#poolOf(origin);
    const head = renderHead(request, pool.target, bodyLength(request.body));
    const exchange = new QueuedExchange(pool, request, head, handler);
    pool.submit(exchange);
    return exchange;
  }

  counts(origin: Origin): ConnectionCounts {
    const pool = this.#pools.get(keyOf(origin));
    return pool?.counts ?? { open: 0, idle: 0, inUse: 0, queued: 0 };
  }

  close(): void {
    for (const pool of this.#pools.values()) pool.close();
    this.#pools.clear();
    this.#lastOrigin = undefined;
    this.#lastPool = undefined;
  }

  #poolOf(origin: Origin): Pool {
    const key = keyOf(origin);
    let pool = this.#pools.get(key);
    if (pool === undefined) {
      if (this.#pools.size >= poolsMax) this.#forgetEmpty();
      pool = new Pool(origin, this.#options, this.#tls);
      this.#pools.set(key, pool);
    }
    this.#lastOrigin = origin;
    this.#lastPool = pool;
    return pool;
  }

  #forgetEmpty(): void {
    for (const [key, pool] of this.#pools) if (pool.isEmpty) this.#pools.delete(key);
  }
}

function keyOf({ protocol, host, port }: Origin): string {
  return `${protocol}//${host} ${port}`;
}

/** -1: not known. */
function bodyLength(body: HttpRequest["body"]): number {
  if (body === undefined) return 0;
  if (typeof body === "string") return Buffer.byteLength(body);
  if (body instanceof Uint8Array) return body.length;
  return body.length ?? -1;
}
