import type { StoreUrl } from "../store-url.ts";

/** Where a Redis is, and how the store in it is used. */
export interface RedisTarget {
  /** As users may see it: without user and password. */
  readonly shown: string;
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
  /** How often a connection is tried before a call fails. */
  readonly connectionAttempts: number;
  readonly retryDelayMs: number;
  /** Milliseconds that an object lives; default: for ever. */
  readonly ttlMs: number | undefined;
  /** Whether keys are kept in order beside the objects; not so where others write, too. */
  readonly hasIndex: boolean;
}

const options = ["connection_attempts", "retry_delay", "ttl", "index"];
const defaultPort = 6379;
const defaultRetryDelayMs = 2000;
/** Timers and expiries are at most that long. */
const millisecondsMax = 2 ** 31 - 1;
const secondsMax = 10 ** 10;

/**
 * Reads `redis://[user:password@]host[:port][/db][?…]`. Source: aws-client.md §15.2.
 * @throws ConfigurationError without the password
 */
export function readRedisUrl(store: StoreUrl): RedisTarget {
  const { url } = store;
  store.refuseOthers(options);
  if (url.hash !== "") throw store.refusal("a fragment cannot be in it");
  if (url.hostname === "") {
    throw store.refusal('it has no host; give one, as in "redis://localhost:6379"');
  }
  const attempts = store.number("connection_attempts") ?? 1;
  if (!Number.isInteger(attempts)) {
    throw store.refusal('"connection_attempts" must be a whole number');
  }
  const ttl = store.number("ttl");
  if (ttl !== undefined && ttl > secondsMax) {
    throw store.refusal(`"ttl" must be at most ${secondsMax} seconds`);
  }
  return {
    shown: store.shown,
    // An IPv6 address is in brackets.
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? defaultPort : Number(url.port),
    isTls: url.protocol === "rediss:",
    username: decoded(store, url.username, "user"),
    password: decoded(store, url.password, "password"),
    database: databaseOf(store),
    connectionAttempts: attempts,
    retryDelayMs: retryDelayOf(store),
    ttlMs: ttl && Math.max(1, Math.round(ttl * 1000)),
    hasIndex: store.flag("index") ?? true,
  };
}

function databaseOf(store: StoreUrl): number {
  const text = store.url.pathname.replace(/^\//, "");
  if (text === "") return 0;
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw store.refusal(`its database is "${text}"; give a number, as in "redis://localhost:6379/1"`);
}

/** In contrast to other numbers it may be 0. */
function retryDelayOf(store: StoreUrl): number {
  const text = store.url.searchParams.get("retry_delay");
  if (text === null) return defaultRetryDelayMs;
  const milliseconds = Number(text) * 1000;
  if (text !== "" && milliseconds >= 0 && milliseconds <= millisecondsMax) return milliseconds;
  throw store.refusal(`"retry_delay" is "${text}"; give seconds, such as 2.0`);
}

function decoded(store: StoreUrl, text: string, what: string): string | undefined {
  if (text === "") return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    throw store.refusal(`its ${what} has a "%" without two digits behind it; write it as "%25"`);
  }
}
