/** A region, and whether its name asked for FIPS hosts. */
export interface ParsedRegion {
  readonly region: string;
  readonly fips: boolean;
}

/** Names of a pseudo region that stand for the partition as a whole, with FIPS hosts. */
const globalFips: ReadonlySet<string> = new Set(["aws-fips", "fips-aws-global", "aws-global-fips"]);

/** The rule of regions, for errors. */
export const regionRule = "a region has letters, digits and hyphens only";

/**
 * Reads a region's name: `fips-x` and `x-fips` are region `x` with FIPS hosts.
 *
 * @returns `undefined` for what is not a host label: regions become part of host names.
 */
export function parseRegion(text: string): ParsedRegion | undefined {
  if (globalFips.has(text)) return { region: "aws-global", fips: true };
  const region = text.replace(/^fips-(?:dkr-|prod-)?|-fips$/g, "");
  if (!/^(?!-)[a-zA-Z\d-]{1,63}(?<!-)$/.test(region)) return undefined;
  return { region, fips: region !== text };
}
