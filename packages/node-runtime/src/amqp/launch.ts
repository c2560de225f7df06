import { util } from "../builtins.ts";
import type { Handler } from "../load-handler.ts";
import { keepHandler } from "./served-by.ts";

/** Who calls from JavaScript has no compiler that says so. */
const optionTypes = [
  ["handler", "function"],
  ["queue", "string"],
  ["url", "string"],
  ["concurrency", "number"],
] as const;

/** What a module that starts itself may say. Options of its command line win. */
export interface LaunchOptions {
  /** Default: what the main module exports, as `lambda-runtime` chooses it. */
  readonly handler?: Handler;
  /** Default: the main module's exported `QUEUE_NAME`, unless `handler` is given; else its name. */
  readonly queue?: string;
  /** URL of the broker. Default: `AMQP_URI`, else that of `lambda-runtime`. */
  readonly url?: string;
  /** Calls at once. Default: 1000. */
  readonly concurrency?: number;
  /** Default: `process.argv` after the module; every option of `lambda-runtime`, but no MODULE. */
  readonly argv?: readonly string[];
}

/**
 * Serves the function of the main module, the file that `node` was started with, behind its queue: the
 * process is `lambda-runtime` from then on, with its options, signals and exit codes.
 *
 * ```js
 * import { launch } from "@lambdad/node-runtime";
 *
 * export const handler = async (event) => event;
 *
 * await launch();
 * ```
 *
 * A module that awaits has not been evaluated yet, and its exports cannot be had before. So without
 * `handler` the promise resolves when the options are read, and the function is served as soon as the main
 * module is complete; with `handler` it resolves when the queue is consumed. Whatever fails ends the
 * process with a message. Where a runtime serves the module already it does nothing: under `lambda-runtime`
 * or `lambdad run`, and in the threads of `--threads`.
 *
 * @throws {Error} when it is called a second time, or there is no main module.
 * @throws {TypeError} for a `handler` that is not a function, and a `queue` or `url` that is not a text.
 */
export async function launch(options: LaunchOptions = {}): Promise<void> {
  for (const [name, type] of optionTypes) {
    const value = options[name];
    if (value !== undefined && typeof value !== type) {
      throw new TypeError(
        `Cannot launch: ${name} must be a ${type}, and it is ${util.inspect(value)}`,
      );
    }
  }
  if (keepHandler(options.handler)) return;
  const { launchMain } = await import("./launch-main.ts");
  await launchMain(options);
}
