import type { EndpointTarget } from "../endpoint/service-endpoints.ts";
import type { RequestSigner } from "../sigv4/request-signer.ts";
import type { Origin } from "../transport/transport.ts";

/** An endpoint with all that its requests have in common. */
export interface BoundEndpoint {
  readonly target: EndpointTarget;
  readonly origin: Origin;
  /** In front of each path; empty for none. */
  readonly basePath: string;
  /** Headers that the endpoint rules ask for, names in lower case and values, alternating. */
  readonly headers: readonly string[];
  /** Requests carry a signature or a bearer token, so credentials are needed. */
  readonly signs: boolean;
  /** Signs with Signature Version 4; absent for bearer tokens and unsigned requests. */
  readonly signer: RequestSigner | undefined;
  readonly https: boolean;
  /** The model leaves the payload out of the signature over HTTPS. */
  readonly unsignedPayload: boolean;
  /** One of AWS's own hosts: it knows checksums, trailers and `aws-chunked`. */
  readonly aws: boolean;
  /** `x-amz-content-sha256` is always sent (S3 and its kin). */
  readonly s3: boolean;
}

/** An operation's path behind the endpoint's. A bucket in the path has no slash of its own behind it. */
export function joinPath({ basePath, s3 }: BoundEndpoint, path: string): string {
  return s3 && path === "/" && basePath !== "" ? basePath : basePath + path;
}
