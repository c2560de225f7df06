import { appendFileSync, readdirSync, readFileSync } from "node:fs";
import { containerVariable } from "./container-init.ts";
import type { Variables } from "../configuration/read-options.ts";

export interface SandboxHostsOptions {
  /** Where the extensions are, and whether there are any. */
  readonly extensionsDir: string;
  /** Address of the first Runtime API: the names mean the same machine. */
  readonly runtimeApiHost: string;
  readonly variables: Variables;
  /** Default: the machine's own. */
  readonly hostsFile?: string;
}

/** The names of an environment as seen from inside (AWS): spec extensions-api §8. */
const names = ["sandbox.localdomain", "sandbox"] as const;

/**
 * On AWS an extension may bind its listener to `sandbox.localdomain`. In a container the hosts file is
 * ours to complete; on a machine of its user it is not. Subscriptions need no entry: lambdad knows the
 * names itself.
 *
 * @returns what the user should know: for the log. `undefined`: nothing, or there are no extensions.
 */
export function provideSandboxHosts(options: SandboxHostsOptions): string | undefined {
  const { extensionsDir, runtimeApiHost, variables, hostsFile = "/etc/hosts" } = options;
  if (!hasFiles(extensionsDir)) return undefined;
  const text = textOf(hostsFile);
  const missing = missingNames(text);
  if (missing.length === 0) return undefined;
  const address = /^[0-9a-f.:]+$/i.test(runtimeApiHost) ? runtimeApiHost : "127.0.0.1";
  const line = `${address === "0.0.0.0" ? "127.0.0.1" : address} ${missing.join(" ")}`;
  const advice = `An extension that listens on ${names.join(" or ")} needs the line '${line}' in ${hostsFile}`;
  if (variables[containerVariable] === undefined) return advice;
  try {
    // The last line of a file that somebody has mounted may have no end.
    const lineEnd = text === "" || text.endsWith("\n") ? "" : "\n";
    appendFileSync(hostsFile, `${lineEnd}${line}\n`);
    return undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `${advice}, and it cannot be added: ${reason}`;
  }
}

function hasFiles(folder: string): boolean {
  try {
    return readdirSync(folder).length > 0;
  } catch {
    return false;
  }
}

/** A file that cannot be read is taken for one without entries. */
function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function missingNames(hosts: string): readonly string[] {
  const known = new Set(
    hosts.split("\n").flatMap((line) => line.replace(/#.*/, "").trim().split(/\s+/).slice(1)),
  );
  return names.filter((name) => !known.has(name));
}
