import { CredentialsError } from "../client/errors.ts";
import type { Credentials, CredentialSource } from "./credentials.ts";
import type { CredentialClock, CredentialLogger, Provided } from "./provider.ts";
import { sameKeys } from "./resolved-credentials.ts";

const MINUTE = 60_000;
/** A refresh begins in the background this long before the end (spec §10, BC). */
const BACKGROUND_WINDOW_MS = 15 * MINUTE;
/** A refresh is waited for from this long before the end. */
const AWAITED_WINDOW_MS = 10 * MINUTE;
const JITTER_MS = MINUTE;
/** Keys that live shortly are not asked for again at once. */
const REFRESH_AFTER_MS_MIN = 5000;
const BACKOFF_MS = 5000;
const BACKOFF_MS_MAX = MINUTE;
/** How long the same keys are not fetched again after they were rejected and came back. */
const REJECTED_REST_MS = MINUTE;

/** Keys in use, and when something has to be done about them: milliseconds since the epoch. */
interface Held {
  readonly credentials: Credentials;
  readonly provider: string;
  readonly refreshAt: number;
  readonly awaitAt: number;
  readonly usableUntil: number;
  /** Refreshes that failed since. */
  readonly failures: number;
  /** No refresh before this. */
  readonly retryAt: number;
}

/** Keys that a service called expired. */
interface Rejected {
  readonly credentials: Credentials;
  /** `expire` of the same keys does nothing before this. */
  readonly restUntil: number;
}

/** How a source is made. */
export interface RefreshingSourceOptions {
  /** Resolves the credentials anew. @throws CredentialsError */
  provide(): Promise<Provided>;
  /** Gives them at once if that needs no waiting; must not throw. */
  readonly immediate?: (() => Provided | undefined) | undefined;
  readonly clock: CredentialClock;
  readonly logger?: CredentialLogger | undefined;
}

/**
 * Credentials that are resolved on first use and refreshed before they end: in the background from
 * 15 minutes before, waited for from 10 minutes before. Keys that live less than half an hour are
 * refreshed after half of their life, so that no call waits for keys that have just been fetched. A
 * refresh that fails warns once and is repeated with back-off; calls go on with the old keys until
 * these have ended. Has no timers: all of this happens when somebody asks for credentials.
 */
export class RefreshingSource implements CredentialSource {
  readonly #options: RefreshingSourceOptions;
  #held: Held | undefined;
  #rejected: Rejected | undefined;
  #pending: Promise<Credentials> | undefined;

  constructor(options: RefreshingSourceOptions) {
    this.#options = options;
  }

  current(): Credentials | undefined {
    const held = this.#held;
    if (held === undefined) return this.#immediate();
    if (held.refreshAt === Number.POSITIVE_INFINITY) return held.credentials;
    const now = this.#options.clock.now();
    if (now < held.refreshAt) return held.credentials;
    if (now >= held.usableUntil) return undefined;
    if (now < held.retryAt) return held.credentials;
    if (now >= held.awaitAt) return undefined;
    this.#refresh().catch(ignored);
    return held.credentials;
  }

  resolve(): Promise<Credentials> {
    const credentials = this.current();
    return credentials === undefined ? this.#refresh() : Promise.resolve(credentials);
  }

  expire(credentials: Credentials): void {
    if (this.#held === undefined || !sameKeys(this.#held.credentials, credentials)) return;
    const now = this.#options.clock.now();
    if (this.#rejected !== undefined && sameKeys(this.#rejected.credentials, credentials)) {
      if (now < this.#rejected.restUntil) return;
    }
    this.#rejected = { credentials: this.#held.credentials, restUntil: now + REJECTED_REST_MS };
    this.#held = undefined;
  }

  #immediate(): Credentials | undefined {
    // Keys that were rejected are resolved with patience: a file may have been written anew.
    if (this.#rejected !== undefined) return undefined;
    const given = this.#options.immediate?.();
    if (given === undefined || this.#ended(given)) return undefined;
    return this.#accept(given);
  }

  #refresh(): Promise<Credentials> {
    this.#pending ??= this.#resolveAnew().finally(() => (this.#pending = undefined));
    return this.#pending;
  }

  async #resolveAnew(): Promise<Credentials> {
    try {
      const given = await this.#options.provide();
      if (this.#ended(given)) throw endedError(given);
      return this.#accept(given);
    } catch (error) {
      return this.#fail(error);
    }
  }

  #ended({ credentials, extended }: Provided): boolean {
    const { expiration } = credentials;
    if (extended === true || expiration === undefined) return false;
    return expiration.getTime() <= this.#options.clock.now();
  }

  #accept({ credentials, provider, extended }: Provided): Credentials {
    const known = this.#held?.credentials ?? this.#rejected?.credentials;
    // The same object tells a caller whose request was refused that there are no other keys.
    const same = known !== undefined && sameKeys(known, credentials) && sameEnd(known, credentials);
    const kept = same ? known : credentials;
    const times = refreshTimes(kept.expiration, extended === true, this.#options.clock);
    this.#held = { credentials: kept, provider, ...times, failures: 0, retryAt: 0 };
    return kept;
  }

  #fail(error: unknown): Credentials {
    const held = this.#held;
    const { clock, logger } = this.#options;
    const now = clock.now();
    if (held === undefined || now >= held.usableUntil) throw error;
    const delay = Math.min(BACKOFF_MS * 2 ** held.failures, BACKOFF_MS_MAX);
    const retryAt = now + delay * (0.5 + clock.random() / 2);
    this.#held = { ...held, failures: held.failures + 1, retryAt };
    if (held.failures === 0) {
      const end = new Date(held.usableUntil).toISOString();
      logger?.warn(
        `Cannot refresh the credentials of ${held.provider}, which end at ${end}; ` +
          `trying again until then: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
    return held.credentials;
  }
}

/** When keys that were resolved now are refreshed, waited for, and at their end. */
function refreshTimes(
  expiration: Date | undefined,
  extended: boolean,
  clock: CredentialClock,
): Pick<Held, "refreshAt" | "awaitAt" | "usableUntil"> {
  if (expiration === undefined && !extended) {
    const never = Number.POSITIVE_INFINITY;
    return { refreshAt: never, awaitAt: never, usableUntil: never };
  }
  const now = clock.now();
  if (extended || expiration === undefined) {
    // Asked again after 5 to 10 minutes, so that a service in trouble is not asked by all at once.
    const refreshAt = now + 5 * MINUTE * (1 + clock.random());
    return { refreshAt, awaitAt: refreshAt + 5 * MINUTE, usableUntil: refreshAt + 15 * MINUTE };
  }
  const end = expiration.getTime();
  const life = end - now;
  const window = Math.min(BACKGROUND_WINDOW_MS, life / 2);
  const jitter = Math.min(JITTER_MS, window / 5) * (2 * clock.random() - 1);
  const refreshAt = Math.max(end - window + jitter, now + Math.min(REFRESH_AFTER_MS_MIN, life));
  const awaitAt = Math.max(end - Math.min(AWAITED_WINDOW_MS, life / 3), refreshAt);
  return { refreshAt, awaitAt, usableUntil: end };
}

function sameEnd(one: Credentials, other: Credentials): boolean {
  return one.expiration?.getTime() === other.expiration?.getTime();
}

function endedError({ credentials, provider }: Provided): CredentialsError {
  const end = credentials.expiration?.toISOString();
  const message = `Cannot use the credentials of ${provider}: they ended at ${end}, also when asked for anew`;
  return new CredentialsError(message, [{ provider, message }]);
}

/** A failure in the background has been warned of; whoever waits for it gets it himself. */
function ignored(): void {}
