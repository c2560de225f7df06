import { once } from "node:events";
import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

import type { JournalRecord } from "./extension-journal.ts";
import { waitFor } from "./wait-for.ts";

/** One record of telemetry: its envelope. */
export type TelemetryRecord = JournalRecord;

/** What came in one request (HTTP), or in one line (TCP). */
export interface TelemetryBatch {
  readonly records: readonly TelemetryRecord[];
  /** Size of the body or the line, in bytes. */
  readonly bytes: number;
  /** Of HTTP: method, path, headers with names in lower case. */
  readonly method: string;
  readonly path: string;
  readonly headers: NodeJS.Dict<string | string[]>;
  /** The answer: a status; 0 when there was none. */
  readonly status: number;
}

/**
 * How a request is answered: with a status, never (`hang`), with a lost connection (`reset`), or with
 * 200 when the promise resolves.
 */
export type TelemetryAnswer = number | "hang" | "reset" | Promise<unknown>;

/** A destination of telemetry for tests: listens on loopback and keeps what it gets. */
export class TelemetrySink {
  readonly protocol: "HTTP" | "TCP";
  /** All that came, also what was not answered with 200. */
  readonly batches: TelemetryBatch[] = [];
  /** Bodies and lines that were no JSON of the right form. Empty is good. */
  readonly breaches: string[] = [];
  /** Most requests that were open at once: more than 1 breaks the order of a subscriber. */
  openMax = 0;
  #answers: TelemetryAnswer[] = [];
  #lastAnswer: TelemetryAnswer = 200;
  #server: HttpServer | Server | undefined;
  readonly #sockets = new Set<Socket>();
  #port = 0;
  #open = 0;
  #isPaused = false;
  #connections = 0;

  constructor(protocol: "HTTP" | "TCP" = "HTTP") {
    this.protocol = protocol;
  }

  /** Listens on any free port, or again on the one it had. */
  async start(): Promise<this> {
    const server =
      this.protocol === "HTTP"
        ? createHttpServer((request, response) => this.#receive(request, response))
        : createServer((socket) => this.#read(socket));
    this.#server = server;
    server.on("connection", (socket: Socket) => this.#accept(socket));
    server.listen(this.#port, "127.0.0.1");
    await once(server, "listening");
    this.#port = (server.address() as AddressInfo).port;
    return this;
  }

  /** Closes; connections are lost. What came stays. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = once(server, "close");
    server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  get port(): number {
    return this.#port;
  }

  /** How many connections were made. */
  get connections(): number {
    return this.#connections;
  }

  /** Member `destination` of a subscription. */
  destination(path = "/"): Readonly<Record<string, unknown>> {
    if (this.protocol === "TCP") return { protocol: "TCP", port: this.#port };
    return { protocol: "HTTP", URI: `http://sandbox.localdomain:${this.#port}${path}` };
  }

  /** How the next requests are answered; the last of the answers stays. Default: 200. */
  answer(...answers: readonly TelemetryAnswer[]): void {
    this.#answers = [...answers];
    this.#lastAnswer = answers.at(-1) ?? 200;
  }

  /** TCP: stops reading, so that the sender feels back-pressure; or goes on. */
  pause(isPaused = true): void {
    this.#isPaused = isPaused;
    for (const socket of this.#sockets) {
      if (isPaused) socket.pause();
      else socket.resume();
    }
  }

  /** All records of batches that were answered with 200, in the order in which they came. */
  get records(): readonly TelemetryRecord[] {
    return this.batches.flatMap(({ records, status }) => (status === 200 ? records : []));
  }

  /** Their types. */
  get types(): readonly string[] {
    return this.records.map(({ type }) => type);
  }

  /** All records of one type. */
  of(type: string): readonly TelemetryRecord[] {
    return this.records.filter((record) => record.type === type);
  }

  /** Waits for `count` records of a type, and gives all of that type. */
  async waitFor(type: string, count = 1): Promise<readonly TelemetryRecord[]> {
    await waitFor(() => this.of(type).length >= count, { what: `${count} × ${type}` });
    return this.of(type);
  }

  /** Waits for `count` requests or lines, however they were answered. */
  async waitForBatches(count: number): Promise<readonly TelemetryBatch[]> {
    await waitFor(() => this.batches.length >= count, { what: `${count} batches of telemetry` });
    return this.batches;
  }

  #accept(socket: Socket): void {
    this.#connections += 1;
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    // The sender may be killed.
    socket.on("error", () => {});
    if (this.#isPaused) socket.pause();
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    this.#open += 1;
    this.openMax = Math.max(this.openMax, this.#open);
    response.on("close", () => (this.#open -= 1));
    request.on("error", () => {});
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url: path = "", headers } = request;
      const body = Buffer.concat(chunks);
      const answer = this.#answers.shift() ?? this.#lastAnswer;
      const status = typeof answer === "number" ? answer : typeof answer === "string" ? 0 : 200;
      const batch = { bytes: body.length, method, path, headers, status };
      this.#keep(body.toString(), (records) => ({ ...batch, records }));
      if (answer === "reset") request.socket.resetAndDestroy();
      else if (typeof answer === "number") response.writeHead(answer).end();
      else if (answer !== "hang") void answer.then(() => response.end());
    });
  }

  #read(socket: Socket): void {
    let text = "";
    socket.setEncoding("utf8").on("data", (piece: string) => {
      const lines = (text + piece).split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) {
        const bytes = Buffer.byteLength(line);
        const batch = { bytes, method: "", path: "", headers: {}, status: 200 };
        this.#keep(`[${line}]`, (records) => ({ ...batch, records }));
      }
    });
  }

  #keep(text: string, batchOf: (records: TelemetryRecord[]) => TelemetryBatch): void {
    let records: TelemetryRecord[] = [];
    try {
      records = JSON.parse(text);
    } catch {
      this.breaches.push(`no JSON: '${text.slice(0, 200)}'`);
    }
    if (!Array.isArray(records)) {
      this.breaches.push(`no array: '${text.slice(0, 200)}'`);
      records = [];
    }
    this.batches.push(batchOf(records));
  }
}

/** A port of loopback on which nobody listens. */
export async function unusedPort(): Promise<number> {
  const sink = await new TelemetrySink("TCP").start();
  await sink.stop();
  return sink.port;
}
