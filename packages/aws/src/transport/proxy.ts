import { ConfigurationError } from "../client/errors.ts";
import type { Origin, ProxyOptions } from "./transport.ts";

/** A proxy, ready to be used. */
export interface Proxy {
  readonly isTls: boolean;
  readonly host: string;
  readonly port: number;
  /** Header lines that go to the proxy: its credentials. Empty for none. */
  readonly lines: string;
}

/**
 * The proxy for an origin, or `undefined`.
 * @throws ConfigurationError when the proxy's URL cannot be used.
 */
export function proxyFor(origin: Origin, options: ProxyOptions | undefined): Proxy | undefined {
  const text = origin.protocol === "https:" ? options?.https : options?.http;
  if (text === undefined || text === "") return undefined;
  return goesWithout(origin, options?.noProxy ?? "") ? undefined : parseProxy(text);
}

/**
 * Whether a list as in `NO_PROXY` names a host: `*`, names and their subdomains (with or without a
 * dot in front), addresses, each with or without a port; separated by commas or blanks.
 */
export function goesWithout(
  { host, port }: { readonly host: string; readonly port: number },
  noProxy: string,
): boolean {
  const name = host.toLowerCase().replace(/\.$/, "");
  for (const entry of noProxy.toLowerCase().split(/[\s,]+/)) {
    if (entry === "") continue;
    if (entry === "*") return true;
    const [, bracketed, bare, entryPort] =
      /^(?:\[([^\]]*)\]|([^:]*|[^:]*:[^:]*:.*?))(?::(\d+))?$/.exec(entry) ?? [];
    // An IPv6 address without brackets has no port: its last group is not one.
    const isBareIpv6 = bracketed === undefined && entry.split(":").length > 2;
    const wanted = (isBareIpv6 ? entry : (bracketed ?? bare ?? "")).replace(/^\*?\./, "");
    if (wanted === "") continue;
    if (!isBareIpv6 && entryPort !== undefined && Number(entryPort) !== port) continue;
    if (name === wanted || (name.endsWith(`.${wanted}`) && !isAddress(name))) return true;
  }
  return false;
}

function isAddress(name: string): boolean {
  return name.includes(":") || /^[\d.]+$/.test(name);
}

function parseProxy(text: string): Proxy {
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:") || !url.hostname) {
    // The text may hold a password.
    throw new ConfigurationError(
      "Cannot use the proxy: its URL is not valid; write it as http://user:password@host:port",
    );
  }
  const isTls = url.protocol === "https:";
  const credentials = `${decode(url.username)}:${decode(url.password)}`;
  return {
    isTls,
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? (isTls ? 443 : 80) : Number(url.port),
    lines:
      credentials === ":"
        ? ""
        : `proxy-authorization: Basic ${Buffer.from(credentials).toString("base64")}\r\n`,
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
