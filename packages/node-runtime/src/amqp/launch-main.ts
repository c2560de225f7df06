import { realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { exitOnOldNode } from "./exit-on-old-node.ts";
import { functionOf, type FunctionModule, importModule, moduleTitle } from "./function-module.ts";
import { helpText } from "./help-text.ts";
import type { LaunchOptions } from "./launch.ts";
import { ownVersion } from "./own-version.ts";
import { parseCommand, type RuntimeOptions } from "./parse-command.ts";
import { RuntimeProcess } from "./runtime-process.ts";
import { UsageError, usageText } from "./usage-error.ts";

const usageExitCode = 2;

let isLaunched = false;

/** `launch`, in the main thread; loaded on its first call. */
export async function launchMain(launched: LaunchOptions): Promise<void> {
  if (isLaunched) throw new Error("Cannot launch: this process serves a function already");
  isLaunched = true;
  exitOnOldNode();
  const path = mainPathOf(process.argv[1]);
  const options = optionsOrExit(launched);
  const name = moduleTitle(path, "/");
  const { handler } = launched;
  const url = pathToFileURL(path).href;
  const runtime = new RuntimeProcess({
    options,
    hidesBroker: false,
    name,
    load: async () =>
      handler === undefined
        ? functionOf(await importModule(url), { url, name, handler: undefined })
        : givenFunction(handler, { url, name }),
  });
  const running = runtime.run();
  // The main module is not complete before this resolves, if it waits for it.
  if (handler !== undefined) await running;
}

function givenFunction(
  handler: FunctionModule["handler"],
  { url, name }: { readonly url: string; readonly name: string },
): FunctionModule {
  const description = `the handler that ${name} gave to launch()`;
  // Worker threads load the main module too, whose own call of `launch` then tells them the handler.
  return { handler, description, queueName: undefined, name, url, handlerName: undefined };
}

function mainPathOf(text: string | undefined): string {
  if (text === undefined) throw new Error("Cannot launch: this process has no main module");
  return realpathSync(createRequire(import.meta.url).resolve(text));
}

function optionsOrExit(launched: LaunchOptions): RuntimeOptions {
  try {
    const command = parseCommand(launched.argv ?? process.argv.slice(2), process.env, {
      url: launched.url,
      queue: launched.queue,
      concurrency: launched.concurrency?.toString(),
    });
    if (command.kind === "help") exitWith(helpText());
    if (command.kind === "version") exitWith(`lambda-runtime ${ownVersion()}\n`);
    if (command.module === undefined) return command.options;
    const problem = `MODULE is not an option of a module that launches itself: '${command.module}'`;
    throw new UsageError([problem]);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(usageText(error));
    return process.exit(usageExitCode);
  }
}

function exitWith(text: string): never {
  process.stdout.write(text);
  return process.exit(0);
}
