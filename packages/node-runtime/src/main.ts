// The process of a function: `node main.ts [HANDLER]`, started by a host of ours, or as any runtime
// interface client by whoever serves the Runtime API at AWS_LAMBDA_RUNTIME_API. The handler is that of
// _HANDLER unless one is given: a wrapper script or an agent may have changed it.
import { defineAwslambda } from "./awslambda.ts";
import { ChannelClient, isChannel } from "./channel-client.ts";
import { errorBody, unhandledRejection } from "./error-body.ts";
import { functionEnvironmentOf } from "./invocation-context.ts";
import { InvocationScope } from "./invocation-scope.ts";
import { loadHandler } from "./load-handler.ts";
import { blockOutput } from "./output.ts";
import { consoleOptionsOf, patchConsole } from "./patch-console.ts";
import { type ProcessSettings, takeSettings } from "./process-settings.ts";
import { Runtime } from "./runtime.ts";
import type { RuntimeClient } from "./runtime-client.ts";
import { RuntimeError } from "./runtime-error.ts";

/** Exit codes; the last two are AWS's. */
const exitCode = {
  usage: 2,
  hostLost: 1,
  initError: 1,
  unhandledRejection: 128,
  uncaughtException: 129,
};

/** How long a process with extensions of its own may take to end, in milliseconds (AWS). */
const shutdownMs = 500;

const { env } = process;
// `launch` has nothing to do in a function that is served: `amqp/served-by.ts`, which takes time to load.
Reflect.set(globalThis, Symbol.for("@lambdad/node-runtime.served"), { handler: undefined });
const settings = settingsOrExit();
const scope = new InvocationScope(settings.concurrency !== undefined);
const client = await connect();
blockOutput();
const logError = patchConsole({ ...consoleOptionsOf(env), invocation: scope.current });
defineAwslambda(env, scope.invokeStore());

let runtime: Runtime | undefined;
process.on("uncaughtException", (error: unknown) => {
  logError("Uncaught Exception", error);
  die(error, exitCode.uncaughtException);
});
process.on("unhandledRejection", (reason: unknown, promise) => {
  const error = unhandledRejection(reason, promise);
  logError("Unhandled Promise Rejection", error);
  die(error, exitCode.unhandledRejection);
});
process.on("beforeExit", () => {
  if (runtime !== undefined) runtime.loopEmptied();
  else failInit(new RuntimeError("UnsettledTopLevelAwait", "A top-level await never settles"));
});
void start();

function settingsOrExit(): ProcessSettings {
  try {
    return takeSettings(process.argv.slice(2), env, isChannel);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return process.exit(exitCode.usage);
  }
}

async function connect(): Promise<RuntimeClient> {
  if (settings.channelFd !== undefined) {
    return new ChannelClient(settings.channelFd, hostLost);
  }
  const { HttpClient } = await import("./http-client.ts");
  return new HttpClient(settings.runtimeApi, { concurrent: settings.concurrency !== undefined });
}

async function start(): Promise<void> {
  try {
    const handler = await loadHandler(settings.taskRoot, settings.handler);
    const starting = new Runtime({
      client,
      handler,
      environment: functionEnvironmentOf(env),
      scope,
      concurrency: settings.concurrency,
      logError,
      onLost: (reason) => {
        process.stderr.write(`Cannot get the next invocation: ${String(reason)}\n`);
        hostLost();
      },
    });
    await starting.start();
    runtime = starting;
    if (settings.keepsCompiledCode) setImmediate(saveCompiledCode);
  } catch (error) {
    failInit(error);
  }
}

/**
 * Nobody gives invocations any more: the host has gone, or a proxy in between. The latter may have been
 * told to end together with this process, whose own extensions then have the time that AWS gives them.
 */
function hostLost(): void {
  if (process.listenerCount("SIGTERM") === 0) process.exit(exitCode.hostLost);
  setTimeout(() => process.exit(exitCode.hostLost), shutdownMs);
}

/** Node saves it at an orderly exit, but a host ends this process with SIGKILL. */
function saveCompiledCode(): void {
  process.getBuiltinModule("node:module").flushCompileCache();
}

function failInit(error: unknown): void {
  logError("Init Error", error);
  client.failInit(errorBody(error));
  exitAfterFlush(exitCode.initError);
}

function die(error: unknown, code: number): void {
  if (runtime === undefined) client.failInit(errorBody(error));
  else runtime.abort(errorBody(error));
  exitAfterFlush(code);
}

function exitAfterFlush(code: number): void {
  client.flush().then(
    () => process.exit(code),
    () => process.exit(code),
  );
}
