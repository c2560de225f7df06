import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { Http1Connection } from "./http1-connection.ts";
import {
  BODY_TIMEOUT_MS,
  HEAD_BYTES_MAX,
  HEAD_TIMEOUT_MS,
  IDLE_TIMEOUT_MS,
  PIPELINED_MAX,
  STALL_TIMEOUT_MS,
  SURPLUS_CONNECTIONS_MAX,
  SWEEP_MS,
} from "./limits.ts";
import type { Connection } from "./exchange.ts";
import type { ServerContext } from "./server-context.ts";
import type { Http1ServerOptions } from "./server-options.ts";

/** Where to listen. */
export interface ListenOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

/** An HTTP/1.1 server over `node:net`. */
export class Http1Server {
  readonly #server: Server;
  readonly #context: ServerContext & { dateLine: string; closing: boolean };
  readonly #connectionsMax: number;
  readonly #sweepMs: number;
  readonly #connections = new Set<Http1Connection>();
  readonly #surplus = new Set<Http1Connection>();
  #sweeper: NodeJS.Timeout | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: Http1ServerOptions) {
    this.#connectionsMax = options.connectionsMax ?? Infinity;
    const { onRequest, onReject = () => {} } = options;
    this.#context = {
      onRequest: (exchange) => onRequest(exchange),
      onReject: (status, reason) => {
        try {
          onReject(status, reason);
        } catch {
          // Who counts refusals must not end the process by it.
        }
      },
      headBytesMax: options.headBytesMax ?? HEAD_BYTES_MAX,
      headTimeoutMs: options.headTimeoutMs ?? HEAD_TIMEOUT_MS,
      bodyTimeoutMs: options.bodyTimeoutMs ?? BODY_TIMEOUT_MS,
      idleTimeoutMs: options.idleTimeoutMs ?? IDLE_TIMEOUT_MS,
      stallTimeoutMs: options.stallTimeoutMs ?? STALL_TIMEOUT_MS,
      pipelinedMax: options.pipelinedMax ?? PIPELINED_MAX,
      dateLine: dateLine(),
      closing: false,
      closed: (connection) => {
        this.#connections.delete(connection as Http1Connection);
        this.#surplus.delete(connection as Http1Connection);
      },
    };
    const { headTimeoutMs, bodyTimeoutMs, idleTimeoutMs, stallTimeoutMs } = this.#context;
    const waits = [headTimeoutMs, bodyTimeoutMs, idleTimeoutMs, stallTimeoutMs];
    this.#sweepMs = Math.min(SWEEP_MS, ...waits.filter((ms) => ms > 0));
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      this.#admit(socket);
    });
  }

  /**
   * Starts to listen. At most once.
   *
   * @returns the address and port that it listens on.
   */
  listen(options: ListenOptions): Promise<{ host: string; port: number }> {
    const server = this.#server;
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host: options.host, port: options.port }, () => {
        server.off("error", reject);
        // Such as EMFILE: the connection is not accepted, and the server goes on.
        server.on("error", (error) => this.#context.onReject(503, error.message));
        this.#context.dateLine = dateLine();
        this.#sweeper = setInterval(() => this.#sweep(), this.#sweepMs);
        this.#sweeper.unref();
        const { address, port } = server.address() as AddressInfo;
        resolve({ host: address, port });
      });
    });
  }

  /** Stops accepting; connections end when their current exchange is done. Resolves when all have. */
  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      this.#context.closing = true;
      this.#server.close(() => {
        clearInterval(this.#sweeper);
        resolve();
      });
      for (const connection of this.#connections) connection.finish();
    });
    return this.#closed;
  }

  /** Ends every connection now. */
  destroy(): void {
    void this.close();
    for (const connection of this.#connections) connection.destroy();
    for (const connection of this.#surplus) connection.destroy();
  }

  /** Open connections. */
  get connections(): number {
    return this.#connections.size;
  }

  /** The same ones, as their exchanges have them. */
  get peers(): readonly Connection[] {
    return Array.from(this.#connections, ({ peer }) => peer);
  }

  #admit(socket: Socket): void {
    if (this.#connections.size < this.#connectionsMax) {
      this.#connections.add(new Http1Connection(socket, this.#context));
      return;
    }
    if (this.#surplus.size >= SURPLUS_CONNECTIONS_MAX) {
      socket.destroy();
      this.#context.onReject(503, "Too many connections");
      return;
    }
    const connection = new Http1Connection(socket, this.#context);
    this.#surplus.add(connection);
    connection.refuse({ status: 503, reason: "Too many connections" });
  }

  #sweep(): void {
    this.#context.dateLine = dateLine();
    for (const connection of this.#connections) connection.sweep(this.#sweepMs);
    for (const connection of this.#surplus) connection.sweep(this.#sweepMs);
  }
}

function dateLine(): string {
  return `Date: ${new Date().toUTCString()}\r\n`;
}
