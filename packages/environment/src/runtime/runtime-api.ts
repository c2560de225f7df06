import { limits, type Payload } from "@lambdad/core";
import { type ActiveInvocation, invalidResponseModeOutcome } from "./active-invocation.ts";
import { sanitizedErrorType } from "../platform-error.ts";
import { ActiveSet } from "./active-set.ts";
import type { Poller } from "./poller.ts";
import { RecentIds } from "./recent-ids.ts";
import {
  internalServerError,
  invalidInvocationId,
  invalidRequestId,
  invalidResponseMode,
  invalidStateTransition,
  invokeTimeout,
  requestTooLarge,
  type ApiError,
} from "../http/api-error.ts";
import type { RejectReason } from "../reject-reason.ts";
import { responseTooLargeOutcome } from "./response-receiver.ts";
import {
  nextRuntimeState,
  refusedTransitionMessage,
  type RuntimeEvent,
  type RuntimeState,
} from "./runtime-state.ts";

export interface RuntimeApiHooks {
  /** The runtime has asked for its first invocation; it gets one after {@link RuntimeApi.release}. */
  runtimeReady(): void;
  /** The runtime has asked to be restored, and is at once: nothing is frozen here. */
  restored(): void;
  /** The runtime has reported that it cannot start, or cannot be restored. */
  initFailed(errorType: string, payload: Payload): void;
  /** The runtime has answered this invocation and, unless it runs several, is back in `/next`. */
  runtimeDone(active: ActiveInvocation): void;
  /** A call of `/next` waits for an invocation. */
  slotFreed(): void;
  /** A call of `/next` has gone without one. */
  pollerGone(): void;
  rejected(reason: RejectReason): void;
}

export interface ResponseStart {
  /** `Lambda-Runtime-Function-Response-Mode`. */
  readonly mode: string | undefined;
  readonly contentType: string;
  /** Declared length in bytes, when it was declared. */
  readonly contentLength: number | undefined;
  /** `Lambda-Runtime-Invocation-Id`, when the runtime sent it back. */
  readonly attemptId: string | undefined;
}

export interface ErrorPost {
  /** `Lambda-Runtime-Function-Error-Type`, as sent. */
  readonly errorType: string | undefined;
  readonly contentType: string;
  readonly payload: Payload;
  /** `Lambda-Runtime-Invocation-Id`, when the runtime sent it back. */
  readonly attemptId: string | undefined;
}

/**
 * The rules of the Runtime API for one runtime: who may call what when, and which invocation an answer
 * belongs to. No sockets, no processes, no time: the routes and the channel call it, the environment
 * owns it. Spec: runtime-api §3, §8, §18.
 */
export class RuntimeApi {
  readonly #hooks: RuntimeApiHooks;
  /** Invocations at once; `undefined`: one, with the state machine of a classic runtime. */
  readonly #concurrency: number | undefined;
  readonly #pollers: Poller[] = [];
  readonly #active = new ActiveSet();
  readonly #timedOut = new RecentIds(limits.timedOutIdsMax);
  #state: RuntimeState = "Started";

  constructor(concurrency: number | undefined, hooks: RuntimeApiHooks) {
    this.#concurrency = concurrency;
    this.#hooks = hooks;
  }

  get state(): RuntimeState {
    return this.#state;
  }

  /** Invocations that have not been forgotten. */
  get active(): Iterable<ActiveInvocation> {
    return this.#active;
  }

  get activeCount(): number {
    return this.#active.size;
  }

  has(requestId: string): boolean {
    return this.#active.get(requestId) !== undefined;
  }

  /** The only invocation there is; `undefined` when there is none, or several. */
  get soleActive(): ActiveInvocation | undefined {
    return this.#active.sole;
  }

  /** Whether the runtime waits for an invocation. */
  get isPolled(): boolean {
    return this.#pollers.length > 0;
  }

