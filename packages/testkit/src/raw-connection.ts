import { once } from "node:events";
import { connect, type Socket } from "node:net";

import { parseRawResponse, type RawResponse } from "./raw-response.ts";

export interface RawConnectionOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Longest wait of each read, in milliseconds. Default 10000. */
  readonly timeoutMs?: number;
}

/** A TCP connection that sends any bytes and reads HTTP responses: for hostile input. */
export class RawConnection {
  readonly #socket: Socket;
  readonly #timeoutMs: number;
  #received: Buffer = Buffer.alloc(0);
  #ended = false;
  #wake: () => void = () => {};

  private constructor(socket: Socket, timeoutMs: number) {
    this.#socket = socket;
    this.#timeoutMs = timeoutMs;
    socket.on("data", (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
    const end = (): void => {
      this.#ended = true;
      this.#wake();
    };
    // A reset is one of the ways in which the peer may end the connection.
    socket.on("error", end);
    socket.on("end", end);
    socket.on("close", end);
  }

  static async open(port: number, options: RawConnectionOptions = {}): Promise<RawConnection> {
    const socket = connect({ port, host: options.host ?? "127.0.0.1", allowHalfOpen: true });
    socket.setNoDelay(true);
    await once(socket, "connect");
    return new RawConnection(socket, options.timeoutMs ?? 10_000);
  }

  /** Sends bytes as they are; text goes out as Latin-1. Does not wait. */
  send(bytes: string | Uint8Array): void {
    if (!this.#socket.writable) return;
    this.#socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
  }

  /** Sends and waits until the system has taken the bytes; `false` when the connection has gone. */
  async sendAll(bytes: string | Uint8Array): Promise<boolean> {
    const buffer = typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes;
    return new Promise((resolve) => {
      if (!this.#socket.writable) {
        resolve(false);
        return;
      }
      this.#socket.write(buffer, (error) => {
        resolve(error === undefined || error === null);
      });
    });
  }

  /**
   * Reads the next response whole.
   *
   * @returns `undefined` when the peer ended the connection without one.
   * @throws {Error} when nothing comes, or what comes is not a response.
   */
  async readResponse(options: { readonly head?: boolean } = {}): Promise<RawResponse | undefined> {
    for (;;) {
      const parsed = parseRawResponse(this.#received, {
        ended: this.#ended,
        bodiless: options.head === true,
      });
      if (parsed !== undefined) {
        this.#received = this.#received.subarray(parsed.byteLength);
        return parsed;
      }
      if (this.#ended) {
        if (this.#received.byteLength === 0) return undefined;
        throw new Error(`Cannot read a response: '${this.#received.toString("latin1")}'`);
      }
      await this.#more("a response");
    }
  }

  /** Reads until the peer ends the connection, and gives all bytes not yet read. */
  async readToEnd(): Promise<Buffer> {
    while (!this.#ended) await this.#more("the end of the connection");
    const all = this.#received;
    this.#received = Buffer.alloc(0);
    return all;
  }

  /** Bytes that arrived and were not read yet. */
  get pendingBytes(): number {
    return this.#received.byteLength;
  }

  /** Whether the peer has ended the connection. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Stops reading, so that the peer feels back-pressure. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Half-closes: the peer sees the end of what we send, and may still answer. */
  end(): void {
    this.#socket.end();
  }

  /** Closes. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** Resets the connection (RST). */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  async #more(what: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        const read = this.#received.subarray(0, 500).toString("latin1");
        reject(new Error(`Cannot read ${what}: nothing in ${this.#timeoutMs} ms, after '${read}'`));
      }, this.#timeoutMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Opens a connection, sends the bytes, reads one response, closes. */
export async function rawRequest(
  port: number,
  bytes: string | Uint8Array,
  options: RawConnectionOptions = {},
): Promise<RawResponse | undefined> {
  const connection = await RawConnection.open(port, options);
  try {
    connection.send(bytes);
    return await connection.readResponse();
  } finally {
    connection.destroy();
  }
}
