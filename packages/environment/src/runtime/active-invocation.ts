import { emptyPayload, HostError, type Payload, type StreamError } from "@lambdad/core";
import { LogTail } from "../log/log-tail.ts";
import { platformErrorPayload, type PlatformError } from "../platform-error.ts";
import type { Status } from "../platform-event.ts";
import type { Delivery } from "./poller.ts";
import {
  BufferedReceiver,
  type Outcome,
  type ResponseReceiver,
  StreamingReceiver,
} from "./response-receiver.ts";
import type { StartFailure } from "../start-failure.ts";
import type { Ticket } from "../pool/ticket.ts";

/**
 * - `waiting`: the runtime has, or will get, the event
 * - `receiving`: its response has begun
 * - `answered`: the outcome is known; the runtime is not back in `/next` yet
 * - `abandoned`: the host has given it up
 * - `over`: nothing more can happen to it
 */
export type ActiveState = "waiting" | "receiving" | "answered" | "abandoned" | "over";

/** Events larger than this are let go of as soon as they can be, in bytes. */
const largeEventBytes = 65_536;

export interface ActiveInvocationOptions {
  readonly ticket: Ticket;
  readonly attemptId: string;
  /** `Lambda-Runtime-Deadline-Ms`: milliseconds since the epoch. */
  readonly deadlineEpochMs: number;
  /** Monotonic times, in milliseconds. */
  readonly startedAtMs: number;
  readonly deadlineMs: number;
  readonly executedVersion: string;
  /** Called once, when the outcome is known. */
  readonly onAnswered: (active: ActiveInvocation) => void;
}

/** One invocation that an environment has taken on. Settles its ticket exactly once (INV-5). */
export class ActiveInvocation {
  readonly ticket: Ticket;
  readonly startedAtMs: number;
  readonly deadlineMs: number;
  /** `Lambda-Runtime-Invocation-Id`. */
  readonly attemptId: string;
  readonly #deadlineEpochMs: number;
  readonly tail: LogTail | undefined;
  readonly #executedVersion: string;
  readonly #onAnswered: (active: ActiveInvocation) => void;
  #state: ActiveState = "waiting";
  #receiver: ResponseReceiver | undefined;
  #outcome: Outcome | undefined;
  #status: Status = "success";
  /** What the platform found after the outcome was known: it is in the report, and changes nothing. */
  #lateError: string | undefined;
  #isPlatformError = false;
  #firstByteAtMs: number | undefined;
  #lastByteAtMs: number | undefined;
  #releasedAtMs: number | undefined;
  #runtimeDoneAtMs: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #onTaken: (() => void) | undefined;
  #onExpired: ((active: ActiveInvocation) => void) | undefined;

  constructor(options: ActiveInvocationOptions) {
    this.ticket = options.ticket;
    this.attemptId = options.attemptId;
    this.#deadlineEpochMs = options.deadlineEpochMs;
    this.startedAtMs = options.startedAtMs;
    this.deadlineMs = options.deadlineMs;
    this.tail = options.ticket.invocation.logTail ? new LogTail() : undefined;
    this.#executedVersion = options.executedVersion;
    this.#onAnswered = options.onAnswered;
  }

  get requestId(): string {
    return this.ticket.invocation.requestId;
  }

