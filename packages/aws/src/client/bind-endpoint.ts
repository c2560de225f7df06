import type { ClientConfiguration } from "../configuration/client-configuration.ts";
import type { CredentialSource } from "../credentials/credentials.ts";
import { type EndpointTarget, originOf } from "../endpoint/service-endpoints.ts";
import { toEndpoint } from "../endpoint/to-endpoint.ts";
import { isAwsHost } from "../endpoint/aws-host.ts";
import { RequestSigner } from "../sigv4/request-signer.ts";
import type { Origin } from "../transport/transport.ts";
import type { BoundEndpoint } from "./bound-endpoint.ts";

/** Signing names of S3 and its kin, whose signatures differ. Source: aws-client.md §7.1. */
const s3Kin: ReadonlySet<string> = new Set(["s3", "s3express", "s3-outposts", "s3-object-lambda"]);

/** Places next to an endpoint that are kept: hosts with prefixes, other hosts. */
const variantsMax = 1000;

/** Endpoints with what all requests to them share; one object for each place. */
export class EndpointBinding {
  readonly #credentials: CredentialSource | undefined;
  readonly #disableHostPrefix: boolean;
  readonly #onPlain: ((origin: Origin) => void) | undefined;
  readonly #bound = new WeakMap<EndpointTarget, BoundEndpoint>();
  readonly #variants = new WeakMap<BoundEndpoint, Map<string, BoundEndpoint>>();

  /** @param onPlain hears of places to which signed requests go without TLS. */
  constructor(
    credentials: CredentialSource | undefined,
    config: ClientConfiguration,
    onPlain?: (origin: Origin) => void,
  ) {
    this.#credentials = credentials;
    this.#onPlain = onPlain;
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

  /** The same on the host of another URL, whose path does not count. @throws EndpointError */
  elsewhere(bound: BoundEndpoint, url: string): BoundEndpoint {
    return this.#variant(bound, url, () => {
      const origin = originOf(toEndpoint({ url, headers: {}, properties: {} }));
      const https = origin.protocol === "https:";
      if (bound.signs && !https) this.#onPlain?.(origin);
      return { ...bound, origin, https, aws: isAwsHost(origin.host) };
    });
  }

  #make(target: EndpointTarget): BoundEndpoint {
    const { endpoint, origin, auth, isAws } = target;
    const signs = this.#credentials !== undefined && auth.scheme !== "none";
    const s3 = s3Kin.has(auth.signingName);
    if (signs && origin.protocol === "http:") this.#onPlain?.(origin);
    const signer =
      signs && auth.scheme !== "bearer"
        ? new RequestSigner({
            region: auth.signingRegion,
            regionSet: auth.signingRegionSet,
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
    return this.#variant(bound, hostPrefix, () => {
      const origin: Origin = {
        ...bound.origin,
        host: hostPrefix + host,
        hostHeader: hostPrefix + bound.origin.hostHeader,
      };
      return { ...bound, origin };
    });
  }

  #variant(bound: BoundEndpoint, key: string, make: () => BoundEndpoint): BoundEndpoint {
    let variants = this.#variants.get(bound);
    if (variants === undefined || variants.size >= variantsMax) {
      this.#variants.set(bound, (variants = new Map()));
    }
    let variant = variants.get(key);
    if (variant === undefined) variants.set(key, (variant = make()));
    return variant;
  }
}

/** Whether a host is an IP address: it has no names below it. */
function isAddress(host: string): boolean {
  return host.includes(":") || /^\d+(?:\.\d+){3}$/.test(host);
}
