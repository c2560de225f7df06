import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { C2jBundle, C2jPaginators, C2jService, C2jWaiters } from "./c2j.ts";
import { mergeExtras } from "./merge-extras.ts";

/** Names of the services that botocore has, sorted. */
export function botocoreServices(data: string): readonly string[] {
  return readdirSync(data)
    .filter((name) => statSync(join(data, name)).isDirectory())
    .filter((name) => apiVersions(data, name).length > 0)
    .sort();
}

/** All that botocore says of a service, in its latest API version. */
export function readBundle(data: string, name: string): C2jBundle {
  const version = apiVersions(data, name).at(-1);
  if (version === undefined) throw new Error(`Cannot read service "${name}": it has no model`);
  const folder = join(data, name, version);
  const service = readWithExtras(folder, "service-2") as C2jService | undefined;
  if (service === undefined) throw new Error(`Cannot read service "${name}": no "service-2.json"`);
  return {
    service,
    endpointRules: readJson(join(folder, "endpoint-rule-set-1")),
    paginators: readWithExtras(folder, "paginators-1") as C2jPaginators | undefined,
    waiters: readWithExtras(folder, "waiters-2") as C2jWaiters | undefined,
  };
}

/** A file of botocore's, compressed or not; `undefined` when there is none. `path` without `.json`. */
export function readJson(path: string): unknown {
  if (existsSync(`${path}.json`)) return JSON.parse(readFileSync(`${path}.json`, "utf8"));
  if (!existsSync(`${path}.json.gz`)) return undefined;
  return JSON.parse(gunzipSync(readFileSync(`${path}.json.gz`)).toString("utf8"));
}

function readWithExtras(folder: string, type: string): unknown {
  const value = readJson(join(folder, type));
  const extras = readJson(join(folder, `${type}.sdk-extras`));
  return value === undefined || extras === undefined ? value : mergeExtras(value, extras);
}

/** API versions are dates, so their order is that of time. */
function apiVersions(data: string, name: string): readonly string[] {
  return readdirSync(join(data, name))
    .filter((version) => readJsonExists(join(data, name, version, "service-2")))
    .sort();
}

function readJsonExists(path: string): boolean {
  return existsSync(`${path}.json`) || existsSync(`${path}.json.gz`);
}
