import { backoffMs } from "./backoff.ts";
import { BrokerError, brokerErrorOf, lostErrorOf, reasonOf } from "./broker-error.ts";
import { BrokerLink } from "./broker-link.ts";
import type { BrokerObserver, BrokerState } from "./broker-state.ts";
import type { BrokerUri } from "./broker-uri.ts";

/** A connection that has lasted so long begins its back-off anew when it is lost, in milliseconds. */
const steadyMs = 1_000;

/**
 * How a connection begins.
 *
 * - `required`: as often as the URI says, then it fails.
 * - `background`: at once; when there is no broker it goes on trying, for ever.
 */
export type StartMode = "required" | "background";

export interface BrokerConnectionOptions {
  readonly broker: BrokerUri;
  /** Shown by the broker. */
  readonly name: string;
  /** Opens channels, declares and consumes: for each new link. When it fails, so does the link. */
  readonly setUp: (link: BrokerLink) => Promise<void>;
  /** Whether a set-up that failed for this reason will do better now. Default: no. */
  readonly retriesAtOnce?: (reason: string) => boolean;
  /** What `setUp` has made is gone. */
  readonly onLost: (reason: string) => void;
  readonly onState: (state: BrokerState) => void;
  readonly observer: BrokerObserver;
}

/**
 * A connection to a broker that comes back by itself: after a loss it is made anew, with everything on
 * it, until it is closed (AM-2).
 */
export class BrokerConnection {
  readonly #options: BrokerConnectionOptions;
  #state: BrokerState = { kind: "connecting", reason: undefined };
  #link: BrokerLink | undefined;
  /** One that is not set up yet. */
  #opening: BrokerLink | undefined;
  readonly #ending = new AbortController();
  #upSinceMs = 0;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #wake: (() => void) | undefined;

  constructor(options: BrokerConnectionOptions) {
    this.#options = options;
  }

  get state(): BrokerState {
    return this.#state;
  }

  /**
   * Makes the first connection. Once.
   *
   * @throws {BrokerError} when the broker refuses; with `required` also when the attempts are used up.
   */
  async start(mode: StartMode): Promise<void> {
    const { connectionAttempts, retryDelayMs } = this.#options.broker;
    for (let attempt = 1; ; attempt += 1) {
      try {
        // Attempts follow one another.
        // oxlint-disable-next-line no-await-in-loop
        await this.#open();
        return;
      } catch (error) {
        const failure = brokerErrorOf(error, this.#options.broker);
        this.#throwIfClosed();
        if (failure.kind === "refused") throw failure;
        if (mode === "background") {
          this.#failed(failure.message);
          return;
        }
        if (attempt >= connectionAttempts) throw failure;
        this.#report(
          `${failure.message}; attempt ${attempt} of ${connectionAttempts}, the next in ${retryDelayMs / 1000} s`,
        );
        // oxlint-disable-next-line no-await-in-loop
        await this.#pause(retryDelayMs);
        this.#throwIfClosed();
      }
    }
  }

  /** Ends it in order, or the attempts to make it. Idempotent. */
  async close(): Promise<void> {
    this.#end();
    await this.#link?.close();
  }

  /** Ends it at once. */
  destroy(): void {
    this.#end();
    this.#link?.fail("closed");
  }

  #end(): void {
    this.#change({ kind: "closed" });
    clearTimeout(this.#timer);
    this.#wake?.();
    // Nothing may be declared or consumed any more, and no socket hold the process.
    this.#ending.abort();
    this.#opening?.fail("closed");
  }

  #isClosed(): boolean {
    return this.#state.kind === "closed";
  }

  #throwIfClosed(): void {
    if (this.#isClosed()) {
      throw new BrokerError("closed", "Cannot connect to the broker: the connection was closed");
    }
  }

  async #open(): Promise<void> {
    const { broker, name } = this.#options;
    const lost = Promise.withResolvers<never>();
    // It also happens long after the set-up, when nobody waits for it.
    lost.promise.catch(() => undefined);
    const link = await BrokerLink.open(broker, {
      name,
      signal: this.#ending.signal,
      onLost: (lostLink, reason) => {
        lost.reject(lostErrorOf(reason, broker));
        if (this.#link === lostLink) this.#lost(reason);
      },
      onBlocked: (changedLink) => {
        if (this.#link === changedLink) this.#change(stateOf(changedLink));
      },
    });
    this.#opening = link;
    try {
      if (this.#isClosed()) link.fail("closed");
      await this.#setUp(link, lost.promise);
    } catch (error) {
      if (this.#options.retriesAtOnce?.(reasonOf(error)) !== true) throw error;
      await this.#open();
      return;
    } finally {
      this.#opening = undefined;
    }
    this.#throwIfClosed();
    this.#link = link;
    this.#upSinceMs = performance.now();
    this.#change(stateOf(link));
  }

  async #setUp(link: BrokerLink, lost: Promise<never>): Promise<void> {
    const { broker, setUp } = this.#options;
    const timer = setTimeout(() => link.fail("no answer in time"), broker.connectTimeoutMs);
    try {
      if (link.lostReason === undefined) await Promise.race([setUp(link), lost]);
      if (link.lostReason !== undefined) await lost;
    } catch (error) {
      const { lostReason } = link;
      link.fail(reasonOf(error));
      if (error instanceof BrokerError || lostReason === undefined) throw error;
      throw lostErrorOf(lostReason, broker);
    } finally {
      clearTimeout(timer);
    }
  }

  #lost(reason: string): void {
    this.#link = undefined;
    const wasSteady = performance.now() - this.#upSinceMs > steadyMs;
    if (wasSteady) this.#failures = 0;
    this.#options.onLost(reason);
    if (!this.#isClosed()) this.#failed(lostErrorOf(reason, this.#options.broker).message);
  }

  #failed(reason: string): void {
    this.#change({ kind: "connecting", reason });
    this.#report(reason);
    const delayMs = backoffMs(this.#failures);
    this.#failures += 1;
    this.#timer = setTimeout(() => void this.#again(), delayMs);
  }

  async #again(): Promise<void> {
    try {
      await this.#open();
    } catch (error) {
      if (this.#isClosed()) return;
      this.#failed(brokerErrorOf(error, this.#options.broker).message);
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#timer = setTimeout(resolve, ms);
    });
  }

  #report(message: string): void {
    this.#options.observer.fault?.({ event: "broker.lost", level: "warn", message });
  }

  #change(state: BrokerState): void {
    if (this.#state.kind === "closed") return;
    this.#state = state;
    this.#options.onState(state);
  }
}

function stateOf({ blockedReason }: BrokerLink): BrokerState {
  return blockedReason === undefined ? { kind: "up" } : { kind: "blocked", reason: blockedReason };
}
