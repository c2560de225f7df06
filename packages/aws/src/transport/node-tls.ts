import type * as Tls from "node:tls";

/**
 * `node:tls`, loaded when the first TLS connection is made: that takes some milliseconds of a
 * process's start, and endpoints on plain HTTP do without.
 */
export function nodeTls(): typeof Tls {
  return process.getBuiltinModule("node:tls");
}
