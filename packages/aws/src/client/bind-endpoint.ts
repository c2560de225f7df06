import type { ClientConfiguration } from "../configuration/client-configuration.ts";
import type { CredentialSource } from "../credentials/credentials.ts";
import type { EndpointTarget } from "../endpoint/service-endpoints.ts";
import { RequestSigner } from "../sigv4/request-signer.ts";
import type { Origin } from "../transport/transport.ts";
import type { BoundEndpoint } from "./bound-endpoint.ts";

/** Signing names of S3 and its kin, whose signatures differ. Source: aws-client.md §7.1. */
const s3Kin: ReadonlySet<string> = new Set(["s3", "s3express", "s3-outposts", "s3-object-lambda"]);

/** Hosts with prefixes that are kept. */
const prefixedMax = 1000;

/** Endpoints with what all requests to them share; one object for each place. */
export class EndpointBinding {
  readonly #credentials: CredentialSource | undefined;
  readonly #disableHostPrefix: boolean;
  readonly #bound = new WeakMap<EndpointTarget, BoundEndpoint>();
  #prefixed = new Map<string, BoundEndpoint>();

  constructor(credentials: CredentialSource | undefined, config: ClientConfiguration) {
    this.#credentials = credentials;
    this.#disableHostPrefix = config.disableHostPrefix;
  }

  /** @param hostPrefix goes before the host, unless the host is an address or the option is off. */
  bind(target: EndpointTarget, hostPrefix: string): BoundEndpoint {
    let bound = this.#bound.get(target);
    if (bound === undefined) {
      bound = this.#make(target);
      this.#bound.set(target, bound);
    }
    return hostPrefix === "" ? bound : this.#withPrefix(bound, hostPrefix);
  }

  #make(target: EndpointTarget): BoundEndpoint {
    const { endpoint, origin, auth, isAws } = target;
    const signs = this.#credentials !== undefined && auth.scheme !== "none";
    const s3 = s3Kin.has(auth.signingName);
    const signer =
      signs && auth.scheme !== "bearer"
        ? new RequestSigner({
            region: auth.signingRegion,
            service: auth.signingName,
            pathAsSent: auth.disableDoubleEncoding,
            contentSha256Header: s3,
            tokenHeader:
              auth.scheme === "sigv4-s3express" ? "x-amz-s3session-token" : "x-amz-security-token",
          })
        : undefined;
    return {
      target,
      origin,
      basePath: endpoint.path,
      headers: endpoint.headers,
      signs,
      signer,
      https: endpoint.protocol === "https:",
      unsignedPayload: auth.unsignedPayload,
      aws: isAws,
      s3,
    };
  }

  #withPrefix(bound: BoundEndpoint, hostPrefix: string): BoundEndpoint {
    const { host } = bound.origin;
    if (this.#disableHostPrefix || isAddress(host)) return bound;
    const key = `${hostPrefix}\n${bound.origin.protocol}${bound.origin.hostHeader}`;
    let prefixed = this.#prefixed.get(key);
    if (prefixed === undefined) {
      if (this.#prefixed.size >= prefixedMax) this.#prefixed = new Map();
      const origin: Origin = {
        ...bound.origin,
        host: hostPrefix + host,
        hostHeader: hostPrefix + bound.origin.hostHeader,
      };
      prefixed = { ...bound, origin };
      this.#prefixed.set(key, prefixed);
    }
    return prefixed;
  }
}

/** Whether a host is an IP address: it has no names below it. */
function isAddress(host: string): boolean {
  return host.includes(":") || /^\d+(?:\.\d+){3}$/.test(host);
}
