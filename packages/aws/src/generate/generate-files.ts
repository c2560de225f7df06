import { join } from "node:path";
import type { CompactModel } from "../model/compact-form.ts";
import { compactModel } from "./compact-model.ts";
import type { BotocoreRelease } from "./fetch-botocore.ts";
import { botocoreServices, readBundle, readJson } from "./read-botocore.ts";
import { regionTable } from "./regions.ts";
import { renderItems, renderLines, renderModel, renderParts } from "./render-json.ts";
import { renderServiceList } from "./service-list.ts";

/** What a generation makes. */
export interface Generation {
  readonly models: ReadonlyMap<string, CompactModel>;
  /** Text of each file by its path in the package. */
  readonly files: ReadonlyMap<string, string>;
}

/** Makes every generated file from a release. `progress` hears of each service as it begins. */
export function generateFiles(
  { data, license, notice, lock }: BotocoreRelease,
  progress: (done: number, total: number, name: string) => void,
): Generation {
  const models = new Map<string, CompactModel>();
  const files = new Map<string, string>();
  const names = botocoreServices(data);
  for (const [index, name] of names.entries()) {
    progress(index, names.length, name);
    const model = compactModel(readBundle(data, name));
    models.set(name, model);
    files.set(`models/${name}.json`, renderModel(model));
  }
  files.set("models/partitions.json", renderPartitions(readJson(join(data, "partitions"))));
  files.set("models/regions.json", renderRegions(readJson(join(data, "endpoints")), models));
  files.set("models/LICENSE", license);
  files.set("models/NOTICE", notice);
  files.set("models/botocore.lock.json", `${JSON.stringify(lock, undefined, 2)}\n`);
  files.set(
    "src/model/generated/service-list.ts",
    renderServiceList(metadataOf(models, "serviceId")),
  );
  return { models, files };
}

function renderPartitions(partitions: unknown): string {
  const { version, partitions: items } = partitions as { version: string; partitions: unknown[] };
  return renderParts({ version: JSON.stringify(version), partitions: renderItems(items) });
}

function renderRegions(endpoints: unknown, models: ReadonlyMap<string, CompactModel>): string {
  const table = regionTable(endpoints, metadataOf(models, "endpointPrefix"));
  const parts = Object.entries(table).map(([partition, { all, services }]) => [
    partition,
    `{"all":${JSON.stringify(all)},"services":${renderLines(services)}}`,
  ]);
  return renderParts(Object.fromEntries(parts) as Record<string, string>);
}

function metadataOf(
  models: ReadonlyMap<string, CompactModel>,
  key: "serviceId" | "endpointPrefix",
): Record<string, string> {
  return Object.fromEntries([...models].map(([name, { metadata }]) => [name, metadata[key]]));
}
