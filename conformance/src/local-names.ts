import dns from "node:dns";
import { syncBuiltinESMExports } from "node:module";

type Lookup = typeof dns.lookup;
type Callback = (error: Error | null, address: unknown, family?: number) => void;

/**
 * Resolves `NAME.localhost` to the loopback interface in this process, as RFC 6761 says and not every
 * resolver does: a bucket is a name in front of its host. Returns what undoes it.
 */
export function resolveLocalNames(): () => void {
  const original = dns.lookup;
  const lookup = (name: string, ...rest: unknown[]): void => {
    const callback = rest.at(-1) as Callback;
    const options = rest.length > 1 ? rest[0] : {};
    if (!name.endsWith(".localhost")) {
      (original as unknown as (...all: unknown[]) => void)(name, ...rest);
      return;
    }
    const isAll =
      typeof options === "object" && options !== null && "all" in options && options.all;
    const address = { address: "127.0.0.1", family: 4 };
    process.nextTick(() => {
      if (isAll === true) callback(null, [address]);
      else callback(null, address.address, address.family);
    });
  };
  replaceLookup(lookup as unknown as Lookup);
  return () => replaceLookup(original);
}

/** For those who import the function by its name, too. */
function replaceLookup(lookup: Lookup): void {
  dns.lookup = lookup;
  syncBuiltinESMExports();
}
