import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import type { ConnectionError, TimeoutError } from "../client/errors.ts";
import { HttpTransport } from "./http-transport.ts";
import type {
  Exchange,
  ExchangeProgress,
  HttpRequest,
  Origin,
  ResponseHandler,
  Transport,
  TransportOptions,
} from "./transport.ts";

/** What came of an exchange. */
export interface Outcome {
  readonly status: number;
  readonly headers: string[];
  readonly length: number | undefined;
  readonly body: string;
  readonly trailers: readonly string[] | undefined;
  readonly error: ConnectionError | TimeoutError | undefined;
  readonly progress: ExchangeProgress | undefined;
}

/** Keeps what a handler hears, and checks the order of its calls. */
export class Recorder implements ResponseHandler {
  readonly #chunks: Buffer[] = [];
  readonly #resolve: (outcome: Outcome) => void;
  readonly ended: Promise<Outcome>;
  isEnded = false;
  status = 0;
  headers: string[] = [];
  length: number | undefined;
  /** Runs inside the calls. */
  hook: ((event: "head" | "data" | "end") => void) | undefined;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    this.ended = promise;
    this.#resolve = resolve;
  }

  get bytes(): number {
    return this.#chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  onHead(status: number, headers: string[], length: number | undefined): void {
    if (this.isEnded || this.status !== 0) throw new Error("onHead out of order");
    this.status = status;
    this.headers = headers;
    this.length = length;
    this.hook?.("head");
  }

  onData(chunk: Buffer): void {
    if (this.isEnded || this.status === 0) throw new Error("onData out of order");
    this.#chunks.push(Buffer.from(chunk));
    this.hook?.("data");
  }

  onEnd(trailers: readonly string[] | undefined): void {
    if (this.isEnded || this.status === 0) throw new Error("onEnd out of order");
    this.#end(trailers, undefined, undefined);
    this.hook?.("end");
  }

  onError(error: ConnectionError | TimeoutError, at: ExchangeProgress): void {
    if (this.isEnded) throw new Error("onError out of order");
    this.#end(undefined, error, at);
  }

  #end(
    trailers: readonly string[] | undefined,
    error: ConnectionError | TimeoutError | undefined,
    progress: ExchangeProgress | undefined,
  ): void {
    this.isEnded = true;
    const { status, headers, length } = this;
    const body = Buffer.concat(this.#chunks).toString("latin1");
    this.#resolve({ status, headers, length, body, trailers, error, progress });
  }
}

/** Options for tests: no limit is short. */
export const testOptions: TransportOptions = {
  maxConnections: 8,
  connectTimeoutMs: 10_000,
  keepAliveTimeoutMs: 60_000,
};

/** A GET of `/`, unless said otherwise. */
export function newRequest(fields: Partial<HttpRequest> = {}): HttpRequest {
  return {
    method: "GET",
    path: "/",
    headers: ["host", "test"],
    body: undefined,
    expectContinue: false,
    headTimeoutMs: 20_000,
    bodyTimeoutMs: 20_000,
    ...fields,
  };
}

/** The origin of a port on loopback. */
export function originOf(port: number, protocol: Origin["protocol"] = "http:"): Origin {
  return { protocol, host: "127.0.0.1", port, hostHeader: `127.0.0.1:${port}` };
}

/** A server of bytes, and a transport to it. */
export interface Fixture extends AsyncDisposable {
  readonly transport: Transport;
  readonly origin: Origin;
  readonly server: Server;
  /** Connections that the server has accepted. */
  readonly sockets: Socket[];
  send(fields?: Partial<HttpRequest>): Promise<Outcome>;
  begin(fields?: Partial<HttpRequest>): { exchange: Exchange; recorder: Recorder };
  close(): Promise<void>;
}

/** Starts a server that hands each connection to `onSocket`. */
export async function startFixture(
  onSocket: (socket: Socket, index: number) => void,
  options: Partial<TransportOptions> = {},
): Promise<Fixture> {
  const sockets: Socket[] = [];
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on("error", () => {});
    onSocket(socket, sockets.push(socket) - 1);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const transport = new HttpTransport({ ...testOptions, ...options });
  const origin = originOf((server.address() as AddressInfo).port);
  const begin = (fields?: Partial<HttpRequest>): { exchange: Exchange; recorder: Recorder } => {
    const recorder = new Recorder();
    return { exchange: transport.send(origin, newRequest(fields), recorder), recorder };
  };
  const close = async (): Promise<void> => {
    transport.close();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  };
  return {
    transport,
    origin,
    server,
    sockets,
    begin,
    send: (fields) => begin(fields).recorder.ended,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Calls back with each complete request (head, and body by its length) that a socket brings. */
export function onRequests(socket: Socket, callback: (request: string) => void): void {
  let text = "";
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
    for (;;) {
      const end = text.indexOf("\r\n\r\n");
      if (end < 0) return;
      const length = Number(/^content-length: (\d+)/im.exec(text.slice(0, end))?.[1] ?? 0);
      if (text.length < end + 4 + length) return;
      const request = text.slice(0, end + 4 + length);
      text = text.slice(end + 4 + length);
      callback(request);
    }
  });
}

/** A server that gives the same answer to each request. */
export function answering(answer: string): (socket: Socket) => void {
  return (socket) => {
    onRequests(socket, () => {
      socket.write(answer, "latin1");
    });
  };
}
