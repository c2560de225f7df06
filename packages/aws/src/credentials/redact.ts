const SHOWN_MAX = 500;

/**
 * Text of another program or service, fit to stand in an error: what looks like a key or token is
 * replaced, control characters go, and it is cut after 500 characters.
 */
export function redact(text: string): string {
  const clean = text
    .replace(/\p{Cc}+/gu, " ")
    // Named values: "SecretAccessKey": "…", aws_session_token=…, Authorization: Bearer …
    .replace(
      /((?:secret|token|password|accesskeyid|access_key_id|authorization)[\w-]*["']?\s*[:=]\s*)(?:bearer\s+|basic\s+)?("[^"]*"?|'[^']*'?|[^\s,}]+)/gi,
      "$1(hidden)",
    )
    // Access key ids, and runs as long as a secret key.
    .replace(/\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b/g, "(hidden)")
    .replace(/[A-Za-z0-9/+=_-]{36,}/g, "(hidden)")
    .trim();
  return clean.length > SHOWN_MAX ? `${clean.slice(0, SHOWN_MAX)}…` : clean;
}
