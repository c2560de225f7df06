/** The first Node that strips types and has what the packages use: `engines` of every manifest. */
const oldest = [22, 18, 0] as const;

/** Below these, remote crashes and hash flooding are known (spec reliability §14). */
const patched: readonly (readonly [number, number, number])[] = [
  [22, 22, 2],
  [24, 14, 1],
];

/** Why lambdad does not run on this version of Node; `undefined` when it does. */
export function refusedNode(version: string): string | undefined {
  if (!isBefore(parse(version), oldest)) return undefined;
  return `Cannot run on Node '${version}': lambdad needs Node ${oldest.join(".")} or later`;
}

/** Why a later version of Node would be better; `undefined` when this one is good. */
export function outdatedNode(version: string): string | undefined {
  const found = parse(version);
  // Lines between and after those that were patched: 23 ended before the patches, 25 has them.
  const needed = patched.find(([major]) => major >= found[0]);
  if (needed === undefined || !isBefore(found, needed)) return undefined;
  const why = "CVE-2026-21637, CVE-2026-21710, CVE-2026-21717";
  return `Node ${version} has known vulnerabilities (${why}): install ${needed.join(".")} or later`;
}

function parse(version: string): readonly [number, number, number] {
  const [major = 0, minor = 0, patch = 0] = version
    .split(".")
    .map((part) => Number.parseInt(part, 10));
  return [major, minor, patch];
}

function isBefore(
  found: readonly [number, number, number],
  wanted: readonly [number, number, number],
): boolean {
  const index = wanted.findIndex((part, position) => part !== found[position]);
  return index !== -1 && (found[index] ?? 0) < (wanted[index] ?? 0);
}
