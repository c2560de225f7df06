import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as it came. */
export interface RecordedRequest {
  readonly method: string;
  /** As in the request line. */
  readonly target: string;
  /** Names as they came and values, alternating. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

/** What is answered. */
export interface CannedResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Writes down what it is sent, and answers what it was told to. */
export class RecordingServer {
  readonly port: number;
  readonly #server: Server;
  #recorded: RecordedRequest[] = [];
  #response: CannedResponse = { status: 200, headers: {}, body: Buffer.alloc(0) };

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  static async start(): Promise<RecordingServer> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const recording = new RecordingServer(server);
    server.on("request", (request, response) => {
      const pieces: Buffer[] = [];
      request.on("data", (piece: Buffer) => pieces.push(piece));
      request.on("end", () => {
        const { method = "", url: target = "", rawHeaders } = request;
        recording.#recorded.push({ method, target, rawHeaders, body: Buffer.concat(pieces) });
        const { status, headers, body } = recording.#response;
        response.writeHead(status, { ...headers, "content-length": String(body.length) });
        response.end(body);
      });
    });
    return recording;
  }

  /** Makes one call with this answer; returns what the call sent, and what became of it. */
  async record<Result>(
    response: CannedResponse,
    call: () => Promise<Result>,
  ): Promise<{ readonly requests: readonly RecordedRequest[]; readonly outcome: Outcome<Result> }> {
    this.#response = response;
    this.#recorded = [];
    let outcome: Outcome<Result>;
    try {
      outcome = { kind: "returned", value: await call() };
    } catch (error) {
      outcome = { kind: "threw", error };
    }
    return { requests: this.#recorded, outcome };
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}

/** How a call ended. */
export type Outcome<Result> =
  | { readonly kind: "returned"; readonly value: Result }
  | { readonly kind: "threw"; readonly error: unknown };
