import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { fs } from "../builtin/fs.ts";
import type { ServiceModel } from "./model.ts";
import { readModel, readModelText } from "./read-model.ts";

const models = new Map<string, ServiceModel>();
const keptFiles = new Map<string, unknown>();
let modelFolder: string | undefined;

/**
 * The model of a service, read from its file on the first use in the process.
 *
 * @param name the service's name in botocore, as `resolveServiceName` gives it.
 * @throws Error when the file is not where the package has it.
 */
export function loadModel(name: string): ServiceModel {
  const known = models.get(name);
  if (known !== undefined) return known;
  const model = readModelText(name, readModelFile(`${name}.json`));
  models.set(name, model);
  return model;
}

/**
 * Takes a model that came another way than through the package's files, as with a bundler.
 *
 * @param compact what the file `models/<name>.json` holds.
 */
export function keepModel(name: string, compact: unknown): ServiceModel {
  const known = models.get(name);
  if (known !== undefined) return known;
  const model = readModel(name, compact);
  models.set(name, model);
  return model;
}

/**
 * Takes the content of a file of the folder `models` that came another way, as with a bundler.
 *
 * @param file its name, `partitions.json`.
 * @param content what the file holds.
 */
export function keepModelFile(file: string, content: unknown): void {
  keptFiles.set(file, content);
}

/**
 * The text of a file of the package's folder `models`.
 * @throws Error with the remedy when it cannot be read.
 */
export function readModelFile(file: string): string {
  if (keptFiles.has(file)) return JSON.stringify(keptFiles.get(file));
  modelFolder ??= findModels();
  try {
    return fs.readFileSync(modelFolder + file, "utf8");
  } catch (cause) {
    const remedy = 'in a bundle, import the service from "@lambdad/aws/<service>"';
    throw new Error(`Cannot read the service model "${file}" in "${modelFolder}": ${remedy}`, {
      cause,
    });
  }
}

/** The folder beside the package's sources or its dist, wherever this module ended up in it; ends with a slash. */
function findModels(): string {
  // From `src/model` and `dist/chunks`. Without `node:path`, which costs as much as reading a model.
  const usual = fileURLToPath(new URL("../../models/", import.meta.url));
  if (fs.existsSync(`${usual}partitions.json`)) return usual;
  const start = dirname(fileURLToPath(import.meta.url));
  for (let folder = start; ; folder = dirname(folder)) {
    const found = join(folder, "models", sep);
    if (fs.existsSync(`${found}partitions.json`)) return found;
    if (folder === dirname(folder)) return join(start, "models", sep);
  }
}
