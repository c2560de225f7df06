import type { SecureContext } from "node:tls";
import { fs } from "../builtin/fs.ts";
import { net } from "../builtin/net.ts";
import { ConfigurationError } from "../client/errors.ts";
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
  #ca: string | undefined;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#ca = options.ca;
  }

  /** Made on first use: reading certificates takes milliseconds. Throws when they are not valid. */
  get context(): SecureContext {
    const { cert, key } = this.#options;
    this.#context ??= nodeTls().createSecureContext({ ca: this.#ca, cert, key });
    return this.#context;
  }

  /** Reads the certificates of the authorities, where a file has them. @throws ConfigurationError */
  readAuthorities(): void {
    const { caFile } = this.#options;
    if (this.#ca !== undefined || caFile === undefined) return;
    try {
      this.#ca = fs.readFileSync(caFile, "utf8");
    } catch (cause) {
      const reason = (cause as Error).message;
      throw new ConfigurationError(
        `Cannot read the certificates in "${caFile}" (AWS_CA_BUNDLE, ca_bundle): ${reason}`,
        { cause },
      );
    }
  }

  /** `undefined`: Node's default, which is to refuse. */
  get rejectUnauthorized(): boolean | undefined {
    return this.#options.rejectUnauthorized;
  }
}

/**
 * Finds the way to an origin.
 * @throws ConfigurationError when the proxy's URL is not valid, or the certificates cannot be read.
 */
export function routeTo(origin: Origin, options: TransportOptions, tls: TlsSettings): Route {
  const proxy = proxyFor(origin, options.proxy);
  const { host } = proxy ?? origin;
  const isTls = origin.protocol === "https:";
  if (isTls || proxy?.isTls === true) tls.readAuthorities();
  return {
    origin,
    isTls,
    proxy,
    addresses: net.isIP(host) === 0 ? new Addresses(host) : undefined,
    tls,
    session: undefined,
  };
}
