import { randomUUID } from "node:crypto";
import {
  type ExtensionState,
  type ExtensionTransition,
  nextExtensionState,
} from "./extension-state.ts";

/** What an extension may subscribe to. */
export type ExtensionEventType = "INVOKE" | "SHUTDOWN";

/** An event on its way to an extension: the body of the answer to its `event/next`. */
export interface ExtensionDelivery {
  readonly type: ExtensionEventType;
  /** JSON text. */
  readonly body: string;
}

/** An extension that waits in `event/next`. */
export interface ExtensionWaiter {
  /** Gives it the event. Called at most once. */
  deliver(delivery: ExtensionDelivery): void;
}

/**
 * One extension of an environment. External ones are processes that the platform has started, from a
 * file of that name; internal ones run inside the runtime's process.
 */
export class Extension {
  /** What it was registered as; of an external one the name of its file. */
  readonly name: string;
  readonly kind: "external" | "internal";
  /** `Lambda-Extension-Identifier`. */
  readonly id: string = randomUUID();
  #state: ExtensionState = "Started";
  #events: readonly ExtensionEventType[] = [];
  #waiter: ExtensionWaiter | undefined;
  /** An event that came while it was not waiting. */
  #pending: ExtensionDelivery | undefined;
  #errorType: string | undefined;

  constructor(name: string, kind: "external" | "internal") {
    this.name = name;
    this.kind = kind;
  }

  get state(): ExtensionState {
    return this.#state;
  }

  /** What it has subscribed to, in its own order. */
  get events(): readonly ExtensionEventType[] {
    return this.#events;
  }

  /** Why it failed: what it reported, or what the platform found. */
  get errorType(): string | undefined {
    return this.#errorType;
  }

  /** Whether it has said itself that it failed, so that its end is no news. */
  get hasReportedError(): boolean {
    return this.#state === "InitError" || this.#state === "ExitError";
  }

  /** Whether it holds a call of `event/next` open. */
  get isWaiting(): boolean {
    return this.#waiter !== undefined;
  }

  /** Whether it is done with all that it was given, and may be given more. */
  get isBack(): boolean {
    return this.#state === "Ready" && this.#pending === undefined;
  }

  wants(event: ExtensionEventType): boolean {
    return this.#events.includes(event);
  }

  /** @returns whether the transition is allowed. */
  apply(transition: ExtensionTransition): boolean {
    // A call whose connection was lost may be made again; one that is still open may not be doubled.
    const repeats = transition === "next" && this.#state === "Ready" && !this.isWaiting;
    const state = repeats ? "Ready" : nextExtensionState(this.#state, transition);
    if (state === undefined) return false;
    this.#state = state;
    return true;
  }

  /** Notes the subscription of a registration that was allowed. */
  subscribe(events: readonly ExtensionEventType[]): void {
    this.#events = events;
  }

  /** Notes an error that was allowed; the first one stays. */
  failed(errorType: string): void {
    this.#errorType ??= errorType;
  }

  /** Its call of `event/next` was allowed: it gets its next event now, or when there is one. */
  wait(waiter: ExtensionWaiter): void {
    this.#waiter = waiter;
    if (this.#pending !== undefined) this.give(this.#pending);
  }

  /** Its call of `event/next` has ended without an event: the connection was lost. */
  stopWaiting(waiter: ExtensionWaiter): void {
    if (this.#waiter === waiter) this.#waiter = undefined;
  }

  /** Gives it an event, now or with its next call. */
  give(delivery: ExtensionDelivery): void {
    const waiter = this.#waiter;
    if (waiter === undefined) {
      this.#pending = delivery;
      return;
    }
    // One that has said that it failed is told nothing more, although its call is still open.
    if (!this.apply("released")) return;
    this.#pending = undefined;
    this.#waiter = undefined;
    waiter.deliver(delivery);
  }
}
