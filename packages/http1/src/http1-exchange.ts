import type { BodyReceiver, Connection, Exchange, ReplyBody, RequestHeaders } from "./exchange.ts";
import { NO_FIELDS } from "./field-lines.ts";
import { SINGLE_WRITE_BYTES_MAX } from "./limits.ts";
import type { ReplyChannel } from "./reply-channel.ts";
import { CONTINUE, isBodiless, renderReplyHead } from "./reply-head.ts";
import type { RequestHead } from "./request-head.ts";

type ReplyState = "none" | "started" | "done";

/** An {@link Exchange} over a connection of ours. */
export class Http1Exchange implements Exchange {
  readonly #head: RequestHead;
  readonly #channel: ReplyChannel;
  #reply: ReplyState = "none";
  #receiver: BodyReceiver | undefined;
  #sealed = false;
  #closes = false;
  #framing: "none" | "chunked" | "until-close" = "none";

  constructor(head: RequestHead, channel: ReplyChannel) {
    this.#head = head;
    this.#channel = channel;
  }

  get method(): string {
    return this.#head.method;
  }

  get path(): string {
    return this.#head.path;
  }

  get query(): string {
    return this.#head.query;
  }

  get headers(): RequestHeaders {
    return this.#head.headers;
  }

  get contentLength(): number | undefined {
    return this.#head.contentLength;
  }

  get connection(): Connection {
    return this.#channel.peer;
  }

  get done(): boolean {
    return this.#reply === "done";
  }

  /** Whether nothing of the reply has been sent. */
  get unanswered(): boolean {
    return this.#reply === "none";
  }

  /** Whether the connection ends with this reply. */
  get closes(): boolean {
    return this.#closes;
  }

  get head(): RequestHead {
    return this.#head;
  }

  get receiver(): BodyReceiver | undefined {
    return this.#receiver;
  }

