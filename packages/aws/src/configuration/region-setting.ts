import { parseRegion, regionRule } from "../endpoint/region.ts";
import { type SettingSource, refuse } from "./setting-source.ts";

/** A region, and whether its name asked for FIPS hosts. */
export interface RegionSetting {
  readonly region: string | undefined;
  readonly fips: boolean;
}

/**
 * The region: option, `AWS_REGION`, `AWS_DEFAULT_REGION`, the profile.
 *
 * @throws ConfigurationError for a region that is not a host label.
 */
export function resolveRegion(settings: SettingSource): RegionSetting {
  const found =
    settings.find({ option: "region", variable: "AWS_REGION" }) ??
    settings.find({ variable: "AWS_DEFAULT_REGION", key: "region" });
  if (found === undefined) return { region: undefined, fips: false };
  if (typeof found.value !== "string") throw refuse(found, "a region must be text");
  const parsed = parseRegion(found.value);
  if (parsed === undefined) throw refuse(found, regionRule);
  return parsed;
}
