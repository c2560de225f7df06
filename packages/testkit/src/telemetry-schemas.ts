import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type * as AjvModule from "ajv";
import type { Ajv, ValidateFunction } from "ajv";

/** Versions of the events of the Telemetry API (the first three) and of the Logs API. */
export type TelemetrySchemaVersion =
  | "2022-07-01"
  | "2022-12-13"
  | "2025-01-29"
  | "2020-08-15"
  | "2021-03-18";

const folder = new URL("telemetry-schemas/", import.meta.url);
const logsVersions: ReadonlySet<string> = new Set(["2020-08-15", "2021-03-18"]);

let loaded: Ajv | undefined;

/**
 * What is wrong with an event that a subscriber has got; empty: nothing. The schemas are strict: a
 * member that they do not name is a problem. They are one file for each event and API, with the
 * version in the name where it differs.
 *
 * Source: the event schema of the Telemetry API, and what strict consumers require.
 */
export function telemetryProblems(
  event: unknown,
  version: TelemetrySchemaVersion,
): readonly string[] {
  const type = typeOf(event);
  const validate = findSchema(type, version);
  if (validate === undefined) return [`type: '${type}' is no event of ${version}`];
  if (validate(event)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) =>
      `${type}${instancePath}: ${message} ${JSON.stringify(params)}`,
  );
}

function typeOf(event: unknown): string {
  const isEvent = typeof event === "object" && event !== null && "type" in event;
  return isEvent ? String(event.type) : "";
}

function findSchema(type: string, version: TelemetrySchemaVersion): ValidateFunction | undefined {
  loaded ??= load();
  const api = logsVersions.has(version) ? "logs" : "telemetry";
  const own = loaded.getSchema(`/${api}/${type}.${version}.json`);
  return own ?? loaded.getSchema(`/${api}/${type}.json`);
}

/** Loaded when it is needed: most tests that use this package validate nothing. */
function load(): Ajv {
  const module = createRequire(import.meta.url)("ajv") as typeof AjvModule;
  const ajv = new module.Ajv({ allErrors: true, strict: true, allowUnionTypes: true });
  for (const entry of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!entry.endsWith(".json")) continue;
    ajv.addSchema(JSON.parse(readFileSync(new URL(entry, folder), "utf8")));
  }
  return ajv;
}
