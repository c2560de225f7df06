import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** A call as an extension made it. */
export interface SeenCall {
  /** `GET /2020-01-01/extension/event/next`. */
  readonly call: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  /** The same object for calls on one connection. */
  readonly connection: Socket;
}

/** What a call gets; without one it waits. */
export interface FakeAnswer {
  readonly status: number;
  readonly body: string;
}

type Script = Readonly<Record<string, readonly (FakeAnswer | undefined)[]>>;

const ok: FakeAnswer = { status: 202, body: '{"status":"OK"}' };
const always: Readonly<Record<string, FakeAnswer>> = {
  "POST /2020-01-01/extension/register": {
    status: 200,
    body: '{"functionName":"hello","functionVersion":"$LATEST","handler":"hello.handler"}',
  },
  "POST /2020-01-01/extension/init/error": ok,
  "POST /2020-01-01/extension/exit/error": ok,
  "PUT /2022-07-01/telemetry": { status: 200, body: '"OK"' },
};

/** The path of the call that the scripts are about. */
export const nextCall = "GET /2020-01-01/extension/event/next";

/** The Extensions API with answers that are written down: for faults that a real host does not have. */
export class FakeHost {
  readonly calls: SeenCall[] = [];
  readonly #server: Server;
  readonly #script: Map<string, (FakeAnswer | undefined)[]>;
  readonly #waiting: ServerResponse[] = [];
  #onCall: (() => void) | undefined;

  /** @param script answers by call, in order; a call that is not in it is answered as by a host. */
  constructor(script: Script) {
    this.#script = new Map(Object.entries(script).map(([call, answers]) => [call, [...answers]]));
    this.#server = createServer((incoming, outgoing) => void this.#answer(incoming, outgoing));
  }

  /** `HOST:PORT`. */
  async start(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** The first call of this name; waits for it. */
  async seen(name: string): Promise<SeenCall> {
    for (;;) {
      const found = this.calls.find(({ call }) => call === name);
      if (found !== undefined) return found;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#onCall = resolve;
      await promise;
    }
  }

  /** Answers the call that waits. */
  release(answer: FakeAnswer): void {
    const outgoing = this.#waiting.shift();
    if (outgoing === undefined) throw new Error("Cannot answer: no call waits");
    send(outgoing, answer);
  }

  async #answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = "", url = "", headers, socket } = incoming;
    let body = "";
    for await (const piece of incoming.setEncoding("utf8")) body += String(piece);
    const call = `${method} ${url}`;
    this.calls.push({ call, headers, body, connection: socket });
    const answer = this.#script.get(call)?.shift() ?? always[call];
    if (answer === undefined) this.#waiting.push(outgoing);
    else send(outgoing, answer);
    this.#onCall?.();
  }
}

function send(outgoing: ServerResponse, { status, body }: FakeAnswer): void {
  outgoing.writeHead(status, { "Lambda-Extension-Identifier": "an-identifier" });
  outgoing.end(body);
}
