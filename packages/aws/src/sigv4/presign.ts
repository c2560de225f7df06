import type { Credentials } from "../credentials/credentials.ts";
import { ASYMMETRIC_ALGORITHM, signAsymmetrically } from "./asymmetric-key.ts";
import { canonicalHeaders, isSigned } from "./canonical-headers.ts";
import { encodeStrict } from "./canonical-path.ts";
import { EMPTY_PAYLOAD_HASH } from "./payload-signing.ts";
import {
  ALGORITHM,
  canonicalRequest,
  keyFor,
  stringToSign,
  type SignableRequest,
  type SigningOptions,
} from "./request-signer.ts";
import { signText } from "./signing-key.ts";
import { signingTime } from "./signing-time.ts";

/** The longest life of a URL: seven days, in seconds. */
export const EXPIRES_IN_MAX = 604_800;

/** Seconds that a URL is valid when the caller does not say. */
export const EXPIRES_IN_DEFAULT = 3600;

/** How a request becomes a URL. */
export interface PresignOptions extends SigningOptions {
  /** Seconds, 1 to `EXPIRES_IN_MAX`. Default `EXPIRES_IN_DEFAULT`. */
  readonly expiresIn?: number | undefined;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  /** Default: that of an empty body. S3: `UNSIGNED-PAYLOAD`. */
  readonly payloadHash?: string | undefined;
  /** Sign `content-type`, since the caller gave it. Default: it is left out. */
  readonly signContentType?: boolean | undefined;
  /** Add the session token after signing, as AWS IoT wants it. Default: it is signed. */
  readonly tokenUnsigned?: boolean | undefined;
}

/** A request whose signature is in its query. */
export interface PresignedRequest {
  /** The whole query, without `?`. */
  readonly query: string;
  /** Headers that the URL's user must send, names and values alternating; without `host`. */
  readonly headers: readonly string[];
}

/**
 * Signs a request in its query. `x-amz-…` headers move into the query, except those of server-side
 * encryption and of checksums: these stay headers, are signed, and must be sent with the URL.
 *
 * @param request - not changed; its headers are `host` and modelled ones
 * @throws RangeError for an `expiresIn` that AWS refuses.
 */
export function presignRequest(
  request: SignableRequest,
  credentials: Credentials,
  options: PresignOptions,
): PresignedRequest {
  const expiresIn = checkedExpiresIn(options.expiresIn);
  const time = signingTime(options.nowMs);
  const { key, scope } = keyFor(options, credentials, time.slice(0, 8));
  const algorithm = options.regionSet === undefined ? ALGORITHM : ASYMMETRIC_ALGORITHM;
  const { kept, hoisted } = splitHeaders(request.headers, options.signContentType === true);
  const { lines, names } = canonicalHeaders(kept);
  const query = [
    ...request.query,
    ...hoisted,
    `X-Amz-Algorithm=${algorithm}`,
    `X-Amz-Credential=${encodeStrict(`${credentials.accessKeyId}/${scope}`)}`,
    `X-Amz-Date=${time}`,
    `X-Amz-Expires=${expiresIn}`,
    `X-Amz-SignedHeaders=${encodeStrict(names)}`,
  ];
  if (options.regionSet !== undefined) {
    query.push(`X-Amz-Region-Set=${encodeStrict(options.regionSet.join(","))}`);
  }
  const token = tokenPair(credentials, options);
  if (token !== undefined && !options.tokenUnsigned) query.push(token);
  const { method, path } = request;
  const payloadHash = options.payloadHash ?? EMPTY_PAYLOAD_HASH;
  const canonical = canonicalRequest(
    { method, path, query },
    lines,
    names,
    payloadHash,
    options.pathAsSent ?? false,
  );
  if (token !== undefined && options.tokenUnsigned) query.push(token);
  const text = stringToSign(algorithm, time, scope, canonical);
  const asymmetric = options.regionSet !== undefined;
  query.push(`X-Amz-Signature=${asymmetric ? signAsymmetrically(key, text) : signText(key, text)}`);
  return { query: query.join("&"), headers: withoutHost(kept) };
}

function checkedExpiresIn(expiresIn = EXPIRES_IN_DEFAULT): number {
  if (Number.isInteger(expiresIn) && expiresIn >= 1 && expiresIn <= EXPIRES_IN_MAX) {
    return expiresIn;
  }
  throw new RangeError(
    `Cannot presign for ${expiresIn} seconds: expiresIn must be an integer in 1..${EXPIRES_IN_MAX}`,
  );
}

function tokenPair(credentials: Credentials, options: SigningOptions): string | undefined {
  if (!credentials.sessionToken) return undefined;
  const name =
    options.tokenHeader === "x-amz-s3session-token"
      ? "X-Amz-S3session-Token"
      : "X-Amz-Security-Token";
  return `${name}=${encodeStrict(credentials.sessionToken)}`;
}

function splitHeaders(
  headers: readonly string[],
  signContentType: boolean,
): { kept: string[]; hoisted: string[] } {
  const kept: string[] = [];
  const hoisted: string[] = [];
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] as string;
    const value = headers[index + 1] as string;
    if (!isSigned(name) || (name === "content-type" && !signContentType)) continue;
    if (name.startsWith("x-amz-") && !staysHeader(name)) {
      hoisted.push(`${encodeStrict(name)}=${encodeStrict(value)}`);
    } else {
      kept.push(name, value);
    }
  }
  return { kept, hoisted };
}

/** What binds the user of the URL, and S3 does not take from the query. */
function staysHeader(name: string): boolean {
  return (
    name.startsWith("x-amz-server-side-encryption") ||
    name.startsWith("x-amz-checksum-") ||
    name === "x-amz-sdk-checksum-algorithm"
  );
}

function withoutHost(headers: readonly string[]): string[] {
  const others: string[] = [];
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] as string;
    if (name !== "host") others.push(name, headers[index + 1] as string);
  }
  return others;
}
