import type { BrokerAuthMechanism, BrokerUri } from "./broker-uri.ts";
import { BrokerUriError } from "./broker-uri-error.ts";

/** What the query part of a broker URL says, with the defaults. */
export type BrokerUriOptions = Pick<
  BrokerUri,
  | "authMechanism"
  | "connectionAttempts"
  | "retryDelayMs"
  | "heartbeatSeconds"
  | "connectTimeoutMs"
  | "blockedTimeoutMs"
  | "channelMax"
  | "frameMax"
  | "locale"
  | "tlsFiles"
  | "warnings"
>;

/** Options that other clients know and ours has no use for. */
const ignoredKeys = new Set(["client_properties", "ssl_options", "tcp_options"]);

const tlsKeys = new Set(["cacertfile", "certfile", "keyfile", "server_name_indication"]);

/** The largest wait of a Node timer, in seconds. */
const secondsMax = 2_147_483;

/** `channel_max` and `heartbeat` are 16 bits on the wire, `frame_max` 32. */
const shortMax = 65_535;
const longMax = 4_294_967_295;

/** Bytes that a frame must be able to hold: brokers from 4.1 on refuse less. */
const frameMin = 8_192;

/**
 * Reads the query part of a broker URL. Unknown and repeated keys cost a warning; of a repeated key the
 * first value counts. Source: the contract of AMQP-RPC, §2.
 *
 * @throws {BrokerUriError} when the value of a known key does not parse.
 */
export function readBrokerUriOptions(query: string, tls: boolean): BrokerUriOptions {
  const warnings: string[] = [];
  const values = new Map<string, string>();
  const repeated = new Set<string>();
  for (const [key, value] of new URLSearchParams(query)) {
    // Several mechanisms may be named, each with a key of its own: the first counts.
    if (values.has(key) && key !== "auth_mechanism") repeated.add(key);
    else if (!values.has(key)) values.set(key, value);
  }
  const read = new OptionReader(values);
  const options = {
    authMechanism: read.mechanism("auth_mechanism"),
    connectionAttempts: Math.trunc(
      read.number("connection_attempts", { min: 1, max: Number.MAX_SAFE_INTEGER }) ?? 1,
    ),
    retryDelayMs: read.seconds("retry_delay") ?? 2_000,
    heartbeatSeconds: read.integer("heartbeat", { min: 0, max: shortMax }) ?? 10,
    connectTimeoutMs: readConnectTimeoutMs(read),
    blockedTimeoutMs: read.seconds("blocked_connection_timeout") ?? 5_000,
    channelMax: read.integer("channel_max", { min: 0, max: shortMax }) || undefined,
    frameMax: read.integer("frame_max", { min: frameMin, max: longMax }) ?? 131_072,
    locale: read.locale("locale"),
    tlsFiles: {
      caPath: read.text("cacertfile"),
      certPath: read.text("certfile"),
      keyPath: read.text("keyfile"),
      serverName: read.text("server_name_indication"),
    },
  };
  for (const key of values.keys()) {
    if (ignoredKeys.has(key)) warnings.push(`Option '${key}' of the broker URL has no effect here`);
    else if (!read.known.has(key)) warnings.push(`Option '${key}' of the broker URL is not known`);
    else if (!tls && tlsKeys.has(key)) {
      warnings.push(`Option '${key}' of the broker URL has no effect without amqps`);
    }
  }
  for (const key of repeated) {
    warnings.push(`Option '${key}' of the broker URL is repeated: its first value is used`);
  }
  return { ...options, warnings };
}

/**
 * Three names for one wait: of the Go library (and RabbitMQ's own client) in milliseconds, where 0 means
 * the default, and of `pika` in seconds. Where several are given, the first of this order counts.
 */
function readConnectTimeoutMs(read: OptionReader): number {
  const connection = read.integer("connection_timeout", { min: 0, max: 1_000 * secondsMax });
  const stack = read.seconds("stack_timeout", 0.001);
  const socket = read.seconds("socket_timeout", 0.001);
  return connection || (stack ?? socket ?? 10_000);
}

interface Range {
  readonly min: number;
  readonly max: number;
}

/** Reads values by key, and remembers which keys there are to be read. */
class OptionReader {
  readonly known = new Set<string>();
  readonly #values: ReadonlyMap<string, string>;

  constructor(values: ReadonlyMap<string, string>) {
    this.#values = values;
  }

  /** Text; empty is as good as absent. */
  text(key: string): string | undefined {
    this.known.add(key);
    return this.#values.get(key) || undefined;
  }

  /** A number with or without a fraction. */
  number(key: string, range: Range): number | undefined {
    return this.#number(key, /^\+?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i, "a number", range);
  }

  integer(key: string, range: Range): number | undefined {
    return this.#number(key, /^\+?\d+$/, "an integer", range);
  }

  /** Seconds, given in milliseconds; fractions are allowed. */
  seconds(key: string, min = 0): number | undefined {
    const range = { min, max: secondsMax };
    const value = this.#number(key, /^\+?(?:\d+\.?\d*|\.\d+)$/, "a number of seconds", range);
    return value === undefined ? undefined : Math.round(1_000 * value);
  }

  mechanism(key: string): BrokerAuthMechanism {
    const text = this.text(key)?.toLowerCase() ?? "plain";
    if (text === "plain" || text === "amqplain" || text === "external") return text;
    throw this.#error(key, "plain, amqplain or external", text);
  }

  /** A short string of the protocol. */
  locale(key: string): string | undefined {
    const text = this.text(key);
    if (text === undefined || Buffer.byteLength(text) <= 255) return text;
    throw this.#error(key, "at most 255 bytes", text);
  }

  #number(key: string, pattern: RegExp, kind: string, { min, max }: Range): number | undefined {
    this.known.add(key);
    const text = this.#values.get(key)?.trim();
    if (text === undefined) return undefined;
    const value = pattern.test(text) ? Number(text) : Number.NaN;
    // Not a number is neither less nor more.
    if (value >= min && value <= max) return value;
    throw this.#error(key, `${kind} from ${min} to ${max}`, text);
  }

  #error(key: string, allowed: string, value: string): BrokerUriError {
    return new BrokerUriError(key, `must be ${allowed}: current value is '${value}'`);
  }
}
