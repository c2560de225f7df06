import { ConfigurationError } from "../client/errors.ts";
import type { SettingSource } from "./setting-source.ts";
import type { Profile, SharedConfiguration } from "./shared-configuration.ts";

/** Schemes of endpoints that are stores of ours; they stay as they are. */
const stores: ReadonlySet<string> = new Set(["redis:", "rediss:", "file:", "memory:"]);

/** Whether an endpoint is a store of ours in place of a service. */
export function isStoreUrl(url: string): boolean {
  return stores.has(url.slice(0, url.indexOf(":") + 1).toLowerCase());
}

/**
 * The URL in place of AWS's: option, `AWS_ENDPOINT_URL_<SERVICE>`, `AWS_ENDPOINT_URL`, the profile's
 * `services` section, the profile. All but the option can be switched off by
 * `ignore_configured_endpoint_urls`.
 *
 * @param serviceId as in the model: `S3`, `Application Auto Scaling`.
 * @returns an HTTP URL without trailing slash, or a store's URL as it was given.
 * @throws ConfigurationError for what is no such URL.
 */
export function resolveEndpointUrl(
  serviceId: string,
  settings: SettingSource,
  files: SharedConfiguration | undefined,
  profile: Profile | undefined,
): string | undefined {
  const option = settings.find({ option: "endpoint" }) ?? settings.find({ option: "endpointUrl" });
  if (option !== undefined) return checkedUrl(option.value, option.source);
  const ignored = settings.boolean({
    option: "ignoreConfiguredEndpointUrls",
    variable: "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    key: "ignore_configured_endpoint_urls",
  });
  if (ignored === true) return undefined;
  const id = serviceId.replace(/[ -]/g, "_");
  const variable =
    settings.find({ variable: `AWS_ENDPOINT_URL_${id.toUpperCase()}` }) ??
    settings.find({ variable: "AWS_ENDPOINT_URL" });
  if (variable !== undefined) return checkedUrl(variable.value, variable.source);
  const own = servicesUrl(id.toLowerCase(), files, profile);
  if (own !== undefined) return own;
  const general = settings.find({ key: "endpoint_url" });
  return general && checkedUrl(general.value, general.source);
}

function servicesUrl(
  service: string,
  files: SharedConfiguration | undefined,
  profile: Profile | undefined,
): string | undefined {
  const name = profile?.get("services");
  if (name === undefined) return undefined;
  const section = files?.services(name);
  if (section === undefined) {
    throw new ConfigurationError(
      `Cannot use the profile "${profile?.name}": its "services" names the section ` +
        `[services ${name}], which is not in "${files?.paths.configFile ?? ""}"`,
    );
  }
  const url = section.blocks.get(service)?.get("endpoint_url");
  return url && checkedUrl(url, `"endpoint_url" of "${service}" in [services ${name}]`);
}

function checkedUrl(value: unknown, source: string): string {
  const text = String(value);
  const url = URL.parse(text);
  if (url !== null && stores.has(url.protocol)) return text;
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw refuseUrl(text, source, "it must be a URL such as http://localhost:4566");
  }
  if (url.username !== "" || url.password !== "") {
    throw refuseUrl(undefined, source, "a user and a password cannot be in it");
  }
  if (url.search !== "" || url.hash !== "") {
    throw refuseUrl(text, source, "a query or a fragment cannot be in it");
  }
  return `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, "")}`;
}

function refuseUrl(text: string | undefined, source: string, rule: string): ConfigurationError {
  // What cannot be read as a URL can hold a password, too.
  const shown = text === undefined || text.includes("@") ? "the endpoint" : `"${text}"`;
  return new ConfigurationError(`Cannot use ${shown} of ${source}: ${rule}`);
}
