import type { HostLog } from "./host-log.ts";
import { outdatedNode } from "@lambdad/core";
import { publicAddressWarnings } from "./public-addresses.ts";

/** Logs what the user of a host should know at its start, and nobody has to act on. */
export function logStartWarnings(
  log: HostLog,
  /** What was set but has no effect. */
  ignored: readonly string[],
  hosts: Parameters<typeof publicAddressWarnings>[0],
): void {
  for (const warning of ignored) log.write("warn", "config.ignored", warning);
  const outdated = outdatedNode(process.versions.node);
  if (outdated !== undefined) log.write("warn", "node.outdated", outdated);
  for (const warning of publicAddressWarnings(hosts)) log.write("warn", "listen.public", warning);
}
