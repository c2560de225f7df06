#!/usr/bin/env node
import { existsSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { refusedNode } from "@lambdad/core";
import { exitCode } from "./cli/command-io.ts";
import type { Command, DaemonCommand, RunCommand, ServerCommand } from "./cli/command.ts";
import { bootstrapPaths } from "./cli/command.ts";
import { parseArguments } from "./cli/parse-arguments.ts";
import { ConfigError } from "./configuration/config-error.ts";
import type { HostedFunctionConfiguration } from "./configuration/daemon-configuration.ts";
import { becomeContainerInit, containerVariable } from "./host/container-init.ts";
import type { Daemon } from "./daemon/daemon.ts";
import type { FunctionCommand } from "./host/function-command.ts";
import { titleWithoutSecrets } from "./host/hide-arguments.ts";
import { leaveAgents } from "./host/leave-agents.ts";

/** The executable: the only place that reads `process.argv` and `process.env`, and that exits. */
async function main(): Promise<void> {
  const refused = refusedNode(process.versions.node);
  if (refused !== undefined) {
    process.stderr.write(`lambdad: ${refused}\n`);
    process.exitCode = 1;
    return;
  }
  // Others may list the processes of this machine (INV-10).
  const title = titleWithoutSecrets(process.argv);
  if (title !== undefined) process.title = title;
  const warnings: string[] = [];
  if (process.pid === 1 && process.env[containerVariable] === undefined) {
    warnings.push(becomeContainerInit(process.argv.slice(1), process.env));
  }
  const command = parseArguments(process.argv.slice(2), process.env, {
    programName: basename(process.argv[1] ?? "lambdad"),
    isProcessOne: process.pid === 1 || process.env[containerVariable] !== undefined,
  });
  process.exitCode = await run(command, warnings);
}

function run(command: Command, warnings: readonly string[]): Promise<number> | number {
  switch (command.kind) {
    case "help":
      process.stdout.write(command.text);
      return exitCode.success;
    case "version":
      process.stdout.write(`lambdad ${ownVersion()}\n`);
      return exitCode.success;
    case "invoke":
    case "bench":
      return runCaller(command);
    case "daemon":
    case "run":
      return runDaemon(command, warnings);
    case "server":
      return runServer(command, warnings);
    default:
      return command satisfies never;
  }
}

async function runCaller(command: Command & { kind: "invoke" | "bench" }): Promise<number> {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => controller.abort());
  }
  const { stdin, stdout, stderr } = process;
  const io = { stdin, stdout, stderr, signal: controller.signal };
  if (command.kind === "invoke") {
    const { runInvoke } = await import("./commands/invoke.ts");
    return runInvoke(command, io);
  }
  const { runBench } = await import("./commands/bench.ts");
  return runBench(command, io);
}

async function runDaemon(
  command: DaemonCommand | RunCommand,
  warnings: readonly string[],
): Promise<never> {
  const { functionVariables } = await import("./host/function-variables.ts");
  const inherited = functionVariables(command.configuration, process.env);
  leaveAgents({
    argv: process.argv.slice(1),
    variables: process.env,
    functionNodeOptions: inherited["NODE_OPTIONS"],
  });
  const { Daemon } = await import("./daemon/daemon.ts");
  const daemon = new Daemon({
    configuration: command.configuration,
    function: await functionOf(command),
    variables: process.env,
    inherited,
    watch: command.kind === "run" && command.watch,
    warnings: [...warnings, ...command.warnings],
  });
  return runHost(daemon);
}

async function runServer(command: ServerCommand, warnings: readonly string[]): Promise<never> {
  const { functionVariables } = await import("./host/function-variables.ts");
  const { configuration } = command;
  const { log } = configuration;
  const functions = configuration.functions.map(({ handler, configuration: hosted }) => {
    const inherited = functionVariables({ ...hosted, log }, process.env);
    return { handler, configuration: hosted, inherited };
  });
  const nodeOptions = functions.map(({ inherited }) => inherited["NODE_OPTIONS"] ?? "");
  leaveAgents({
    argv: process.argv.slice(1),
    variables: process.env,
    functionNodeOptions: nodeOptions.join(" "),
  });
  const { servedFunctions } = await import("./server/served-function.ts");
  const { Server } = await import("./server/server.ts");
  const server = new Server({
    configuration,
    functions: await servedFunctions(functions, functionOfHandler),
    variables: process.env,
    warnings: [...warnings, ...command.warnings],
  });
  return runHost(server);
}