  /** What a call of `/next` gets. */
  get delivery(): Delivery {
    const { attemptId } = this;
    const { invocation } = this.ticket;
    return { invocation, deadlineEpochMs: this.#deadlineEpochMs, attemptId };
  }

  get state(): ActiveState {
    return this.#state;
  }

  get status(): Status {
    return this.#status;
  }

  /** The trace header, when the trace is sampled: telemetry tells of no others. */
  get trace(): string | undefined {
    const { traceId } = this.ticket.invocation;
    return traceId.includes("Sampled=1") ? traceId : undefined;
  }

  /** The deadline, in milliseconds since the epoch: the same for the runtime and the extensions. */
  get deadlineEpochMs(): number {
    return this.#deadlineEpochMs;
  }

  /** When the runtime got the event. All are monotonic times, in milliseconds. */
  get releasedAtMs(): number | undefined {
    return this.#releasedAtMs;
  }

  /** When its response began. */
  get firstByteAtMs(): number | undefined {
    return this.#firstByteAtMs;
  }

  /** When its outcome was known. */
  get lastByteAtMs(): number | undefined {
    return this.#lastByteAtMs;
  }

  /** When the runtime was back, and only extensions were missing. */
  get runtimeDoneAtMs(): number | undefined {
    return this.#runtimeDoneAtMs;
  }

  /** The runtime gets the event. */
  released(): void {
    this.#releasedAtMs = performance.now();
  }

  /** The runtime has answered and is back, or has failed. */
  runtimeDone(): void {
    this.#runtimeDoneAtMs ??= performance.now();
  }

  /** The platform's type of the error that it ended with. */
  get errorType(): string | undefined {
    if (this.#lateError !== undefined) return this.#lateError;
    const outcome = this.#outcome;
    if (outcome === undefined || outcome.kind === "returned") return undefined;
    return outcome.kind === "failed" ? outcome.errorType : outcome.error?.errorType;
  }

  /** Bytes of the runtime's answer; what the platform says in its place is not counted (AWS). */
  get producedBytes(): number {
    if (this.#isPlatformError) return 0;
    if (this.#receiver !== undefined) return this.#receiver.byteLength;
    return this.#outcome?.kind === "failed" ? this.#outcome.payload.byteLength : 0;
  }

  /** Starts the clock: `onExpired` is called at the deadline unless the invocation is over by then. */
  arm(delayMs: number, onExpired: (active: ActiveInvocation) => void): void {
    this.#onExpired = onExpired;
    this.#timer = setTimeout(onExpired, delayMs, this);
  }

  /** The runtime's answer. One that comes after the deadline loses, however late the timer is (RT-4). */
  answer(outcome: Outcome): void {
    if (this.isOpen && performance.now() >= this.deadlineMs) this.#onExpired?.(this);
    else this.#conclude(outcome, statusOf(outcome));
  }

  /** Whether its outcome is still to come. */
  get isOpen(): boolean {
    return this.#state === "waiting" || this.#state === "receiving";
  }

  /** The response begins: from now on the event is not given out again. */
  beginResponse(contentType: string): void {
    const { stream, payload } = this.ticket.invocation;
    this.#state = "receiving";
    this.#firstByteAtMs = performance.now();
    // The event and the response of a large invocation need not be held at the same time.
    if (payload.byteLength > largeEventBytes) this.ticket.forgetEvent();
    const onOutcome = (outcome: Outcome): void => this.answer(outcome);
    this.#receiver =
      stream === undefined
        ? new BufferedReceiver(this.requestId, contentType, onOutcome)
        : new StreamingReceiver(this.requestId, { stream, contentType }, onOutcome);
  }

  /** Takes a piece of the response; drops it when the invocation has been answered otherwise. */
  data(chunk: Uint8Array): "more" | "full" | "too-large" {
    return this.#state === "receiving" ? this.#openReceiver.data(chunk) : "more";
  }

  /** Calls back when more pieces may come after `data` has answered `full`. */
  onDrain(listener: () => void): void {
    this.#openReceiver.onDrain(listener);
  }

  /**
   * The response is complete; `error` is what its trailers said. `onTaken` is called when the caller
   * has taken all of it, or will take no more.
   */
  endResponse(error: StreamError | undefined, onTaken: () => void): void {
    this.#onTaken = onTaken;
    if (this.#state === "receiving") this.#openReceiver.end(error);
    else this.#taken();
  }

  /** The response broke off. */
  truncateResponse(onTaken: () => void): void {
    this.#onTaken = onTaken;
    if (this.#state === "receiving") this.#openReceiver.truncated();
    else this.#taken();
  }

  #taken(): void {
    const onTaken = this.#onTaken;
    this.#onTaken = undefined;
    onTaken?.();
  }

  get #openReceiver(): ResponseReceiver {
    if (this.#receiver === undefined) throw new Error("Cannot take a response: it has not begun");
    return this.#receiver;
  }

  /** The first outcome counts; later ones change nothing. */
  #conclude(outcome: Outcome, status: Status): void {
    if (!this.isOpen) return;
    const receiver = this.#state === "receiving" ? this.#receiver : undefined;
    this.#state = "answered";
    this.#outcome = outcome;
    this.#status = status;
    this.#lastByteAtMs = performance.now();
    receiver?.cancel();
    // A caller that asked for the log waits for its last line, REPORT.
    if (this.tail === undefined) this.#settle();
    this.#onAnswered(this);
    this.#taken();
  }

  /**
   * The platform ends it: a crash, a time-out. When the outcome is known already its caller keeps it,
   * and only the report tells of the error.
   */
  fail(error: PlatformError, status: Status): void {
    if (this.#state === "answered") {
      this.#status = status;
      this.#lateError = error.errorType;
      return;
    }
    this.#isPlatformError = this.#receiver === undefined;
    const payload = platformErrorPayload(error, this.requestId);
    this.#conclude(this.#asFailure(error.errorType, payload), status);
  }

  /** Its environment could not start: the runtime's own bytes, or a body of the platform's. */
  failStart({ errorType, payload, text }: StartFailure): void {
    const contentType = "application/json";
    if (payload === undefined) this.fail({ errorType, text }, "error");
    else this.answer({ kind: "failed", payload, contentType, errorType });
  }

  /** The host gives it up: its caller gets the error instead of a result. `finish` follows. */
  abandon(error: HostError): void {
    if (!this.isOpen) return;
    this.#state = "abandoned";
    this.#status = "failure";
    this.ticket.fail(error);
  }

  #asFailure(errorType: string, payload: Payload): Outcome {
    // Once pieces have gone out, only the end of the stream can tell of the error (RT-20).
    if (this.#receiver instanceof StreamingReceiver) {
      return { kind: "streamed", error: { errorType, payload } };
    }
    return { kind: "failed", payload, contentType: "application/json", errorType };
  }

  /** The runtime is back, or gone: settles a ticket that waited for its log. */
  finish(): void {
    if (this.#state === "over") return;
    // No way is known that leads here without an outcome; if there is one, its caller must not hang.
    if (this.isOpen) this.abandon(new HostError("ServiceException", "There is no result."));
    clearTimeout(this.#timer);
    const settles = this.#state === "answered" && this.tail !== undefined;
    this.#state = "over";
    if (settles) this.#settle();
  }

  #settle(): void {
    if (this.#outcome === undefined) throw new Error("Cannot settle an invocation without outcome");
    this.ticket.settle({
      ...this.#outcome,
      executedVersion: this.#executedVersion,
      logTail: this.tail?.bytes(),
    });
  }
}

function statusOf(outcome: Outcome): Status {
  if (outcome.kind === "failed") return "error";
  return outcome.kind === "streamed" && outcome.error !== undefined ? "error" : "success";
}

/** The outcome of a bad response-mode header: an error without a body (RT-19). */
export const invalidResponseModeOutcome: Outcome = {
  kind: "failed",
  payload: emptyPayload,
  contentType: "application/json",
  errorType: "Runtime.InvalidResponseModeHeader",
};
