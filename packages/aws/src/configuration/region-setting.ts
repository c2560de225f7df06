import { type SettingSource, refuse } from "./setting-source.ts";

/** A region, and whether its name asked for FIPS hosts. */
export interface RegionSetting {
  readonly region: string | undefined;
  readonly fips: boolean;
}

/** Names of a pseudo region that stand for the partition as a whole, with FIPS hosts. */
const globalFips: ReadonlySet<string> = new Set(["aws-fips", "fips-aws-global", "aws-global-fips"]);

/**
 * The region: option, `AWS_REGION`, `AWS_DEFAULT_REGION`, the profile. `fips-x` and `x-fips` are
 * region `x` with FIPS hosts.
 *
 * @throws ConfigurationError for a region that is not a host label: it becomes part of host names.
 */
export function resolveRegion(settings: SettingSource): RegionSetting {
  const found =
    settings.find({ option: "region", variable: "AWS_REGION" }) ??
    settings.find({ variable: "AWS_DEFAULT_REGION", key: "region" });
  if (found === undefined) return { region: undefined, fips: false };
  const { value } = found;
  if (typeof value !== "string") throw refuse(found, "a region must be text");
  if (globalFips.has(value)) return { region: "aws-global", fips: true };
  const region = value.replace(/^fips-(?:dkr-|prod-)?|-fips$/g, "");
  if (!/^(?!-)[a-zA-Z\d-]{1,63}(?<!-)$/.test(region)) {
    throw refuse(found, "a region has letters, digits and hyphens only");
  }
  return { region, fips: region !== value };
}
