import { ClientClosedError } from "../../client/errors.ts";
import { monotonicMs } from "../../builtin/monotonic-ms.ts";
import type { RedisClient, RedisModule } from "./load-redis.ts";
import { isReply, redisError, type RedisTask, silentError } from "./redis-errors.ts";
import type { RedisTarget } from "./redis-url.ts";

/** Limits of a connection, and what TLS trusts. */
export interface RedisConnectionOptions {
  /** Milliseconds for a connection, log-in included. Default: 3,100. */
  readonly connectTimeoutMs?: number | undefined;
  /** Milliseconds that Redis may be silent while it has something to do. Default: 60,000. */
  readonly silenceMs?: number | undefined;
  /** Certificates that are trusted in place of Node's. */
  readonly ca?: string | Buffer | readonly (string | Buffer)[] | undefined;
  readonly rejectUnauthorized?: boolean | undefined;
}

/** What went wrong, and on which connection; without one it was not made. */
class FailedAttempt {
  readonly error: unknown;
  readonly client: RedisClient | undefined;

  constructor(error: unknown, client: RedisClient | undefined) {
    this.error = error;
    this.client = client;
  }
}

type State =
  | { readonly kind: "idle" }
  | { readonly kind: "connecting"; readonly opening: Promise<RedisClient> }
  | { readonly kind: "ready"; readonly client: RedisClient; readonly watch: NodeJS.Timeout }
  | { readonly kind: "closed" };

const defaultConnectTimeoutMs = 3_100;
const defaultSilenceMs = 60_000;
/** How often, within the time of silence, somebody looks. */
const looks = 4;

/**
 * One connection to a Redis, shared by all calls of a store. It is made when a call needs it, again after
 * it was lost, and keeps the process alive only while a call waits. What is under way when it is lost
 * fails at once.
 */
export class RedisConnection {
  readonly target: RedisTarget;
  readonly #module: RedisModule;
  readonly #options: RedisConnectionOptions;
  readonly #silenceMs: number;
  #state: State = { kind: "idle" };
  #inFlight = 0;
  #ended = 0;
  /** Those that were given up because nothing came back. */
  readonly #silent = new WeakSet<RedisClient>();
  #onEmpty: (() => void) | undefined;

  constructor(module: RedisModule, target: RedisTarget, options: RedisConnectionOptions = {}) {
    this.#module = module;
    this.target = target;
    this.#options = options;
    this.#silenceMs = options.silenceMs ?? defaultSilenceMs;
  }

  /** Runs commands on the connection. Every failure is an error of ours. */
  async use<T>(task: RedisTask, run: (client: RedisClient) => Promise<T>): Promise<T> {
    try {
      return await this.attempt(run);
    } catch (failure) {
      throw this.explain(failure, task);
    }
  }

