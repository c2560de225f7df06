/** What is written in place of a secret. */
const redacted = "[redacted]";

const names =
  "authorization|cookie|signature|secret|token|password|passwd|api[-_]?key|credential" as const;

/** Names whose values are never written (spec reliability §12.7). */
const secretName = new RegExp(names, "i");

/** User and password of a URL: `amqp://user:password@host`. */
const urlUser = /\b([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/?#"']{1,1024}@/gi;

/** A secret as part of a text: `X-Amz-Signature=…`, `"password":"…"`, `Authorization: Bearer …`. */
const namedSecret = new RegExp(
  String.raw`((?:${names})[\w-]{0,64}["']?[ \t]{0,8}[=:][ \t]{0,8})` +
    String.raw`("[^"]*"|'[^']*'|(?:(?:bearer|basic) +)?[^\s&,;"']+)`,
  "gi",
);

/** A fact that is to be logged under this name, or what is written in its place. */
export function redactValue(name: string, value: string | number): string | number {
  if (secretName.test(name)) return redacted;
  return typeof value === "string" ? redactText(value) : value;
}

/** A text without what can be seen to be a secret in it. */
export function redactText(text: string): string {
  return text.replaceAll(urlUser, `$1${redacted}@`).replaceAll(namedSecret, `$1${redacted}`);
}
