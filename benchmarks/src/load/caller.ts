import { connect, type Socket } from "node:net";
import { MessageReader } from "../wire/message-reader.ts";
import type { EchoRequest, EchoRequests } from "./echo-request.ts";

/** What a caller tells of its calls. */
export interface CallListener {
  /** One call is over. `failure` says what was wrong with its answer. May call `send()` again. */
  done(caller: Caller, milliseconds: number, failure: string | undefined): void;
}

type CallerState =
  | { readonly kind: "idle" }
  | { readonly kind: "calling"; readonly request: EchoRequest; readonly startMs: number }
  | { readonly kind: "closed" };

const idle: CallerState = { kind: "idle" };
const excerptChars = 200;
/** Up to here the head and the event go out as one string: one write, one copy. */
const oneWriteBytesMax = 4_096;

/**
 * One caller on one kept connection, with one call at a time. Each byte of each answer is compared
 * with the event as it arrives; nothing is collected.
 */
export class Caller {
  readonly #port: number;
  readonly #requests: EchoRequests;
  readonly #listener: CallListener;
  readonly #tailText: string | undefined;
  readonly #readBuffer = Buffer.allocUnsafe(65_536);
  #socket: Socket | undefined;
  #state: CallerState = idle;
  #statusLine = "";
  #received = 0;
  #failure: string | undefined;
  /** The peer said that it closes the connection after this answer. */
  #closing = false;

  constructor(port: number, requests: EchoRequests, listener: CallListener) {
    this.#port = port;
    this.#requests = requests;
    this.#listener = listener;
    this.#tailText =
      requests.payloadBytes <= oneWriteBytesMax ? requests.tail.toString("latin1") : undefined;
  }

  /** Starts one call; connects first when there is no connection. */
  send(): void {
    if (this.#state.kind !== "idle") return;
    const socket = (this.#socket ??= this.#open());
    const request = this.#requests.next();
    this.#state = { kind: "calling", request, startMs: performance.now() };
    this.#received = 0;
    this.#failure = undefined;
    if (this.#tailText !== undefined) {
      socket.write(request.start + this.#tailText, "latin1");
      return;
    }
    socket.cork();
    socket.write(request.start, "latin1");
    socket.write(this.#requests.tail);
    socket.uncork();
  }

  /** Gives up a call that has been out for longer than this. */
  expire(milliseconds: number): void {
    if (this.#state.kind !== "calling") return;
    if (performance.now() - this.#state.startMs < milliseconds) return;
    this.#fail(`no answer within ${milliseconds / 1000} s`);
  }

  close(): void {
    this.#state = { kind: "closed" };
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  #open(): Socket {
    const reader = new MessageReader({
      head: (text) => this.#head(text),
      body: (chunk) => this.#body(chunk),
      end: () => this.#end(),
    });
    const socket = connect({
      host: "127.0.0.1",
      port: this.#port,
      noDelay: true,
      onread: {
        buffer: this.#readBuffer,
        callback: (length) => {
          try {
            reader.push(this.#readBuffer.subarray(0, length));
          } catch (error) {
            this.#fail(String(error));
          }
          return true;
        },
      },
    });
    socket.on("error", (error) => {
      if (socket === this.#socket) this.#fail(error.message);
    });
    socket.on("close", () => {
      if (socket !== this.#socket) return;
      if (this.#state.kind === "calling") this.#fail("the connection was closed");
      else this.#socket = undefined;
    });
    return socket;
  }

  #head(text: string): void {
    this.#statusLine = text.slice(0, text.indexOf("\r\n"));
    this.#closing = text.includes("onnection: close");
    if (!text.startsWith("HTTP/1.1 200")) this.#failure = this.#statusLine;
  }

  #body(chunk: Buffer): void {
    if (this.#state.kind !== "calling") return;
    const at = this.#received;
    this.#received += chunk.length;
    if (this.#failure === undefined && !this.#isExpected(chunk, at, this.#state.request.unique)) {
      this.#failure = `${this.#statusLine}, a body that is not the event`;
    } else if (this.#failure === undefined) {
      return;
    }
    if (at < excerptChars) this.#failure += `: ${chunk.toString("latin1", 0, excerptChars)}`;
  }

  #isExpected(chunk: Buffer, at: number, unique: string): boolean {
    const { tail, payloadBytes } = this.#requests;
    if (at + chunk.length > payloadBytes) return false;
    const uniqueEnd = Math.min(Math.max(0, unique.length - at), chunk.length);
    if (uniqueEnd > 0) {
      const text = chunk.toString("latin1", 0, uniqueEnd);
      if (text !== unique.slice(at, at + uniqueEnd)) return false;
    }
    const tailAt = at + uniqueEnd - unique.length;
    const tailEnd = tailAt + chunk.length - uniqueEnd;
    return chunk.compare(tail, tailAt, tailEnd, uniqueEnd) === 0;
  }

  #end(): void {
    if (this.#state.kind !== "calling") {
      this.#socket?.destroy();
      this.#socket = undefined;
      return;
    }
    if (this.#failure === undefined && this.#received !== this.#requests.payloadBytes) {
      this.#failure = `${this.#statusLine}, ${this.#received} bytes of ${this.#requests.payloadBytes}`;
    }
    if (this.#closing) {
      this.#socket?.destroy();
      this.#socket = undefined;
    }
    this.#finish();
  }

  #fail(reason: string): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.destroy();
    if (this.#state.kind !== "calling") return;
    this.#failure ??= reason;
    this.#finish();
  }

  #finish(): void {
    if (this.#state.kind !== "calling") return;
    const milliseconds = performance.now() - this.#state.startMs;
    this.#state = idle;
    this.#listener.done(this, milliseconds, this.#failure);
  }
}
