import type { Invocation, Invoker, InvokeResult } from "@lambdad/core";
import type { EnvironmentEndReason } from "../environment-observer.ts";
import type { EnvironmentOwner, InitFailure } from "../environment-owner.ts";
import { Environment } from "../environment.ts";
import { IdleReaper } from "./idle-reaper.ts";
import { initFailureResult } from "./init-failure-result.ts";
import { drainingError, throttledError } from "./pool-errors.ts";
import type { EnvironmentPoolOptions, PoolCounts, PoolObserver } from "./pool-options.ts";
import { PoolTicket } from "./pool-ticket.ts";
import { poolMark, killLeftovers, killMarkedBy } from "../process/process-tree.ts";
import { RuntimeApiListeners } from "../http/runtime-api-listeners.ts";
import { StartBackoff } from "./start-backoff.ts";
import { WaitingQueue } from "./waiting-queue.ts";

/**
 * How long an environment that has answered is expected back before another one is started in its
 * place, in milliseconds. Without it a caller that sends one call after another would start a second
 * environment, because its next call can arrive before the runtime is back in `/next`.
 */
const returnGraceMs = 20;

/** After these the next start counts inside its invocation's time (AWS). */
const lostInInvocation: ReadonlySet<string> = new Set(["timeout", "exit", "oom", "extension"]);

/** How often the waiting invocations are looked over, in milliseconds. */
const sweepMs = 25;

/**
 * Runs invocations in environments, and starts as many of them as are needed, up to a limit. A call
 * that finds none free starts one, so a burst of cold calls takes one start, not one after another;
 * idle ones are reused newest first, so that the oldest can end.
 */
export class EnvironmentPool implements Invoker, EnvironmentOwner {
  readonly #options: EnvironmentPoolOptions;
  readonly #observer: PoolObserver;
  readonly #waitingMax: number;
  /** Environments that serve, or start to. */
  readonly #environments = new Set<Environment>();
  /** Environments whose processes have not ended yet. */
  readonly #alive = new Set<Environment>();
  /** Environments that take an invocation now; the one freed last is at the end. */
  readonly #free: Environment[] = [];
  /** Environments that have answered and are expected back. */
  readonly #expected: Environment[] = [];
  readonly #waiting = new WaitingQueue();
  readonly #backoff = new StartBackoff();
  readonly #idle: IdleReaper;
  readonly #listeners: RuntimeApiListeners;
  readonly #mark: string = poolMark();
  #scaleTimer: NodeJS.Timeout | undefined;
  #sweepTimer: NodeJS.Timeout | undefined;
  #lastInitFailure: InitFailure | undefined;
  /** Environments that were lost in an invocation, or took too long to start. */
  #owedStarts = 0;
  #started = 0;
  #draining = false;
  /** Who waits for the end of the last environment. */
  #onQuiet: (() => void)[] = [];

  constructor(options: EnvironmentPoolOptions) {
    this.#options = options;
    this.#observer = options.observer;
    this.#waitingMax = options.waitingMax ?? Math.max(64, 8 * options.environmentsMax);
    this.#listeners = new RuntimeApiListeners(options.runtimeApi);
    this.#idle = new IdleReaper(options.idleTimeoutMs, (environment) => environment.stop("idle"));
  }

  /** `host:port` of the first environment's Runtime API. */
  get runtimeApiAddress(): string {
    return this.#listeners.address;
  }

