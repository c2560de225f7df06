import { ConnectionError, TimeoutError, type LimitName } from "../client/errors.ts";
import type { Origin } from "./transport.ts";

/** `code` of a `ConnectionError`: the source of a streaming body failed. A repeat fails again. */
export const bodySourceFailed = "ERR_BODY_SOURCE";
/** `code` of a `ConnectionError`: a streaming body had another length than it said. A repeat fails again. */
export const bodyLengthDiffers = "ERR_BODY_LENGTH";

/** What can be done, by code. */
const remedies: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there; check the endpoint",
  ENOTFOUND: "the name has no address; check the region and the endpoint",
  EAI_AGAIN: "the name server did not answer; check the network",
  ENETUNREACH: "there is no route; check the network",
  EHOSTUNREACH: "there is no route; check the network",
  EMFILE: "the process has too many open files; raise its limit or lower `maxConnections`",
  CERT_HAS_EXPIRED: "the server's certificate has expired",
  ERR_TLS_CERT_ALTNAME_INVALID: "the server's certificate is for another name; check the endpoint",
  SELF_SIGNED_CERT_IN_CHAIN: "the certificate authority is not known; set `ca` or AWS_CA_BUNDLE",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the certificate authority is not known; set `ca` or AWS_CA_BUNDLE",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "the certificate authority is not known; set `ca` or AWS_CA_BUNDLE",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    "the certificate authority is not known; set `ca` or AWS_CA_BUNDLE",
  ERR_SSL_WRONG_VERSION_NUMBER: "the server does not speak TLS on this port; check the protocol",
};

/** The same where the name or the port is that of a proxy. */
const proxyRemedies: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there; check the proxy's URL",
  ENOTFOUND: "the name has no address; check the proxy's URL",
};

/** No connection could be made, directly or through a proxy. */
export function connectFailure(
  origin: Origin,
  proxy: { readonly host: string; readonly port: number } | undefined,
  cause: unknown,
): ConnectionError {
  const code = codeOf(cause);
  const remedy = proxy === undefined ? undefined : proxyRemedies[code];
  const reason = remedy ?? remedies[code] ?? messageOf(cause);
  const way = proxy === undefined ? "" : ` through the proxy ${address(proxy)}`;
  const message = `Cannot connect to ${address(origin)}${way}: ${code}: ${reason}`;
  return failure(message, origin, code, cause);
}

/** The connection broke under an exchange; `when` says where. */
export function lostConnection(origin: Origin, when: string, cause?: unknown): ConnectionError {
  const code = cause === undefined ? "ECONNRESET" : codeOf(cause);
  const detail = cause === undefined ? "the server closed the connection" : messageOf(cause);
  const message = `Cannot receive from ${address(origin)}: ${code}: ${detail} ${when}`;
  return failure(message, origin, code, cause);
}

/** The answer is not HTTP, or could be understood in two ways. */
export function badResponse(origin: Origin, problem: string): ConnectionError {
  const message = `Cannot read the response of ${address(origin)}: ${problem}; is it an HTTP server?`;
  return failure(message, origin, "EPROTO", undefined);
}

/** The source of a body failed, or did not keep to its length. */
export function bodyFailure(
  origin: Origin,
  code: typeof bodySourceFailed | typeof bodyLengthDiffers,
  reason: string,
  cause?: unknown,
): ConnectionError {
  return failure(`Cannot send the body to ${address(origin)}: ${reason}`, origin, code, cause);
}

/** A limit ended an exchange. */
export function limitPassed(
  origin: Origin,
  limit: LimitName,
  ms: number,
  state: string,
): TimeoutError {
  const message = `Cannot complete the request to ${address(origin)}: ${state} for ${ms} ms; raise \`${limit}\` if that is expected`;
  return new TimeoutError(message, limit, ms);
}

/** `host:port`, as a person writes it. */
export function address({ host, port }: { readonly host: string; readonly port: number }): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function failure(message: string, origin: Origin, code: string, cause: unknown): ConnectionError {
  return new ConnectionError(message, { code, host: origin.host, port: origin.port, cause });
}

function codeOf(cause: unknown): string {
  if (typeof cause !== "object" || cause === null) return "EPROTO";
  if ("code" in cause && typeof cause.code === "string") return cause.code;
  // Several addresses were tried (`autoSelectFamily`).
  if ("errors" in cause && Array.isArray(cause.errors)) return codeOf(cause.errors[0]);
  return "EPROTO";
}

function messageOf(cause: unknown): string {
  // OpenSSL's own messages are lines of its log; their reason says it in words.
  if (cause instanceof Error && "reason" in cause && typeof cause.reason === "string") {
    return cause.reason;
  }
  const message = cause instanceof Error ? cause.message : String(cause);
  return message === "" ? "no reason was given" : message;
}
