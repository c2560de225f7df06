const schemeExpression = /^\s*amqps?:\/\//i;

/** Host, and a port as a well-formed URL has it. */
const hostExpression = /^(?:\[[^\]]*\]|[^:/?#]*)(?::\d{0,5})?(?=[/?#]|\s*$)/;

/** Options whose value says nothing secret; that of any other key is hidden. */
const openKeys = new Set([
  "auth_mechanism",
  "blocked_connection_timeout",
  "cacertfile",
  "certfile",
  "channel_max",
  "connection_attempts",
  "connection_timeout",
  "frame_max",
  "heartbeat",
  "keyfile",
  "locale",
  "retry_delay",
  "server_name_indication",
  "socket_timeout",
  "stack_timeout",
]);

/**
 * A broker URL for a log: `***` in place of the password, and of the values of options that are not ours.
 * Text that is no URL loses everything that may be a password: what stands between the first `:` and the
 * last `@`, wherever they are, so that a password with `/`, `?` or `#` in it does not show either.
 */
export function redactBrokerUri(text: string): string {
  const scheme = schemeExpression.exec(text)?.[0] ?? "";
  const rest = text.slice(scheme.length);
  const at = rest.lastIndexOf("@");
  const user = at === -1 ? "" : redactUser(rest.slice(0, at + 1));
  return scheme + user + redactQuery(redactPort(rest.slice(at + 1)));
}

/** `user:password@`, or `user@`. */
function redactUser(text: string): string {
  const colon = text.indexOf(":");
  return colon === -1 ? text : `${text.slice(0, colon)}:***@`;
}

/** What stands where the port should be may be the password of a URL that lacks its host. */
function redactPort(text: string): string {
  if (hostExpression.test(text)) return text;
  const colon = text.indexOf(":");
  return colon === -1 ? text : `${text.slice(0, colon)}:***`;
}

function redactQuery(text: string): string {
  const start = text.indexOf("?");
  if (start === -1) return text;
  return text.slice(0, start + 1) + text.slice(start + 1).replace(/([^&=]*)=[^&]*/g, redactOption);
}

function redactOption(option: string, key: string): string {
  return openKeys.has(key) ? option : `${key}=***`;
}
