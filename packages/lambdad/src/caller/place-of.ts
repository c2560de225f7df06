import type { CallTarget } from "../cli/command.ts";

/**
 * Where a call goes, for a message: without user and password, which are for nobody's screen (INV-10),
 * and without options. Pure.
 */
export function placeOf({
  endpointUrl,
  broker,
}: Pick<CallTarget, "endpointUrl" | "broker">): string {
  if (broker !== undefined) {
    // Up to the last '@': a password may have one, or a '/', that should have been encoded.
    return broker.uri.replace(/^([a-z]+:\/\/).*@/i, "$1").replace(/[?#].*$/, "");
  }
  const url = new URL(endpointUrl);
  url.username = "";
  url.password = "";
  return url.href.replace(/\/$/, "");
}
