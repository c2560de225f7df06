import { readBrokerUriOptions } from "./broker-uri-options.ts";
import type { BrokerUri } from "./broker-uri.ts";
import { BrokerUriError } from "./broker-uri-error.ts";

/** Where a runtime looks for its broker when nobody says: as the existing projects do. */
export const defaultBrokerUri =
  "amqp://localhost:5672?connection_attempts=20&retry_delay=10&heartbeat=0";

/** User and password given apart from the URL: `AMQP_USERNAME` and `AMQP_PASSWORD`. */
export interface BrokerCredentials {
  readonly username: string;
  readonly password: string;
}

/** The parts of the URL, as they stand there. */
interface UriParts {
  readonly tls: boolean;
  readonly user: string | undefined;
  readonly host: string;
  readonly port: string | undefined;
  readonly vhost: string;
  readonly query: string;
}

/**
 * Reads `amqp[s]://[user[:password]@]host[:port][/vhost][?key=value…]`. `credentials` count only for a URL
 * without a user part; with neither it is `guest`, `guest`. Source: the contract of AMQP-RPC, §2.
 *
 * @throws {BrokerUriError} when a part or an option does not parse.
 */
export function parseBrokerUri(text: string, credentials?: BrokerCredentials): BrokerUri {
  const parts = splitUri(text.trim());
  const { tls } = parts;
  const login = parts.user === undefined ? credentials : parseUser(parts.user);
  return {
    host: parseHost(parts.host),
    port: parsePort(parts.port) ?? (tls ? 5671 : 5672),
    tls,
    vhost: parseVhost(parts.vhost),
    username: login?.username ?? "guest",
    password: login?.password ?? "guest",
    ...readBrokerUriOptions(parts.query, tls),
  };
}

function splitUri(text: string): UriParts {
  const scheme = /^(amqps?):\/\//i.exec(text);
  if (scheme === null) throw new BrokerUriError("scheme", "must be amqp:// or amqps://");
  const rest = text.slice(scheme[0].length);
  if (/[\s#]/.test(rest)) {
    // A password with a bare '#' would otherwise be taken for a host and a fragment.
    throw new BrokerUriError(
      "text",
      "must not have blanks or '#' in it: write them as %20 and %23",
    );
  }
  const [, authority = "", path = "", query = ""] = /^([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/.exec(
    rest,
  )!;
  if (path.includes("@") || query.includes("@")) {
    // Else a password with a bare '/' or '?' would be taken for a host, and shown as one.
    throw new BrokerUriError(
      "text",
      "must not have '@', '/' or '?' in a password, or '@' after the host: write them as %40, %2F and %3F",
    );
  }
  const at = authority.lastIndexOf("@");
  const address = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(authority.slice(at + 1));
  return {
    tls: scheme[1]?.length === 5,
    user: at === -1 ? undefined : authority.slice(0, at),
    host: address?.[1] ?? authority.slice(at + 1),
    port: address?.[2],
    vhost: path,
    query,
  };
}

function parseUser(user: string): BrokerCredentials {
  const colon = user.indexOf(":");
  const username = decode(colon === -1 ? user : user.slice(0, colon));
  // As the Go library does it: a user without a password has that of the default.
  const password = colon === -1 ? "guest" : decode(user.slice(colon + 1));
  if (username === undefined || password === undefined) {
    throw new BrokerUriError("user", "and password must be percent-encoded: '%' is written as %25");
  }
  if (username === "") throw new BrokerUriError("user", "must have a name before ':' or '@'");
  // The login of AMQP separates them with this character.
  if (`${username}${password}`.includes("\0")) {
    throw new BrokerUriError("user", "and password must not have %00 in them");
  }
  return { username, password };
}

function parseHost(host: string): string {
  if (host === "") return "localhost";
  const address = /^\[([0-9a-f:.]+(?:%25[a-z0-9._~-]+)?)\]$/i.exec(host)?.[1];
  if (address !== undefined) return address.replace("%25", "%");
  if (/^[a-z0-9._~-]+$/i.test(host)) return host;
  throw new BrokerUriError("host", `must be a name or an address: current value is '${host}'`);
}

function parsePort(port: string | undefined): number | undefined {
  if (port === undefined || port === "") return undefined;
  const digits = /^\d{1,5}$/.test(port);
  const value = digits ? Number(port) : 0;
  if (value >= 1 && value <= 65_535) return value;
  // Anything else may be the password of a URL without a host.
  const current = digits ? `'${port}'` : "not shown, as it may be a password";
  throw new BrokerUriError(
    "port",
    `must be an integer from 1 to 65535: current value is ${current}`,
  );
}

function parseVhost(path: string): string {
  const vhost = decode(path);
  if (vhost === undefined || Buffer.byteLength(vhost) > 255) {
    const allowed = "must be percent-encoded and at most 255 bytes";
    throw new BrokerUriError("vhost", `${allowed}: current value is '${path}'`);
  }
  return vhost === "" ? "/" : vhost;
}

/** `undefined` when the text is not well encoded. */
function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