  receive(receiver: BodyReceiver): void {
    if (this.#receiver !== undefined) throw new Error("Cannot receive the body: it has been taken");
    if (this.#sealed) throw new Error("Cannot receive the body: the handler has returned");
    this.#receiver = receiver;
    const { expectsContinue, contentLength } = this.#head;
    if (!expectsContinue || contentLength === 0 || this.#reply !== "none") return;
    this.#channel.output.writeText(CONTINUE);
  }

  closeWithReply(): void {
    if (this.#reply === "none") this.#closes = true;
  }

  pause(): void {
    if (this.#reply !== "done") this.#channel.pauseBody();
  }

  resume(): void {
    if (this.#reply !== "done") this.#channel.resumeBody();
  }

  reply(status: number, headers: string, body: ReplyBody = ""): void {
    if (this.#reply === "done") return;
    if (this.#reply === "started") {
      throw new Error("Cannot reply: a streamed reply has been started");
    }
    this.#closes ||= this.#channel.closesWithReply();
    const bytes = typeof body === "string" ? textBody(body) : body;
    this.#reply = "done";
    if (typeof bytes === "string") this.#replyText(status, headers, bytes);
    else this.#replyBytes(status, headers, bytes);
    this.#channel.replied();
  }

  startReply(status: number, headers: string): void {
    if (this.#reply === "done") return;
    if (this.#reply === "started") throw new Error("Cannot start a reply: one has been started");
    this.#closes ||= this.#channel.closesWithReply();
    this.#reply = "started";
    const framing = this.#head.http10 ? "until-close" : "chunked";
    this.#framing = this.#hasBody(status) ? framing : "none";
    const length = framing === "chunked" && !isBodiless(status) ? framing : undefined;
    this.#channel.output.writeText(this.#renderHead(status, headers, length));
  }

  write(chunk: Uint8Array): boolean {
    if (this.#reply === "done") return true;
    if (this.#reply === "none") throw new Error("Cannot write a chunk: no reply has been started");
    const { output } = this.#channel;
    // An empty chunk would end the body.
    if (chunk.length === 0 || this.#framing === "none") return !output.full;
    if (this.#framing === "until-close") return output.writePieces([chunk]);
    const size = `${chunk.length.toString(16)}\r\n`;
    if (chunk.length <= SINGLE_WRITE_BYTES_MAX) {
      return output.writeText(`${size}${latin1(chunk)}\r\n`);
    }
    return output.writePieces([size, chunk, "\r\n"]);
  }

  endReply(trailers = ""): void {
    if (this.#reply === "done") return;
    if (this.#reply === "none") throw new Error("Cannot end the reply: none has been started");
    this.#reply = "done";
    if (this.#framing === "chunked") {
      this.#channel.output.writeText(`0\r\n${narrow(trailers)}\r\n`);
    }
    this.#channel.replied();
  }

  onDrain(listener: () => void): void {
    this.#channel.onDrain(listener);
  }

  abort(): void {
    if (this.#reply === "done") return;
    // Without chunks the end of the stream would pass for the end of the body.
    const reset = this.#framing === "until-close";
    this.#reply = "done";
    this.#channel.abort(reset);
  }

  // For the connection. Each returns what was thrown, as text.

  /** Calls the handler. Who has not taken the body when it returns never will. */
  begin(onRequest: (exchange: Exchange) => void): string | undefined {
    try {
      onRequest(this);
      this.#sealed = true;
      if (this.#head.contentLength === 0 && this.#reply !== "done") this.#receiver?.end(NO_FIELDS);
    } catch (error) {
      return textOf(error);
    }
    return undefined;
  }

  deliver(piece: Uint8Array): string | undefined {
    try {
      this.#receiver?.data(piece);
    } catch (error) {
      return textOf(error);
    }
    return undefined;
  }

  endBody(trailers: RequestHeaders): string | undefined {
    try {
      this.#receiver?.end(trailers);
    } catch (error) {
      return textOf(error);
    }
    return undefined;
  }

  breakBody(reason: string): string | undefined {
    try {
      this.#receiver?.aborted(reason);
    } catch (error) {
      return textOf(error);
    }
    return undefined;
  }

  /** Nothing can be sent any more. */
  lose(): void {
    this.#reply = "done";
  }

  #hasBody(status: number): boolean {
    return this.#head.method !== "HEAD" && !isBodiless(status);
  }

  #replyText(status: number, headers: string, text: string): void {
    const head = this.#renderHead(status, headers, isBodiless(status) ? undefined : text.length);
    this.#channel.output.writeText(this.#hasBody(status) ? head + text : head);
  }

  #replyBytes(status: number, headers: string, body: Uint8Array | readonly Uint8Array[]): void {
    const pieces = body instanceof Uint8Array ? [body] : body;
    let length = 0;
    for (const piece of pieces) length += piece.length;
    const head = this.#renderHead(status, headers, isBodiless(status) ? undefined : length);
    const { output } = this.#channel;
    if (!this.#hasBody(status)) {
      output.writeText(head);
    } else if (head.length + length <= SINGLE_WRITE_BYTES_MAX) {
      let text = head;
      for (const piece of pieces) text += latin1(piece);
      output.writeText(text);
    } else {
      output.writePieces([head, ...pieces]);
    }
  }

  #renderHead(status: number, headers: string, length: number | "chunked" | undefined): string {
    return renderReplyHead(status, narrow(headers), {
      dateLine: this.#channel.dateLine,
      close: this.#closes,
      length,
    });
  }
}

/** Characters that would lose their upper bits on the wire, and could become line ends by it. */
const WIDE = /[^\0-\xff]/;
const WIDE_ALL = /[^\0-\xff]/g;

function narrow(lines: string): string {
  return WIDE.test(lines) ? lines.replace(WIDE_ALL, "?") : lines;
}

/** ASCII stays text, and leaves in one write with the head; anything else becomes its UTF-8 bytes. */
function textBody(text: string): string | Uint8Array {
  return Buffer.byteLength(text) === text.length ? text : Buffer.from(text);
}

function latin1(bytes: Uint8Array): string {
  const buffer = Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return buffer.toString("latin1");
}

/** What was thrown, for a log. */
export function textOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