/** What runs until a signal ends it. */
type Host = Pick<Daemon, "start" | "stop" | "kill" | "crashed">;

async function runHost(host: Host): Promise<never> {
  const ended = endOnSignal(host);
  const hasCrashed = endOnCrash(host);
  await host.start();
  const code = await ended;
  // Nothing may hold the end up: not a reader of the output that has stopped, for one.
  process.exit(hasCrashed() ? 1 : code);
}

async function functionOf(command: DaemonCommand | RunCommand): Promise<FunctionCommand> {
  if (command.kind === "run") return functionOfHandler(command.handler, command.configuration);
  const { commandOfWords } = await import("./host/function-command.ts");
  const words = command.command.length > 0 ? command.command : [bootstrapPath()];
  return commandOfWords(words, process.cwd());
}

async function functionOfHandler(
  handler: string,
  configuration: HostedFunctionConfiguration,
): Promise<FunctionCommand> {
  const { commandOfHandler } = await import("./host/function-command.ts");
  const { compileCacheFolder } = await import("./host/cache-folder.ts");
  const { handler: bootstrapHandler, memorySizeMb } = configuration.function;
  return commandOfHandler(handler, {
    cwd: process.cwd(),
    memorySizeMb: configuration.memoryEnforced ? memorySizeMb : undefined,
    cacheFolder: compileCacheFolder(process.env),
    ...(bootstrapHandler === "" ? {} : { bootstrapHandler }),
  });
}

/** Without a command, the runtime of a container image: the first that exists. */
function bootstrapPath(): string {
  const path = bootstrapPaths.find((candidate) => existsSync(candidate));
  if (path !== undefined) return path;
  throw new ConfigError([
    `COMMAND is missing, and there is no ${bootstrapPaths.join(", ")}: give the runtime's command, or type 'lambdad run HANDLER'`,
  ]);
}

/** Exit codes of a program that a signal has ended, as shells give them. */
const signalExitCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** The first signal stops in order, the second at once (HO-8). Resolves with the exit code. */
async function endOnSignal(host: Host): Promise<number> {
  const first = Promise.withResolvers<void>();
  let seen = false;
  // SIGHUP: a terminal that closes must not leave a function behind that runs on.
  for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (seen) {
        host.kill();
        process.exit(signalExitCodes[signal]);
      }
      seen = true;
      first.resolve();
    });
  }
  await first.promise;
  await host.stop();
  return exitCode.success;
}

/** Longest that a stop after a crash may take, in milliseconds. */
const crashStopMs = 15_000;

/**
 * After an exception that nothing caught the state cannot be trusted: stop, and exit with 1.
 *
 * @returns whether there was one.
 */
function endOnCrash(host: Host): () => boolean {
  let crashed = false;
  const onCrash = (error: unknown): void => {
    host.crashed(error);
    if (crashed) return;
    crashed = true;
    setTimeout(() => process.exit(1), crashStopMs).unref();
    void stopAndExit(host);
  };
  process.on("uncaughtException", onCrash);
  process.on("unhandledRejection", onCrash);
  return () => crashed;
}

async function stopAndExit(host: Host): Promise<void> {
  try {
    await host.stop();
  } finally {
    host.kill();
    process.exit(1);
  }
}

function ownVersion(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  const { version }: { version: string } = JSON.parse(text);
  return version;
}

/** Errors whose message says all that there is to say. */
const reasonsNotToStart: ReadonlySet<string> = new Set(["ListenError", "BrokerError"]);

/** What a user reads when nothing could be started: what, why, and what to type. */
function describeFailure(error: unknown): { text: string; code: number } {
  if (error instanceof ConfigError) {
    const lines = error.problems.map((problem) => `lambdad: ${problem}\n`);
    return { text: `${lines.join("")}Type '${error.help}' for help.\n`, code: exitCode.usage };
  }
  if (error instanceof Error && reasonsNotToStart.has(error.name)) {
    return { text: `lambdad: ${error.message}\n`, code: 1 };
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { text: `lambdad: ${text}\n`, code: 1 };
}

try {
  await main();
} catch (error) {
  const { text, code } = describeFailure(error);
  // What was opened before the failure must not keep the process (HO-9).
  process.stderr.write(text, () => process.exit(code));
}
