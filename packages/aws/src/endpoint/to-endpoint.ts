import { EndpointError } from "../client/errors.ts";
import type { Endpoint, EndpointAuth } from "./endpoint.ts";
import { encodePath, parseUrl } from "./parse-url.ts";
import type { RuleEndpoint } from "./rule-set.ts";

/** Ways of signing that the rules can ask for and we have. */
const supported = new Set(["sigv4", "sigv4a", "sigv4-s3express", "bearer", "none"]);

/**
 * What the rules answered, as a place for requests.
 *
 * @param preference Names of authentication schemes, the most wanted first; the rules' order decides else.
 * @throws EndpointError when the rules' URL is none.
 */
export function toEndpoint(resolved: RuleEndpoint, preference: readonly string[] = []): Endpoint {
  const url = parseUrl(resolved.url);
  const match = /^(?:\[([0-9a-f:.%]+)\]|([\w.~-]+))(?::(\d+))?$/i.exec(url?.authority ?? "");
  const host = match?.[1] ?? match?.[2];
  const secure = url?.scheme === "https";
  const port = Number(match?.[3] ?? (secure ? 443 : 80));
  if (url === undefined || host === undefined || port === 0 || port > 65_535) {
    throw new EndpointError(`Cannot resolve the endpoint: "${resolved.url}" is not an HTTP URL`);
  }
  return {
    protocol: secure ? "https:" : "http:",
    host,
    port,
    path: encodePath(url.path).replace(/\/+$/, ""),
    headers: Object.entries(resolved.headers).flatMap(([name, values]) => [
      name.toLowerCase(),
      values.join(","),
    ]),
    auth: pickAuth(resolved.properties["authSchemes"], preference),
  };
}

/**
 * The first scheme that we can, Signature Version 4a after the others; if there is none, the first,
 * for the error that says so.
 */
function pickAuth(schemes: unknown, preference: readonly string[]): EndpointAuth | undefined {
  const all = Array.isArray(schemes) ? schemes.map(toAuth) : [];
  const usable = all.filter(({ name }) => supported.has(name));
  for (const wanted of preference) {
    const found = usable.find(({ name }) => name === wanted);
    if (found !== undefined) return found;
  }
  return usable.find(({ name }) => name !== "sigv4a") ?? usable[0] ?? all[0];
}

function toAuth(scheme: Readonly<Record<string, unknown>>): EndpointAuth {
  const { name, signingName, signingRegion, signingRegionSet, disableDoubleEncoding } = scheme;
  return {
    name: String(name),
    signingName: typeof signingName === "string" ? signingName : undefined,
    signingRegion: typeof signingRegion === "string" ? signingRegion : undefined,
    signingRegionSet: Array.isArray(signingRegionSet) ? signingRegionSet.map(String) : undefined,
    disableDoubleEncoding: disableDoubleEncoding === true ? true : undefined,
  };
}
