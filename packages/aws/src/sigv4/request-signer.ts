import { crypto } from "../builtin/crypto.ts";
import type { Credentials } from "../credentials/credentials.ts";
import { ASYMMETRIC_ALGORITHM, asymmetricKey, signAsymmetrically } from "./asymmetric-key.ts";
import { canonicalHeaders } from "./canonical-headers.ts";
import { canonicalPath } from "./canonical-path.ts";
import { canonicalQuery } from "./canonical-query.ts";
import { signingKey, signText, type SigningKey } from "./signing-key.ts";
import { signingTime } from "./signing-time.ts";

const { hash } = crypto;

/** The algorithm of Signature Version 4. */
export const ALGORITHM = "AWS4-HMAC-SHA256";

/** What is signed, and the rules of the service for it. */
export interface SigningOptions {
  /** Not used with `regionSet`. */
  readonly region: string;
  /**
   * Sign with Signature Version 4a, for these regions: `["*"]`, `["us-*", "eu-west-1"]`. Multi-region
   * access points and global endpoints need it. Default: Signature Version 4, for `region`.
   */
  readonly regionSet?: readonly string[] | undefined;
  /** Signing name of the service: `s3`, `execute-api`. */
  readonly service: string;
  /**
   * The path is signed as it is sent: S3 and its kin, and endpoints with `disableDoubleEncoding`.
   * Default: dot segments and duplicate slashes removed, then encoded once more.
   */
  readonly pathAsSent?: boolean | undefined;
  /** Send `x-amz-content-sha256` always (S3). Default: only if the payload's digest is not signed. */
  readonly contentSha256Header?: boolean | undefined;
  /** Header of the session token; S3 Express has `x-amz-s3session-token`. */
  readonly tokenHeader?: "x-amz-security-token" | "x-amz-s3session-token" | undefined;
}

/** The parts of a request that a signature covers. A `RequestDraft` is one. */
export interface SignableRequest {
  readonly method: string;
  /** As sent, the endpoint's base path included, without query. */
  readonly path: string;
  /** Encoded pairs. */
  readonly query: readonly string[];
  /** Names in lower case and values, alternating, `host` included. The signer appends its own. */
  readonly headers: string[];
}

const DIGEST_LENGTH = 64;

/**
 * Signs the requests of one client to one region and service with Signature Version 4, or to a set
 * of regions with Signature Version 4a. Keeps what
 * stays the same from request to request: make one per client, region and service.
 */
export class RequestSigner {
  readonly #options: SigningOptions;
  readonly #pathAsSent: boolean;
  readonly #contentSha256Header: boolean;
  readonly #tokenHeader: string;
  readonly #regionSet: string | undefined;
  readonly #algorithm: string;
  #date = "";
  #secret = "";
  #accessKeyId = "";
  #key: SigningKey | undefined;
  #authorization = "";

  constructor(options: SigningOptions) {
    this.#options = options;
    this.#pathAsSent = options.pathAsSent ?? false;
    this.#contentSha256Header = options.contentSha256Header ?? false;
    this.#tokenHeader = options.tokenHeader ?? "x-amz-security-token";
    this.#regionSet = options.regionSet?.join(",");
    this.#algorithm = this.#regionSet === undefined ? ALGORITHM : ASYMMETRIC_ALGORITHM;
  }

  /**
   * Appends `x-amz-date`, the session token, `x-amz-content-sha256` where it is due, and
   * `authorization` to the request's headers. Before a request is signed again they must be cut
   * off: the list is as long as before. Four parameters, since an object per request has its cost.
   *
   * @param payloadHash - hexadecimal SHA-256 of the body, or a word such as `UNSIGNED-PAYLOAD`
   * @returns the signature, with which signed chunks and events begin
   */
  sign(
    request: SignableRequest,
    payloadHash: string,
    credentials: Credentials,
    nowMs: number,
  ): string {
    const time = signingTime(nowMs);
    const { headers } = request;
    headers.push("x-amz-date", time);
    if (credentials.sessionToken) headers.push(this.#tokenHeader, credentials.sessionToken);
    if (this.#contentSha256Header || payloadHash.length !== DIGEST_LENGTH) {
      headers.push("x-amz-content-sha256", payloadHash);
    }
    if (this.#regionSet !== undefined) headers.push("x-amz-region-set", this.#regionSet);
    const canonical = canonicalHeaders(headers);
    const { key, scope } = this.signingKey(credentials, time);
    const text = stringToSign(
      this.#algorithm,
      time,
      scope,
      canonicalRequest(request, canonical.lines, canonical.names, payloadHash, this.#pathAsSent),
    );
    const signature =
      this.#regionSet === undefined ? signText(key, text) : signAsymmetrically(key, text);
    headers.push(
      "authorization",
      this.#authorization + canonical.names + ", Signature=" + signature,
    );
    return signature;
  }

  /** The key for credentials at a time (`signingTime`). */
  signingKey(credentials: Credentials, time: string): SigningKey {
    let key = this.#key;
    if (
      key === undefined ||
      !time.startsWith(this.#date) ||
      this.#secret !== credentials.secretAccessKey ||
      this.#accessKeyId !== credentials.accessKeyId
    ) {
      this.#date = time.slice(0, 8);
      this.#secret = credentials.secretAccessKey;
      this.#accessKeyId = credentials.accessKeyId;
      key = keyFor(this.#options, credentials, this.#date);
      this.#key = key;
      this.#authorization = `${this.#algorithm} Credential=${this.#accessKeyId}/${key.scope}, SignedHeaders=`;
    }
    return key;
  }
}

/** The key of credentials on a day (`20150830`), for the region or the set of regions. */
export function keyFor(
  { region, regionSet, service }: SigningOptions,
  credentials: Credentials,
  date: string,
): SigningKey {
  return regionSet === undefined
    ? signingKey(credentials.secretAccessKey, date, region, service)
    : asymmetricKey(credentials, date, service);
}

/** The canonical request. `lines` and `names` are those of `canonicalHeaders`. */
export function canonicalRequest(
  request: Pick<SignableRequest, "method" | "path" | "query">,
  lines: string,
  names: string,
  payloadHash: string,
  pathAsSent: boolean,
): string {
  return (
    request.method +
    "\n" +
    (pathAsSent ? request.path || "/" : canonicalPath(request.path)) +
    "\n" +
    canonicalQuery(request.query) +
    "\n" +
    lines +
    "\n" +
    names +
    "\n" +
    payloadHash
  );
}

/** The string to sign of a canonical request. */
export function stringToSign(
  algorithm: string,
  time: string,
  scope: string,
  canonical: string,
): string {
  return algorithm + "\n" + time + "\n" + scope + "\n" + hash("sha256", canonical);
}
