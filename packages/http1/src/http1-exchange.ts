import type { BodyReceiver, Connection, Exchange, ReplyBody, RequestHeaders } from "./exchange.ts";
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
  #closes = false;
  #chunked = false;

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
    return this.#channel;
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
    this.#receiver = receiver;
    if (this.#head.expectsContinue && this.#reply === "none") this.#channel.writeText(CONTINUE);
  }

  pause(): void {
    if (this.#reply !== "done") this.#channel.pauseBody();
  }

  resume(): void {
    if (this.#reply !== "done") this.#channel.resumeBody();
  }

  reply(status: number, headers: string, body: ReplyBody = ""): void {
    if (this.#reply === "done") return;
    if (this.#reply === "started")
      throw new Error("Cannot reply: a streamed reply has been started");
    this.#closes = this.#channel.closesWithReply();
    const bytes = typeof body === "string" ? textBody(body) : body;
    this.#reply = "done";
    if (typeof bytes === "string") this.#replyWhole(status, headers, bytes);
    else this.#replyBytes(status, headers, bytes);
    this.#channel.replied();
  }

  startReply(status: number, headers: string): void {
    if (this.#reply === "done") return;
    if (this.#reply === "started") throw new Error("Cannot start a reply: one has been started");
    this.#closes = this.#channel.closesWithReply();
    this.#chunked = !this.#head.http10 && !isBodiless(status);
    this.#reply = "started";
    const head = this.#renderHead(status, headers, this.#chunked ? "chunked" : undefined);
    if (this.#head.method === "HEAD") this.#chunked = false;
    this.#channel.writeText(head);
  }

  write(chunk: Uint8Array): boolean {
    if (this.#reply === "done") return true;
    if (this.#reply === "none") throw new Error("Cannot write a chunk: no reply has been started");
    const channel = this.#channel;
    // An empty chunk would end the body.
    if (chunk.length === 0 || !this.#hasBody()) return !channel.outputFull;
    if (!this.#chunked) return channel.writePieces([chunk]);
    const size = `${chunk.length.toString(16)}\r\n`;
    if (chunk.length <= SINGLE_WRITE_BYTES_MAX) {
      return channel.writeText(`${size}${latin1(chunk)}\r\n`);
    }
    return channel.writePieces([size, chunk, "\r\n"]);
  }

  endReply(trailers = ""): void {
    if (this.#reply === "done") return;
    if (this.#reply === "none") throw new Error("Cannot end the reply: none has been started");
    this.#reply = "done";
    if (this.#chunked) this.#channel.writeText(`0\r\n${trailers}\r\n`);
    this.#channel.replied();
  }

  onDrain(listener: () => void): void {
    this.#channel.onDrain(listener);
  }

  abort(): void {
    if (this.#reply === "done") return;
    // Without chunks the end of the stream would pass for the end of the body.
    const reset = this.#reply === "started" && !this.#chunked;
    this.#reply = "done";
    this.#channel.abort(reset);
  }

  /** Nothing can be sent any more. */
  lose(): void {
    this.#reply = "done";
  }

  #hasBody(): boolean {
    return this.#chunked || (this.#head.http10 && this.#head.method !== "HEAD");
  }

  #replyWhole(status: number, headers: string, text: string): void {
    const bodiless = isBodiless(status);
    const head = this.#renderHead(status, headers, bodiless ? undefined : text.length);
    const silent = bodiless || this.#head.method === "HEAD";
    this.#channel.writeText(silent ? head : head + text);
  }

  #replyBytes(status: number, headers: string, body: Uint8Array | readonly Uint8Array[]): void {
    const pieces = body instanceof Uint8Array ? [body] : body;
    let length = 0;
    for (const piece of pieces) length += piece.length;
    const bodiless = isBodiless(status);
    const head = this.#renderHead(status, headers, bodiless ? undefined : length);
    if (bodiless || this.#head.method === "HEAD") {
      this.#channel.writeText(head);
    } else if (head.length + length <= SINGLE_WRITE_BYTES_MAX) {
      let text = head;
      for (const piece of pieces) text += latin1(piece);
      this.#channel.writeText(text);
    } else {
      this.#channel.writePieces([head, ...pieces]);
    }
  }

  #renderHead(status: number, headers: string, length: number | "chunked" | undefined): string {
    return renderReplyHead(status, headers, {
      dateLine: this.#channel.dateLine,
      close: this.#closes,
      length,
    });
  }
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
