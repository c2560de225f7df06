import type { BrokerUri } from "./broker-uri.ts";

/**
 * Why there is no connection.
 *
 * - `unreachable`: nobody answers, or the connection was lost: worth another attempt.
 * - `refused`: the broker says no: wrong credentials, a missing virtual host, no permission.
 * - `closed`: the connection was ended by this side.
 */
export type BrokerErrorKind = "unreachable" | "refused" | "closed";

/** No connection to a broker. The message names host and port, never a password. */
export class BrokerError extends Error {
  override readonly name: string = "BrokerError";
  readonly kind: BrokerErrorKind;

  constructor(kind: BrokerErrorKind, message: string, options: ErrorOptions = {}) {
    super(message, options);
    this.kind = kind;
  }
}

/** What a failed attempt to connect means, in words for a user (AM-1, AM-21). */
export function brokerErrorOf(error: unknown, broker: BrokerUri): BrokerError {
  if (error instanceof BrokerError) return error;
  const reason = reasonOf(error);
  const what = `Cannot connect to the broker at ${placeOf(broker)}`;
  if (reason.includes("Expected ConnectionOpenOk")) {
    const { vhost, username } = broker;
    const why = `it refuses the virtual host '${vhost}' to user '${username}'`;
    return new BrokerError("refused", `${what}: ${why}: create it, or give the user permissions`, {
      cause: error,
    });
  }
  const kind = kindOf(reason);
  const why = reason.startsWith("Handshake terminated by server: 403")
    ? `it refuses user '${broker.username}' or the password: ${reason}`
    : `${reason}${remedyOf(reason)}`;
  return new BrokerError(kind, `${what}: ${why}`, { cause: error });
}

/** What is to be done about a wrong port or certificate: OpenSSL and the client library tell only a symptom. */
function remedyOf(reason: string): string {
  if (/^Frame size \d+ exceeds|^Invalid frame/.test(reason)) {
    return ": what answers there does not speak AMQP; RabbitMQ does at port 5672, and with TLS at 5671";
  }
  if (reason.startsWith("Socket closed abruptly")) return ": a port with TLS needs amqps://";
  if (reason === "TLS: wrong version number") return ": a port without TLS needs amqp://";
  if (/^(?:self-signed|unable to (?:get|verify))/.test(reason)) {
    return ": cacertfile of the URL names the certificate of the CA";
  }
  return "";
}

/** A connection that was lost; what it was lost for may be that the broker refuses what was wanted. */
export function lostErrorOf(reason: string, broker: BrokerUri): BrokerError {
  return new BrokerError(kindOf(reason), `Lost the broker at ${placeOf(broker)}: ${reason}`);
}

/** Reply codes of the broker: 403 for credentials and permissions, 530 for virtual hosts. */
function kindOf(reason: string): BrokerErrorKind {
  return /\b(?:403|530) \(/.test(reason) ? "refused" : "unreachable";
}

/** `host:port`, with an IPv6 address in brackets. */
export function placeOf({ host, port }: BrokerUri): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** One line for anything thrown; several attempts at once (IPv4, IPv6) give the first one's. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  if (!(error instanceof Error)) return oneLine(String(error));
  // OpenSSL's own text ends in a place in its sources.
  if ("library" in error && "reason" in error) return oneLine(`TLS: ${String(error.reason)}`);
  return oneLine(error.message === "" ? error.name : error.message);
}

/** The AMQP reply code that an error of the client library carries: 404, 406, 541 and so on. */
export function replyCodeOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "number" ? error.code : undefined;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}
