import { connect, type Socket } from "node:net";
import { EventStreamReader } from "../wire/event-stream-reader.ts";
import { MessageReader } from "../wire/message-reader.ts";
import { functionName } from "./echo-request.ts";
import type { StreamCall, StreamResult } from "./messages.ts";

const pauseAfterBytes = 1_048_576;
const excerptChars = 300;
/** The bytes 0, 1, … 255, 0, 1, …: longer than any piece that a socket yields, by 256. */
const pattern = Buffer.from(
  Uint8Array.from({ length: 1_048_576 + 256 }, (_, index) => index & 0xff),
);

/** Calls a function that streams, once, and compares each byte of what it sends. */
export function runStreamCall(call: StreamCall): Promise<StreamResult> {
  return new StreamReading(call).run();
}

class StreamReading {
  readonly #call: StreamCall;
  readonly #result = Promise.withResolvers<StreamResult>();
  readonly #startMs = performance.now();
  readonly #socket: Socket;
  readonly #events = new EventStreamReader({
    payload: (chunk) => this.#payload(chunk),
    complete: (json) => this.#complete(json),
    exception: (text) => this.#finish(`exception event: ${text}`),
  });
  #statusLine = "";
  #isEventStream = false;
  #isComplete = false;
  #errorText = "";
  #received = 0;
  #firstByteMs = 0;
  #pausesLeft: number;

  constructor(call: StreamCall) {
    this.#call = call;
    this.#pausesLeft = call.pauseMs > 0 ? 1 : 0;
    const reader = new MessageReader({
      head: (text) => this.#head(text),
      body: (chunk) => this.#body(chunk),
      end: () => this.#end(),
    });
    this.#socket = connect({ host: "127.0.0.1", port: call.port, noDelay: true });
    this.#socket.on("error", (error) => this.#finish(error.message));
    this.#socket.on("close", () => this.#finish("the connection was closed"));
    this.#socket.on("data", (chunk) => {
      try {
        reader.push(chunk);
      } catch (error) {
        this.#finish(String(error));
      }
    });
  }

  async run(): Promise<StreamResult> {
    const { port, bytes, timeoutMs } = this.#call;
    const event = JSON.stringify({ bytes });
    this.#socket.write(
      `POST /2021-11-15/functions/${functionName}/response-streaming-invocations HTTP/1.1\r\n` +
        `Host: 127.0.0.1:${port}\r\nContent-Type: application/json\r\n` +
        `Content-Length: ${event.length}\r\n\r\n${event}`,
    );
    const timer = setTimeout(
      () => this.#finish(`not complete within ${timeoutMs / 1000} s`),
      timeoutMs,
    );
    try {
      return await this.#result.promise;
    } finally {
      clearTimeout(timer);
      this.#socket.destroy();
    }
  }

  #head(text: string): void {
    this.#statusLine = text.slice(0, text.indexOf("\r\n"));
    this.#isEventStream = /\r\ncontent-type: *application\/vnd\.amazon\.eventstream/i.test(text);
  }

  #body(chunk: Buffer): void {
    if (!this.#statusLine.startsWith("HTTP/1.1 200")) {
      this.#errorText = (this.#errorText + chunk.toString()).slice(0, excerptChars);
    } else if (this.#isEventStream) {
      // The reader keeps pieces of messages, so it gets bytes that nothing else writes to.
      this.#events.push(chunk);
    } else {
      this.#payload(chunk);
    }
  }

  #payload(chunk: Buffer): void {
    if (this.#received === 0) this.#firstByteMs = performance.now() - this.#startMs;
    for (let at = 0; at < chunk.length; at += 1_048_576) {
      const length = Math.min(1_048_576, chunk.length - at);
      const from = (this.#received + at) % 256;
      if (chunk.compare(pattern, from, from + length, at, at + length) !== 0) {
        this.#finish(`wrong bytes after ${this.#received + at}`);
        return;
      }
    }
    this.#received += chunk.length;
    if (this.#pausesLeft > 0 && this.#received >= pauseAfterBytes) {
      this.#pausesLeft -= 1;
      this.#socket.pause();
      setTimeout(() => this.#socket.resume(), this.#call.pauseMs);
    }
  }

  #complete(json: string): void {
    this.#isComplete = true;
    if (json.includes('"ErrorCode"')) this.#finish(`InvokeComplete: ${json}`);
  }

  #end(): void {
    if (!this.#statusLine.startsWith("HTTP/1.1 200")) {
      this.#finish(`${this.#statusLine}: ${this.#errorText}`);
    } else if (this.#received !== this.#call.bytes) {
      this.#finish(`${this.#received} bytes of ${this.#call.bytes}`);
    } else if (this.#isEventStream && !this.#isComplete) {
      this.#finish("no InvokeComplete event");
    } else {
      this.#finish(undefined);
    }
  }

  #finish(failure: string | undefined): void {
    this.#result.resolve({
      kind: "stream",
      bytes: this.#received,
      seconds: (performance.now() - this.#startMs) / 1_000,
      firstByteMs: this.#firstByteMs,
      failure,
    });
  }
}