  /** How many invocations it would take now. */
  get freeSlots(): number {
    if (this.#concurrency === undefined && this.#state !== "Ready") return 0;
    const room = (this.#concurrency ?? 1) - this.#active.size;
    return Math.max(0, Math.min(room, this.#pollers.length));
  }

  /** Gives an invocation to a runtime that waits in `/next`. There must be a free slot. */
  release(active: ActiveInvocation): void {
    const poller = this.#pollers.shift();
    if (poller === undefined) throw new Error("Cannot release an invocation: nobody waits for it");
    this.#active.add(active);
    if (this.#concurrency === undefined) this.#apply("released");
    active.released();
    poller.deliver(active.delivery);
  }

  /** An invocation whose environment is started for it: it waits for {@link RuntimeApi.release}. */
  admit(active: ActiveInvocation): void {
    this.#active.add(active);
  }

  /** Ends the invocation's right to be answered. Late answers get 410 when it timed out, else 400. */
  forget(active: ActiveInvocation, timedOut: boolean): void {
    this.#active.delete(active);
    if (timedOut) this.#timedOut.add(active.requestId);
  }

  /** `GET /runtime/invocation/next`. The poller is called back when there is an event for it. */
  next(poller: Poller): ApiError | undefined {
    const before = this.#state;
    if (this.#pollers.length >= limits.idlePollersMax) {
      this.#hooks.rejected("too_many_pollers");
      return internalServerError;
    }
    if (this.#concurrency !== undefined) {
      // Answers are matched by id alone here: the state only tells whether the init is over.
      if (before === "Started" || before === "Restoring") this.#state = "Ready";
    } else if (!this.#apply("next")) {
      return this.#refuse("next");
    } else if (before === "Running") {
      return this.#repeat(poller);
    }
    this.#pollers.push(poller);
    if (before === "Started" || before === "Restoring") this.#hooks.runtimeReady();
    else if (before === "RuntimeResponseSentState") this.#runtimeDone();
    else this.#hooks.slotFreed();
    return undefined;
  }

  /** The caller of `/next` has gone. */
  removePoller(poller: Poller): void {
    const index = this.#pollers.indexOf(poller);
    if (index === -1) return;
    this.#pollers.splice(index, 1);
    this.#hooks.pollerGone();
  }

  #repeat(poller: Poller): undefined {
    this.#hooks.rejected("repeat_next");
    const active = this.soleActive;
    if (active === undefined) this.#pollers.push(poller);
    else poller.deliver(active.delivery);
  }

  #runtimeDone(): void {
    const active = this.soleActive;
    if (active === undefined) this.#hooks.slotFreed();
    else this.#hooks.runtimeDone(active);
  }

  /** `GET /runtime/restore/next`. Nothing is frozen here, so the restore follows at once. */
  restoreNext(): ApiError | undefined {
    if (!this.#apply("restoreNext")) return this.#refuse("restoreNext");
    this.#apply("restored");
    this.#hooks.restored();
    return undefined;
  }

  /** `POST /runtime/invocation/{id}/response`: the invocation whose answer begins, or a refusal. */
  beginResponse(id: string, start: ResponseStart): ActiveInvocation | ApiError {
    const active = this.#answerable(id, "response", start.attemptId);
    if (isRefusal(active)) return active;
    if (start.mode !== undefined && start.mode !== "" && start.mode !== "streaming") {
      active.answer(invalidResponseModeOutcome);
      this.answered(active);
      this.#hooks.rejected("invalid_response_mode");
      return invalidResponseMode;
    }
    const buffered = active.ticket.invocation.stream === undefined;
    if (buffered && (start.contentLength ?? 0) > limits.syncPayloadBytesMax) {
      active.answer(responseTooLargeOutcome());
      this.answered(active);
      this.#hooks.rejected("too_large");
      return requestTooLarge();
    }
    active.beginResponse(start.contentType);
    return active;
  }

  /** The answer of this invocation has been taken over completely, whatever came of it. */
  answered(active: ActiveInvocation): void {
    if (this.#concurrency === undefined) this.#apply("answered");
    else if (active.state === "answered") this.#hooks.runtimeDone(active);
  }

  /** `POST /runtime/invocation/{id}/error`. The body is passed on as it is (RT-1). */
  error(id: string, error: ErrorPost): ApiError | undefined {
    const active = this.#answerable(id, "error", error.attemptId);
    if (isRefusal(active)) return active;
    active.answer({
      kind: "failed",
      payload: error.payload,
      contentType: error.contentType,
      errorType: sanitizedErrorType(error.errorType),
    });
    this.answered(active);
    return undefined;
  }

  /** `POST /runtime/init/error`. */
  initError(errorType: string | undefined, payload: Payload): ApiError | undefined {
    if (!this.#apply("initError")) return this.#refuse("initError");
    this.#hooks.initFailed(sanitizedErrorType(errorType), payload);
    return undefined;
  }

  /** `POST /runtime/restore/error`. */
  restoreError(errorType: string | undefined, payload: Payload): ApiError | undefined {
    if (!this.#apply("restoreError")) return this.#refuse("restoreError");
    this.#hooks.initFailed(sanitizedErrorType(errorType), payload);
    return undefined;
  }

  /** Counts a refusal that a route found by itself. */
  rejected(reason: RejectReason): void {
    this.#hooks.rejected(reason);
  }

  /** The id is compared first, the state second (spec runtime-api §3). */
  #answerable(
    id: string,
    event: "response" | "error",
    attemptId: string | undefined,
  ): ActiveInvocation | ApiError {
    const active = this.#active.get(id);
    if (active === undefined) {
      const late = this.#timedOut.has(id);
      this.#hooks.rejected(late ? "late" : "invalid_request_id");
      return late ? invokeTimeout : invalidRequestId;
    }
    if (attemptId !== undefined && attemptId !== active.attemptId) {
      this.#hooks.rejected("invalid_request_id");
      return invalidInvocationId;
    }
    if (this.#concurrency !== undefined) {
      if (active.state === "waiting") return active;
      this.#hooks.rejected("invalid_request_id");
      return invalidRequestId;
    }
    return this.#apply(event) ? active : this.#refuse(event);
  }

  #apply(event: RuntimeEvent): boolean {
    const state = nextRuntimeState(this.#state, event);
    if (state === undefined) return false;
    this.#state = state;
    return true;
  }

  #refuse(event: RuntimeEvent): ApiError {
    this.#hooks.rejected("invalid_state");
    return invalidStateTransition(refusedTransitionMessage(this.#state, event));
  }
}

/** Tells a refusal from the invocation that a call was for. */
export function isRefusal(found: ActiveInvocation | ApiError): found is ApiError {
  return "errorMessage" in found;
}
