import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";

/** One request of an agent. */
export interface AgentRequest {
  /** With the query. */
  readonly path: string;
  /** Decompressed. */
  readonly body: string;
}

/** What an agent's vendor runs: an HTTP server on loopback that answers 200 and keeps what it gets. */
export class AgentBackend {
  readonly requests: AgentRequest[] = [];
  readonly #server: Server;
  #waiting: (() => void)[] = [];

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<AgentBackend> {
    const server = createServer();
    const backend = new AgentBackend(server);
    server.on("request", (incoming, outgoing) => {
      void buffer(incoming).then((body) => {
        const isPacked = incoming.headers["content-encoding"] === "gzip";
        const text = (isPacked ? gunzipSync(body) : body).toString();
        backend.#receive({ path: incoming.url ?? "", body: text });
        outgoing.setHeader("Content-Type", "application/json").end("{}");
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return backend;
  }

  /** `host:port` */
  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The JSON bodies that came to this path, in their order. */
  received(path: string): unknown[] {
    return this.requests
      .filter((request) => request.path === path)
      .map((request): unknown => JSON.parse(request.body));
  }

  /** Reads again with each request until there is a result; throws with all paths after 10 s. */
  async waitFor<T>(what: string, read: () => T | undefined): Promise<T> {
    const limit = AbortSignal.timeout(waitMs);
    for (;;) {
      const result = read();
      if (result !== undefined) return result;
      if (limit.aborted) {
        const seen = this.requests.map(({ path, body }) => `${path} ${body.slice(0, 2_000)}`);
        throw new Error(`${what} did not reach the backend in time. It has:\n${seen.join("\n")}`);
      }
      await this.#next(limit);
    }
  }

  #receive(request: AgentRequest): void {
    this.requests.push(request);
    for (const wake of this.#waiting.splice(0)) wake();
  }

  #next(limit: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    limit.addEventListener("abort", () => resolve(), { once: true });
    return promise;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

const waitMs = 10_000;