  get counts(): PoolCounts {
    let starting = 0;
    let idle = 0;
    for (const environment of this.#environments) {
      if (environment.isStarting) starting += 1;
      else if (environment.isEmpty) idle += 1;
    }
    const busy = this.#environments.size - starting - idle;
    return { starting, idle, busy, waiting: this.#waiting.length };
  }

  /** Request ids of the invocations that run. */
  get requestIds(): readonly string[] {
    return [...this.#alive].flatMap((environment) => environment.requestIds);
  }

  /**
   * Opens the Runtime API of the first environment. Starts no process.
   *
   * @throws when its address cannot be bound.
   */
  start(): Promise<void> {
    return this.#listeners.start();
  }

  /** Ends what an earlier daemon that was killed has left running (HO-1). */
  killLeftovers(): void {
    const count = killLeftovers();
    if (count > 0) this.#observer.fault({ level: "warn", event: "env.leftover", count });
  }

  invoke(invocation: Invocation, signal: AbortSignal): Promise<InvokeResult> {
    if (this.#draining) return Promise.reject(drainingError());
    if (signal.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const ticket = new PoolTicket({ invocation, signal }, resolve, reject);
      const environment = this.#takeFree();
      if (environment === undefined) this.#enqueue(ticket);
      else environment.run(ticket);
    });
  }

  /** New invocations get new environments from now on; those that run finish in the old ones. */
  renew(): void {
    this.#backoff.succeeded();
    // A copy: ending one can start another, which must stay.
    for (const environment of Array.from(this.#environments)) {
      this.#remove(environment);
      environment.retire();
    }
    this.#scale();
  }

  /**
   * Ends the pool: what waits is refused, what runs may finish within `drainMs`, what then still runs
   * is answered with 503. Resolves when all processes have ended.
   */
  async stop(drainMs: number): Promise<void> {
    this.#draining = true;
    clearTimeout(this.#scaleTimer);
    clearInterval(this.#sweepTimer);
    for (let ticket = this.#waiting.shift(); ticket; ticket = this.#waiting.shift()) {
      ticket.fail(drainingError());
    }
    for (const environment of this.#alive) if (environment.isEmpty) environment.stop("drain");
    if (!(await this.#quietWithin(drainMs))) {
      for (const environment of this.#alive) environment.stop("drain");
      await this.#quietWithin(5_000);
    }
    this.#idle.stop();
    await this.#listeners.stop();
  }

  /** Ends all processes now, also those that left their group (INV-12), and answers nobody. */
  kill(): void {
    this.#draining = true;
    for (const environment of this.#alive) environment.kill();
    killMarkedBy(this.#mark);
  }

  #quietWithin(limitMs: number): Promise<boolean> {
    if (this.#alive.size === 0) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), limitMs);
      this.#onQuiet.push(() => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }

  #takeFree(): Environment | undefined {
    for (let environment = this.#free.at(-1); environment; environment = this.#free.at(-1)) {
      const slots = environment.freeSlots;
      if (slots <= 1) this.#free.pop();
      this.#idle.busy(environment);
      if (slots > 0) return environment;
    }
    return undefined;
  }

  #enqueue(ticket: PoolTicket): void {
    if (this.#waiting.length >= this.#waitingMax + this.#comingSlots) {
      ticket.fail(throttledError());
      return;
    }
    this.#waiting.push(ticket);
    this.#sweepTimer ??= setInterval(() => this.#sweep(), sweepMs);
    this.#scale();
  }

  /**
   * Refuses what has waited too long, and forgets what its caller has left (HT-1). One timer for all
   * that wait: most wait for less than it takes to set one.
   */
  #sweep(): void {
    const nowMs = performance.now();
    const expiredMs = nowMs - this.#options.waitMsMax;
    // While an invocation is still in the one before, nothing starts for anybody yet.
    const isNext = this.#isMakingRoom && [...this.#alive].every(({ isEmpty }) => isEmpty);
    const promised = this.#startingSlots + (isNext ? this.#slotsPerEnvironment : 0);
    this.#waiting.forEach((ticket, position) => {
      if (ticket.endIfLeft(nowMs)) this.#waiting.delete(ticket);
      else if (ticket.arrivedAtMs <= expiredMs && position >= promised) {
        // One that an environment starts for, now or next, is bound by the limits of that instead.
        this.#waiting.delete(ticket);
        if (this.#lastInitFailure === undefined) ticket.fail(throttledError());
        else this.#settleInitFailure(ticket, this.#lastInitFailure);
      }
    });
    if (this.#waiting.length > 0) return;
    clearInterval(this.#sweepTimer);
    this.#sweepTimer = undefined;
  }

  /** The oldest that waits and whose caller is still there (HT-1, reliability §10). */
  #nextWaiting(): PoolTicket | undefined {
    for (let ticket = this.#waiting.shift(); ticket; ticket = this.#waiting.shift()) {
      if (!ticket.endIfLeft(performance.now())) return ticket;
    }
    return undefined;
  }

  get #slotsPerEnvironment(): number {
    return this.#options.environment.concurrency ?? 1;
  }

  get #startingSlots(): number {
    let starting = 0;
    for (const environment of this.#environments) starting += environment.startingSlots;
    return starting;
  }

  /** Invocations that wait only until their environment has started: those are not in the queue. */
  get #comingSlots(): number {
    const unused = this.#options.environmentsMax - this.#environments.size;
    return this.#startingSlots + Math.max(0, unused) * this.#slotsPerEnvironment;
  }

  /** Starts as many environments as the waiting invocations need and the limits allow. */
  #scale(countExpected = true): void {
    const expected = countExpected ? this.#expected.length : 0;
    let missing = this.#waiting.length - this.#startingSlots;
    if (this.#draining || missing <= 0) return;
    if (missing <= expected) {
      this.#scaleLater(returnGraceMs);
      return;
    }
    missing -= expected;
    while (missing > 0 && this.#hasRoom) {
      const waitMs = this.#backoff.waitMs(performance.now());
      if (waitMs > 0) {
        this.#scaleLater(waitMs);
        return;
      }
      this.#startForWaiting();
      missing -= this.#slotsPerEnvironment;
    }
  }

  /** Whether another environment may start now. */
  get #hasRoom(): boolean {
    return this.#environments.size < this.#options.environmentsMax && !this.#isMakingRoom;
  }

  /**
   * The only environment there may be waits for the end of the one before it: the extensions of both
   * may listen on the same port, and AWS never has both either.
   */
  get #isMakingRoom(): boolean {
    if (this.#options.environmentsMax > 1 || this.#environments.size > 0) return false;
    return [...this.#alive].some((environment) => environment.hasExternalExtensions);
  }

  #scaleLater(delayMs: number): void {
    if (this.#scaleTimer !== undefined) return;
    this.#scaleTimer = setTimeout(() => {
      this.#scaleTimer = undefined;
      this.#scale(false);
    }, delayMs);
  }

  #startForWaiting(): void {
    if (this.#owedStarts === 0) {
      this.#launch(undefined);
      return;
    }
    this.#owedStarts -= 1;
    this.#launch(this.#nextWaiting());
  }

  #launch(bound: PoolTicket | undefined): void {
    this.#started += 1;
    const listener = this.#listeners.take();
    const environment = new Environment(
      { number: this.#started, listener, owner: this, observer: this.#observer },
      { ...this.#options.environment, poolMark: this.#mark },
    );
    this.#environments.add(environment);
    this.#alive.add(environment);
    if (bound !== undefined) environment.bind(bound);
    if (listener.address === "") void this.#launchLater(environment);
    else environment.start();
  }

  async #launchLater(environment: Environment): Promise<void> {
    const { listener } = environment;
    try {
      await listener.start();
    } catch (error) {
      environment.cannotStart(error);
      return;
    }
    // It may have been ended meanwhile, and then its port serves nobody.
    if (this.#alive.has(environment)) environment.start();
    else await listener.stop();
  }

  #settleInitFailure(ticket: PoolTicket, failure: InitFailure): void {
    const { configuration } = this.#options.environment;
    ticket.settle(
      initFailureResult(ticket.invocation, failure, { configuration, observer: this.#observer }),
    );
  }

  /** Takes it out of all lists from which invocations are given. */
  #remove(environment: Environment): void {
    this.#environments.delete(environment);
    removeFrom(this.#expected, environment);
    this.#idle.busy(environment);
    removeFrom(this.#free, environment);
  }

  started(): void {
    this.#backoff.succeeded();
    this.#lastInitFailure = undefined;
  }

  slotFreed(environment: Environment): void {
    this.#backoff.succeeded();
    this.#lastInitFailure = undefined;
    removeFrom(this.#expected, environment);
    if (this.#draining) {
      if (environment.isEmpty) environment.stop("drain");
      return;
    }
    while (this.#waiting.length > 0 && environment.freeSlots > 0) {
      const ticket = this.#nextWaiting();
      if (ticket !== undefined) environment.run(ticket);
    }
    if (environment.freeSlots === 0) return;
    if (!this.#free.includes(environment)) this.#free.push(environment);
    // One that runs several at once may have room without being idle.
    if (environment.isEmpty) this.#idle.idle(environment);
  }

  slotExpected(environment: Environment): void {
    this.#expected.push(environment);
  }

  initFailed(environment: Environment, failure: InitFailure): void {
    this.#remove(environment);
    if (failure.kind === "timeout") {
      // AWS repeats it inside the invocation, with the function's time-out as the limit (RT-5).
      this.#owedStarts += 1;
      this.#scale();
      return;
    }
    this.#backoff.failed(performance.now());
    this.#lastInitFailure = failure;
    const count = this.#failedWith(failure);
    for (let index = 0; index < count; index += 1) {
      const ticket = this.#waiting.shift();
      if (ticket !== undefined) this.#settleInitFailure(ticket, failure);
    }
    this.#scale();
  }

  /** How many of those that wait get the failure of an environment instead of a result. */
  #failedWith({ answered, errorType }: InitFailure): number {
    if (answered) return 0;
    if (this.#environments.size === 0) return this.#backoff.failures > 1 ? this.#waiting.length : 1;
    // Others serve: an extension that cannot run twice on this machine is not the caller's affair.
    return errorType.startsWith("Extension.") ? 0 : 1;
  }

  leaving(environment: Environment, reason: EnvironmentEndReason): void {
    this.#remove(environment);
    if (lostInInvocation.has(reason)) this.#owedStarts += 1;
    this.#observer.environmentEnded(reason);
    this.#scale();
  }

  gone(environment: Environment): void {
    this.#alive.delete(environment);
    this.#listeners.giveBack(environment.listener);
    if (this.#alive.size === 0) for (const resume of this.#onQuiet.splice(0)) resume();
    this.#scale();
  }
}

function removeFrom(list: Environment[], environment: Environment): void {
  const index = list.indexOf(environment);
  if (index !== -1) list.splice(index, 1);
}
