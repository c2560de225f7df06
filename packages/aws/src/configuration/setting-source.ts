import { ConfigurationError } from "../client/errors.ts";
import type { Environment, Profile } from "./shared-configuration.ts";

/** Where a setting can come from. */
export interface SettingNames {
  readonly option?: string | undefined;
  readonly variable?: string | undefined;
  readonly key?: string | undefined;
  /** The block of the profile that has the key, `s3`. */
  readonly block?: string | undefined;
}

interface Found {
  readonly value: unknown;
  /** For errors: `the variable AWS_REGION`. */
  readonly source: string;
}

/**
 * Looks settings up: the option, the environment's variable, the profile's key, in this order.
 * Variables and keys that are empty or blank are not set.
 */
export class SettingSource {
  readonly #options: Readonly<Record<string, unknown>>;
  readonly #environment: Environment;
  readonly #profile: Profile | undefined;

  constructor(options: object, environment: Environment, profile: Profile | undefined) {
    this.#options = options as Readonly<Record<string, unknown>>;
    this.#environment = environment;
    this.#profile = profile;
  }

  text(names: SettingNames): string | undefined {
    const found = this.find(names);
    if (found === undefined || typeof found.value === "string") return found?.value as string;
    throw refuse(found, "it must be text");
  }

  /** `true` or `false`, in any case. */
  boolean(names: SettingNames): boolean | undefined {
    const found = this.find(names);
    if (found === undefined) return undefined;
    const { value } = found;
    if (typeof value === "boolean") return value;
    const text = typeof value === "string" ? value.toLowerCase() : "";
    if (text === "true" || text === "false") return text === "true";
    throw refuse(found, 'it must be "true" or "false"');
  }

  /** A whole number from `min` to `max`. */
  integer(names: SettingNames, min: number, max: number): number | undefined {
    const found = this.find(names);
    if (found === undefined) return undefined;
    const { value } = found;
    const number = typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value;
    if (Number.isInteger(number) && Number(number) >= min && Number(number) <= max) {
      return Number(number);
    }
    throw refuse(found, `it must be a whole number from ${min} to ${max}`);
  }

  /** One of some words, in any case; as it is written in `words`. */
  choice<Word extends string>(names: SettingNames, words: readonly Word[]): Word | undefined {
    const found = this.find(names);
    if (found === undefined) return undefined;
    const text = String(found.value).toLowerCase();
    const word = words.find((candidate) => candidate.toLowerCase() === text);
    if (word !== undefined) return word;
    throw refuse(found, `it must be one of ${words.map((known) => `"${known}"`).join(", ")}`);
  }

  /** A list with commas between its items. */
  list(names: SettingNames): readonly string[] | undefined {
    return this.text(names)
      ?.split(",")
      .map((item) => item.trim())
      .filter((item) => item !== "");
  }

  /** The value as it is, with the name of its source for errors. */
  find({ option, variable, key, block }: SettingNames): Found | undefined {
    const given = option === undefined ? undefined : this.#options[option];
    if (given !== undefined && given !== null) {
      return { value: given, source: `the option "${option}"` };
    }
    const text = variable === undefined ? undefined : this.#environment[variable]?.trim();
    if (text !== undefined && text !== "") {
      return { value: text, source: `the variable ${variable}` };
    }
    const setting = key === undefined ? undefined : this.#profile?.find(key, block);
    if (setting === undefined) return undefined;
    const path = block === undefined ? `"${key}"` : `"${key}" under "${block}"`;
    const source = `${path} of the profile "${this.#profile?.name}" in "${setting.path}"`;
    return { value: setting.value, source };
  }
}

/** The error for a setting that cannot be used. */
export function refuse({ value, source }: Found, rule: string): ConfigurationError {
  const shown = typeof value === "string" ? `"${value}"` : String(value);
  return new ConfigurationError(`Cannot use ${shown} of ${source}: ${rule}`);
}
