import type { ProfileFiles } from "./provider.ts";

/** A setting of a profile; the credentials file has the first word. Empty values are none. */
export function profileSetting(
  files: ProfileFiles,
  profile: string,
  key: string,
): string | undefined {
  return (
    files.credentials.profiles.get(profile)?.values.get(key) ||
    files.config.profiles.get(profile)?.values.get(key) ||
    undefined
  );
}

/** Whether one of the files has the profile. */
export function hasProfile(files: ProfileFiles, profile: string): boolean {
  return files.credentials.profiles.has(profile) || files.config.profiles.has(profile);
}
