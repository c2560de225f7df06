/**
 * Authorizes a request with a token.
 *
 * @param headers - the header is appended
 * @throws TypeError for a token that cannot be in a header.
 */
export function authorizeWithBearer(headers: string[], token: string): void {
  // The token is a secret, so the message does not quote it.
  if (!/^[\u0021-\u007e]+$/.test(token)) {
    throw new TypeError(
      "Cannot send the bearer token: it is empty or has spaces, line breaks or characters beyond ASCII",
    );
  }
  headers.push("authorization", `Bearer ${token}`);
}
