import { type Clock, payloadBytes } from "@lambdad/core";
import type { ErrorBody } from "../runtime-client.ts";
import type { ThreadExit } from "./failed-results.ts";
import type { PoolCall } from "./pool-call.ts";
import { RuntimeThread, type ThreadPart } from "./runtime-thread.ts";
import type { ThreadAnswer, ThreadInvocation, ThreadSettings } from "./thread-messages.ts";

type SeatState =
  | { readonly kind: "starting"; readonly thread: RuntimeThread }
  | { readonly kind: "ready"; readonly thread: RuntimeThread; readonly sinceMs: number }
  /** It was told to end. */
  | { readonly kind: "ending" }
  /** Until the next thread starts. */
  | { readonly kind: "resting"; readonly cancel: () => void }
  | { readonly kind: "closed" };

export interface ThreadSeatOptions {
  readonly settings: ThreadSettings;
  /** Calls that its thread has at once. */
  readonly capacity: number;
  readonly clock: Clock;
  readonly observer: ThreadSeatObserver;
}

export interface ThreadSeatObserver {
  /** It takes calls. */
  readonly ready: (seat: ThreadSeat) => void;
  readonly answered: (call: PoolCall, answer: ThreadAnswer) => void;
  /** Its thread has ended with these calls in it; the next one comes by itself. */
  readonly ended: (end: ThreadEnd) => void;
}

export interface ThreadEnd {
  readonly calls: readonly PoolCall[];
  readonly exit: ThreadExit;
  /** It ended before it was ready. */
  readonly isInit: boolean;
  readonly initError: ErrorBody | undefined;
}

/** A thread that was ready for this long has not failed because of how it started, in milliseconds. */
const stableMs = 10_000;
/** Between two starts in a row that come to nothing, doubling: as for processes (RT-8). */
const restMs = { first: 100, max: 10_000 };

/** The place of one thread in a pool: there is always one in it, or one will come. */
export class ThreadSeat {
  readonly #options: ThreadSeatOptions;
  /** By the number under which the thread knows them. */
  #calls: (PoolCall | undefined)[] = [];
  #free: number[] = [];
  #failures = 0;
  #state: SeatState;

  /** Starts the first thread. */
  constructor(options: ThreadSeatOptions) {
    this.#options = options;
    this.#state = this.#started();
  }

  /** Calls that its thread has; `Infinity` when it takes none. */
  get load(): number {
    if (this.#state.kind !== "ready" || this.#free.length === 0) return Number.POSITIVE_INFINITY;
    return this.#options.capacity - this.#free.length;
  }

  /** Whether it takes calls, or will as soon as a thread has ended or started. */
  get isServing(): boolean {
    return ["ready", "starting", "ending"].includes(this.#state.kind);
  }

  /** Gives a call to the thread. The seat must have room: a `load` that is finite. */
  send(call: PoolCall): void {
    const id = this.#free.pop();
    if (this.#state.kind !== "ready" || id === undefined) {
      throw new Error("Cannot send a call: the thread has no room");
    }
    this.#calls[id] = call;
    call.state = { kind: "sent", kill: this.#kill };
    this.#state.thread.send({
      kind: "call",
      id,
      streams: call.output !== undefined,
      invocation: visible(call),
      remainingMs: call.deadlineMs - this.#options.clock.nowMs(),
      event: new Uint8Array(payloadBytes(call.invocation.payload)),
    });
  }

  /** Ends the thread; no other comes. */
  close(): void {
    const state = this.#state;
    this.#state = { kind: "closed" };
    if (state.kind === "starting" || state.kind === "ready") state.thread.kill();
    if (state.kind === "resting") state.cancel();
  }

  /** Ends the thread, because a call in it is over its time; another one comes. */
  readonly #kill = (): void => {
    const state = this.#state;
    if (state.kind !== "ready") return;
    this.#state = { kind: "ending" };
    state.thread.kill();
  };

  #started(): SeatState {
    const { capacity, settings } = this.#options;
    this.#calls = Array.from({ length: capacity });
    this.#free = Array.from({ length: capacity }, (_, index) => capacity - 1 - index);
    const thread = new RuntimeThread(settings, {
      ready: () => this.#ready(thread),
      streamed: (part) => this.#streamed(part, thread),
      answered: (id, answer) => this.#answered(id, answer),
      ended: (exit, initError) => this.#ended(exit, initError),
    });
    return { kind: "starting", thread };
  }

  #ready(thread: RuntimeThread): void {
    if (this.#state.kind !== "starting") return;
    this.#state = { kind: "ready", thread, sinceMs: this.#options.clock.nowMs() };
    this.#options.observer.ready(this);
  }

  #streamed(part: ThreadPart, thread: RuntimeThread): void {
    const output = this.#calls[part.id]?.output;
    if (output === undefined || this.#state.kind !== "ready") return;
    if (part.kind === "started") output.start(part.contentType);
    else if (output.write(part.bytes)) thread.taken(part.id);
    else output.onDrain(() => thread.taken(part.id));
  }

  #answered(id: number, answer: ThreadAnswer): void {
    const call = this.#calls[id];
    if (call === undefined || this.#state.kind !== "ready") return;
    this.#calls[id] = undefined;
    this.#free.push(id);
    this.#options.observer.answered(call, answer);
  }

  #ended(exit: ThreadExit, initError: ErrorBody | undefined): void {
    const state = this.#state;
    if (state.kind === "closed") return;
    const calls = this.#calls.filter((call) => call !== undefined);
    const isStable =
      state.kind === "ending" ||
      (state.kind === "ready" && this.#options.clock.nowMs() - state.sinceMs >= stableMs);
    this.#failures = isStable ? 0 : this.#failures + 1;
    if (this.#failures < 2) this.#state = this.#started();
    else this.#rest();
    this.#options.observer.ended({ calls, exit, isInit: state.kind === "starting", initError });
  }

  #rest(): void {
    const waitMs = Math.min(restMs.max, restMs.first * 2 ** (this.#failures - 2));
    const cancel = this.#options.clock.setTimer(waitMs, () => {
      if (this.#state.kind === "resting") this.#state = this.#started();
    });
    this.#state = { kind: "resting", cancel };
  }
}

function visible({ invocation }: PoolCall): ThreadInvocation {
  return {
    requestId: invocation.requestId,
    functionName: invocation.functionName,
    qualifier: invocation.qualifier,
    invokedFunctionArn: invocation.invokedFunctionArn,
    type: invocation.type,
    contentType: invocation.contentType,
    traceId: invocation.traceId,
    clientContext: invocation.clientContext,
    cognitoIdentity: invocation.cognitoIdentity,
    tenantId: invocation.tenantId,
    logTail: invocation.logTail,
  };
}