  /** As `use`, for several calls: each has `explain` make an error of its own of what this throws. */
  async attempt<T>(run: (client: RedisClient) => Promise<T>): Promise<T> {
    if (this.#state.kind === "closed") throw new FailedAttempt(this.#closedError(), undefined);
    let client: RedisClient | undefined;
    this.#began();
    try {
      client = this.#state.kind === "ready" ? this.#state.client : await this.#opened();
      return await run(client);
    } catch (error) {
      throw new FailedAttempt(error, client);
    } finally {
      this.#settled();
    }
  }

  /** An error of ours, a new one each time. @param failure what `attempt` has thrown */
  explain(failure: unknown, task: RedisTask): Error {
    if (!(failure instanceof FailedAttempt)) return failure as Error;
    const { error, client } = failure;
    if (client !== undefined && this.#silent.has(client) && !isReply(error as Error)) {
      return silentError(this.target, task, this.#silenceMs);
    }
    return redisError(error, this.target, client === undefined ? "connect" : task);
  }

  /** A call of several steps has made one of them. */
  progressed(): void {
    this.#ended++;
  }

  /** Waits for what is under way, and ends the connection. */
  async close(): Promise<void> {
    if (this.#state.kind === "connecting") await this.#state.opening.catch(() => undefined);
    const state = this.#state;
    if (state.kind === "closed") return;
    // New calls fail; those under way have their client.
    this.#state = { kind: "closed" };
    if (this.#inFlight > 0) {
      await new Promise<void>((resolve) => {
        this.#onEmpty = resolve;
      });
    }
    if (state.kind !== "ready") return;
    clearInterval(state.watch);
    end(state.client);
  }

  #began(): void {
    this.#inFlight++;
    if (this.#inFlight === 1 && this.#state.kind === "ready") this.#state.client.ref();
  }

  #settled(): void {
    this.#inFlight--;
    this.#ended++;
    if (this.#inFlight > 0) return;
    if (this.#state.kind === "ready") this.#state.client.unref();
    this.#onEmpty?.();
  }

  #opened(): Promise<RedisClient> {
    if (this.#state.kind === "connecting") return this.#state.opening;
    const opening = this.#open();
    this.#state = { kind: "connecting", opening };
    return opening;
  }

  async #open(): Promise<RedisClient> {
    const { connectionAttempts, retryDelayMs } = this.target;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#connect();
      } catch (error) {
        if (attempt >= connectionAttempts || isReply(error as Error)) {
          this.#state = { kind: "idle" };
          throw error;
        }
        await new Promise((resolve) => setTimeout(resolve, retryDelayMs));
      }
    }
  }

  async #connect(): Promise<RedisClient> {
    const client = this.#module.createClient(this.#clientOptions());
    const { promise: failed, reject } = Promise.withResolvers<never>();
    client.on("error", (error) => {
      reject(error);
      this.#lost(client);
    });
    const limitMs = this.#options.connectTimeoutMs ?? defaultConnectTimeoutMs;
    // The package's own limit ends when the socket is connected; Redis may be silent then.
    const deadline = setTimeout(() => reject(slowConnection(limitMs)), limitMs);
    try {
      await Promise.race([client.connect(), failed]);
    } catch (error) {
      end(client);
      throw error;
    } finally {
      clearTimeout(deadline);
      failed.catch(() => undefined);
    }
    this.#state = { kind: "ready", client, watch: this.#watch(client) };
    return client;
  }

  /** Redis answers in order: when no call has ended for a while, none will. */
  #watch(client: RedisClient): NodeJS.Timeout {
    let ended = this.#ended;
    let since = monotonicMs();
    const watch = setInterval(() => {
      if (this.#inFlight === 0 || this.#ended !== ended) {
        ended = this.#ended;
        since = monotonicMs();
      } else if (monotonicMs() - since >= this.#silenceMs) {
        this.#silent.add(client);
        this.#lost(client);
        end(client);
      }
    }, this.#silenceMs / looks);
    return watch.unref();
  }

  #lost(client: RedisClient): void {
    if (this.#state.kind !== "ready" || this.#state.client !== client) return;
    clearInterval(this.#state.watch);
    this.#state = { kind: "idle" };
  }

  #clientOptions(): Parameters<RedisModule["createClient"]>[0] {
    const { host, port, isTls, username, password, database } = this.target;
    const { ca, rejectUnauthorized, connectTimeoutMs = defaultConnectTimeoutMs } = this.#options;
    return {
      username,
      password,
      database,
      RESP: 2,
      disableOfflineQueue: true,
      disableClientInfo: true,
      maintNotifications: "disabled",
      // A signal per command would cost more than the command; `#watch` looks after all of them.
      commandOptions: { timeout: undefined },
      socket: {
        host,
        port,
        connectTimeout: connectTimeoutMs,
        reconnectStrategy: false,
        ...(isTls ? { tls: true, ca, rejectUnauthorized } : undefined),
      },
    };
  }

  #closedError(): ClientClosedError {
    return new ClientClosedError(`The store "${this.target.shown}" is closed`);
  }
}

function slowConnection(limitMs: number): Error {
  const error = new Error(`it did not answer within ${limitMs} ms`);
  return Object.assign(error, { code: "ETIMEDOUT" });
}

function end(client: RedisClient): void {
  try {
    client.destroy();
  } catch {
    // Version 5 of the package refuses when it has ended by itself.
  }
}
