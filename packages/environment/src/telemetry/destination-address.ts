import type { SubscriptionApi } from "./event-schema.ts";
import { asObject, quoted } from "./json-value.ts";

/** Where and how a subscriber wants its events. */
export type DestinationAddress = HttpAddress | TcpAddress;

export interface HttpAddress {
  readonly protocol: "HTTP";
  readonly method: "POST" | "PUT";
  /** Where to connect: `sandbox` stands for the environment's own host. */
  readonly host: "sandbox" | "127.0.0.1" | "localhost";
  readonly port: number;
  /** The header `Host`: the name as subscribed, and the port. */
  readonly authority: string;
  /** Path and query. */
  readonly path: string;
}

export interface TcpAddress {
  readonly protocol: "TCP";
  readonly port: number;
}

/** AWS listens there itself. */
const reservedPort = 9001;

/** Longer than any that is meant. */
const uriCharsMax = 2_048;

/** Reads the member `destination` and adds what is wrong with it to `findings`. */
export function parseDestination(
  value: unknown,
  context: { readonly api: SubscriptionApi; readonly runtimeApiPort: number },
  findings: string[],
): DestinationAddress | undefined {
  const destination = asObject(value);
  if (destination === undefined) {
    findings.push(
      value === undefined || value === null
        ? "destination is not provided"
        : "destination should be an object",
    );
    return undefined;
  }
  const before = findings.length;
  const { protocol } = destination;
  if (protocol !== "HTTP" && protocol !== "TCP") {
    findings.push(
      protocol === undefined
        ? "destination.protocol is not provided"
        : `destination.protocol should be HTTP or TCP: current value is ${quoted(protocol)}`,
    );
    return undefined;
  }
  const method = context.api === "logs" ? parseMethod(destination, findings) : "POST";
  const address =
    protocol === "HTTP"
      ? parseUri(destination["URI"], method, findings)
      : parsePort(destination["port"], findings);
  if (address !== undefined) checkPort(address.port, context.runtimeApiPort, findings);
  return findings.length > before ? undefined : address;
}

/** Only the Logs API has these two. */
function parseMethod(
  destination: Readonly<Record<string, unknown>>,
  findings: string[],
): "POST" | "PUT" {
  const { method, encoding } = destination;
  if (encoding !== undefined && encoding !== null && encoding !== "JSON") {
    findings.push(`destination.encoding should be JSON: current value is ${quoted(encoding)}`);
  }
  if (method === undefined || method === null || method === "POST") return "POST";
  if (method !== "PUT") {
    findings.push(`destination.method should be POST or PUT: current value is ${quoted(method)}`);
  }
  return "PUT";
}

function parseUri(
  value: unknown,
  method: "POST" | "PUT",
  findings: string[],
): HttpAddress | undefined {
  if (value === undefined || value === null || value === "") {
    findings.push("destination.URI is not provided");
    return undefined;
  }
  const uri = typeof value === "string" && value.length <= uriCharsMax ? value : "";
  // The URL's own parser takes ports of more than 65535 for an error, and port 80 away.
  const authority = /^http:\/\/([^/?#\\@]+)(?:[/?#]|$)/i.exec(uri)?.[1];
  if (authority === undefined || !URL.canParse(uri)) {
    findings.push(
      `destination.URI should be http://sandbox.localdomain:PORT/PATH: current value is ${quoted(value)}`,
    );
    return undefined;
  }
  const { hostname, port, pathname, search } = new URL(uri);
  const host = connectHost(hostname);
  if (host === undefined) {
    findings.push(`URI host should be sandbox.localdomain: current value is ${quoted(hostname)}`);
  }
  if (!/:\d+$/.test(authority)) findings.push("URI port is not provided");
  if (host === undefined) return undefined;
  const number = port === "" ? 80 : Number(port);
  return {
    protocol: "HTTP",
    method,
    host,
    port: number,
    // Not as it was sent: the parser takes letters for a host's that no header may have.
    authority: `${hostname}:${number}`,
    path: pathname + search,
  };
}

/** AWS takes the first two; the others are a leniency for use without an entry in /etc/hosts. */
function connectHost(hostname: string): HttpAddress["host"] | undefined {
  switch (hostname) {
    case "sandbox":
    case "sandbox.localdomain":
      return "sandbox";
    case "127.0.0.1":
    case "localhost":
      return hostname;
    default:
      return undefined;
  }
}

function parsePort(value: unknown, findings: string[]): TcpAddress | undefined {
  if (value === undefined || value === null) {
    findings.push("destination.port is not provided");
    return undefined;
  }
  if (typeof value !== "number" || !Number.isInteger(value)) {
    findings.push(`destination.port should be an integer: current value is ${quoted(value)}`);
    return undefined;
  }
  return { protocol: "TCP", port: value };
}

function checkPort(port: number, runtimeApiPort: number, findings: string[]): void {
  if (port < 1 || port > 65_535) {
    findings.push(`destination port should be in 1..65535: current value is ${quoted(port)}`);
  } else if (port === reservedPort || port === runtimeApiPort) {
    findings.push(`destination port is reserved: current value is ${quoted(port)}`);
  }
}
