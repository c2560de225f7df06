import {
  echoModule,
  loadFunctionModule,
  type ModuleName,
  moduleTitle,
  parseModuleName,
} from "./function-module.ts";
import type { RuntimeOptions } from "./parse-command.ts";
import { RuntimeProcess } from "./runtime-process.ts";
import { markServed } from "./served-by.ts";

/** Serves `MODULE[:HANDLER]`, or echoes, until a signal comes. Resolves when its queue is consumed. */
export async function runCommand(text: string | undefined, options: RuntimeOptions): Promise<void> {
  markServed();
  const folder = process.cwd();
  const name = text === undefined ? undefined : parseModuleName(text);
  await new RuntimeProcess({
    options,
    hidesBroker: true,
    name: name === undefined ? echoModule.name : titleOf(name, folder),
    load: async () => (name === undefined ? echoModule : loadFunctionModule(name, folder)),
  }).run();
}

/** What cannot be a module is told of where it is loaded. */
function titleOf({ module }: ModuleName, folder: string): string {
  try {
    return moduleTitle(module, folder);
  } catch {
    return module;
  }
}
