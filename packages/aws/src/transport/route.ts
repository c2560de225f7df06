import type { SecureContext } from "node:tls";
import { net } from "../builtin/net.ts";
import { Addresses } from "./addresses.ts";
import { nodeTls } from "./node-tls.ts";
import { type Proxy, proxyFor } from "./proxy.ts";
import type { Origin, TransportOptions } from "./transport.ts";

/** The way to an origin, and what is learned on it. */
export interface Route {
  readonly origin: Origin;
  readonly isTls: boolean;
  readonly proxy: Proxy | undefined;
  /** Addresses of the next hop; `undefined` when it is named by its address. */
  readonly addresses: Addresses | undefined;
  readonly tls: TlsSettings;
  /** The last session of the server, to shorten the next handshake (RFC 8446 §2.2). */
  session: Buffer | undefined;
}

/** What is the same for all TLS connections of a transport. */
export class TlsSettings {
  readonly #options: TransportOptions;
  #context: SecureContext | undefined;

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  /** Made on first use: reading certificates takes milliseconds. Throws when they are not valid. */
  get context(): SecureContext {
    const { ca, cert, key } = this.#options;
    this.#context ??= nodeTls().createSecureContext({ ca, cert, key });
    return this.#context;
  }

  /** `undefined`: Node's default, which is to refuse. */
  get rejectUnauthorized(): boolean | undefined {
    return this.#options.rejectUnauthorized;
  }
}

/** Finds the way to an origin; throws `ConfigurationError` when the proxy's URL is not valid. */
export function routeTo(origin: Origin, options: TransportOptions, tls: TlsSettings): Route {
  const proxy = proxyFor(origin, options.proxy);
  const { host } = proxy ?? origin;
  return {
    origin,
    isTls: origin.protocol === "https:",
    proxy,
    addresses: net.isIP(host) === 0 ? new Addresses(host) : undefined,
    tls,
    session: undefined,
  };
}
