import { HostError } from "@lambdad/core";
import type { ConsumeMessage } from "amqplib";
import type { PendingCall, PendingCalls } from "./pending-calls.ts";
import { RpcTimeoutError } from "./rpc-errors.ts";
import { readReply, type RpcReply } from "./rpc-reply.ts";
import type { RpcCallOptions } from "./rpc-options.ts";
import type { StreamReader } from "./stream-reader.ts";

/** What a call is made of. */
export interface RpcCallParts {
  readonly functionName: string;
  readonly body: Buffer;
  /** `event`: no reply is wanted, but the broker's confirm. */
  readonly kind: "request" | "event";
  readonly options: RpcCallOptions;
  /** 0: for ever. */
  readonly timeoutMs: number;
  /** Takes the reply piece by piece. */
  readonly reader?: StreamReader;
  readonly resolve: (reply: RpcReply | undefined) => void;
  readonly reject: (reason: unknown) => void;
}

/** One call between `invoke` and its end. It ends once. */
export class RpcCall implements PendingCall {
  readonly functionName: string;
  readonly body: Buffer;
  readonly kind: "request" | "event";
  readonly options: RpcCallOptions;
  readonly expiresAtMs: number;
  readonly reader: StreamReader | undefined;
  readonly #parts: RpcCallParts;
  #table: PendingCalls<RpcCall> | PendingCalls<WaitingCall> | undefined;
  #id = "";
  #isOver = false;

  /** @throws {TypeError} for a time limit that is not a number. */
  constructor(parts: RpcCallParts) {
    this.#parts = parts;
    this.functionName = parts.functionName;
    this.body = parts.body;
    this.kind = parts.kind;
    this.options = parts.options;
    this.reader = parts.reader;
    const { timeoutMs } = parts;
    // The broker would end the channel, and with it every call on it.
    if (typeof timeoutMs !== "number" || Number.isNaN(timeoutMs)) {
      const text = typeof timeoutMs === "number" ? "NaN" : `a ${typeof timeoutMs}`;
      throw new TypeError(
        `Cannot call '${parts.functionName}': timeoutMs is ${text}, not a number`,
      );
    }
    this.expiresAtMs = timeoutMs === 0 ? Infinity : performance.now() + timeoutMs;
  }

  /** Its correlation id; empty until it is registered. */
  get id(): string {
    return this.#id;
  }

  get byteLength(): number {
    return this.body.byteLength;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Follows the caller's signal. @returns `false` when the caller has left already. */
  follow(): boolean {
    const { signal } = this.options;
    if (signal === undefined) return true;
    if (signal.aborted) {
      this.#parts.reject(signal.reason);
      return false;
    }
    signal.addEventListener("abort", this.#onAbort);
    return true;
  }

  /** Notes where the call waits, so that it can leave. */
  registered(table: PendingCalls<RpcCall> | PendingCalls<WaitingCall>, id: string): void {
    this.#table = table;
    this.#id = id;
  }

  /** The host's answer has come. */
  replied(message: ConsumeMessage): void {
    this.#leave();
    try {
      this.#parts.resolve(readReply(message));
    } catch (error) {
      this.#parts.reject(error);
    }
  }

  /** The broker has the event. */
  confirmed(): void {
    this.#leave();
    this.#parts.resolve(undefined);
  }

  fail(reason: unknown): void {
    this.#leave();
    this.#parts.reject(reason);
  }

  expire(): void {
    if (this.kind === "request") {
      this.fail(new RpcTimeoutError(this.functionName, this.#parts.timeoutMs));
      return;
    }
    const text = "The broker has not confirmed the event in time: it may or may not have it";
    this.fail(new HostError("ServiceUnavailable", text));
  }

  readonly #onAbort = (): void => {
    this.#table?.take(this.#id);
    this.fail(this.options.signal?.reason);
  };

  #leave(): void {
    this.#isOver = true;
    this.reader?.close();
    this.options.signal?.removeEventListener("abort", this.#onAbort);
  }
}

/** A call that waits for the broker to come back. */
export class WaitingCall implements PendingCall {
  readonly call: RpcCall;
  readonly expiresAtMs: number;
  readonly #reason: () => string;

  constructor(call: RpcCall, sendByMs: number, reason: () => string) {
    this.call = call;
    this.expiresAtMs = Math.min(sendByMs, call.expiresAtMs);
    this.#reason = reason;
  }

  get byteLength(): number {
    return this.call.byteLength;
  }

  expire(): void {
    // An event that was not sent has not been lost on its way: its sender may send it again.
    const isLate = this.call.expiresAtMs <= performance.now();
    if (isLate && this.call.kind === "request") this.call.expire();
    else this.call.fail(new HostError("ServiceUnavailable", this.#reason()));
  }
}
