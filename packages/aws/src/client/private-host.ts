/** Names that belong to no public zone. Source: RFC 6761, RFC 6762, RFC 8375, ICANN's `internal`. */
const privateSuffixes = [".localhost", ".local", ".internal", ".test", ".home.arpa", ".lan"];

/** Loopback, private, link-local and carrier-grade addresses, version 4. */
const privateAddress =
  /^(?:127|10)\.|^192\.168\.|^172\.(?:1[6-9]|2\d|3[01])\.|^169\.254\.|^100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./;

/**
 * Whether a host is this machine, or one that only a private network knows: an address of such a
 * network, or a name without a public zone, as containers have (`minio`).
 */
export function isPrivateHost(host: string): boolean {
  const name = host.toLowerCase();
  if (name.includes(":")) return isPrivateAddress6(name);
  if (/^\d+(?:\.\d+){3}$/.test(name)) return privateAddress.test(name);
  return !name.includes(".") || privateSuffixes.some((suffix) => name.endsWith(suffix));
}

function isPrivateAddress6(address: string): boolean {
  const mapped = /^::ffff:(\d+(?:\.\d+){3})$/.exec(address)?.[1];
  if (mapped !== undefined) return privateAddress.test(mapped);
  return (
    address === "::1" || /^f[cd][0-9a-f]{2}:/.test(address) || /^fe[89ab][0-9a-f]:/.test(address)
  );
}
