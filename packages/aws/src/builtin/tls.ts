import type * as nodeTls from "node:tls";

/** `node:tls`, loaded when it is first asked for: plain HTTP does without. */
export function tls(): typeof nodeTls {
  return process.getBuiltinModule("node:tls");
}
