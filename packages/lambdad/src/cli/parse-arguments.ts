import {
  buildConfiguration,
  type ConfigurationDefaults,
  daemonGroups,
  nameOfHandler,
} from "../configuration/build-configuration.ts";
import { ConfigError } from "../configuration/config-error.ts";
import type { DaemonConfiguration } from "../configuration/daemon-configuration.ts";
import { doorOptions } from "../configuration/door-options.ts";
import { quoted } from "../configuration/quoted.ts";
import { type OptionSource, readOptions, type Variables } from "../configuration/read-options.ts";
import { buildServerConfiguration } from "../configuration/build-server-configuration.ts";
import { serverGroups } from "../configuration/server-options.ts";
import { unservedVariables } from "../configuration/unserved-variables.ts";
import { runOptions } from "./caller-options.ts";
import type { Command, DaemonCommand, RunCommand, ServerCommand } from "./command.ts";
import { commandGroups, type CommandName, helpOf } from "./help-topics.ts";
import { parseBench, parseInvoke } from "./parse-caller.ts";
import { firstWordIndex, rulesByFlag, splitArguments } from "./split-arguments.ts";

/** What the meaning of a command line depends on besides its words and variables. */
export interface ParseOptions {
  /**
   * Name that the program was started under. Under the name of one of its peers there are no
   * subcommands: every word is the COMMAND's. Default: `lambdad`.
   */
  readonly programName?: string;
  /** Process 1 of a container listens on every address (spec reliability §12.1). Default: false. */
  readonly isProcessOne?: boolean;
}

/** Programs that lambdad replaces under their own name; they have no subcommands. */
const peerNames: ReadonlySet<string> = new Set(["aws-lambda-rie", "lambda-runtime-api-daemon"]);

const subcommands: ReadonlySet<string> = new Set(["run", "server", "invoke", "bench", "help"]);

/**
 * Reads a command line: values in, value out. Flags win over variables.
 *
 * @param argv - Words after the program's name.
 * @throws {ConfigError} with every problem of the command line and the variables at once.
 */
export function parseArguments(
  argv: readonly string[],
  variables: Variables,
  options: ParseOptions = {},
): Command {
  const { programName = "lambdad" } = options;
  const allRules = rulesByFlag(Object.values(commandGroups).flat());
  const index = peerNames.has(programName) ? -1 : firstWordIndex(argv, allRules);
  const word = index < 0 ? undefined : argv[index];
  if (word === undefined || !subcommands.has(word)) {
    return parseCommand("daemon", argv, variables, options);
  }
  const rest = argv.toSpliced(index, 1);
  if (!isCommandName(word)) return { kind: "help", text: helpOf(topicOf(rest)) };
  return parseCommand(word, rest, variables, options);
}

function topicOf([topic]: readonly string[]): CommandName {
  return topic !== undefined && isCommandName(topic) ? topic : "daemon";
}

/** Whether a word has options of its own as a subcommand. */
function isCommandName(word: string): word is CommandName {
  return word !== "daemon" && Object.hasOwn(commandGroups, word);
}

function parseCommand(
  name: CommandName,
  argv: readonly string[],
  variables: Variables,
  options: ParseOptions,
): Command {
  const problems: string[] = [];
  const { flags, words } = splitArguments(argv, rulesByFlag(commandGroups[name]), problems, {
    optionsAnywhere: name !== "daemon",
  });
  if (flags.has("help")) return { kind: "help", text: helpOf(name) };
  if (flags.has("version")) return { kind: "version" };
  const source: OptionSource = { flags, variables };
  const command = readCommand(name, { source, words, problems }, options);
  if (problems.length > 0) {
    throw new ConfigError(
      problems,
      name === "daemon" ? "lambdad --help" : `lambdad ${name} --help`,
    );
  }
  return command;
}

interface CommandLine {
  readonly source: OptionSource;
  readonly words: readonly string[];
  readonly problems: string[];
}

function readCommand(name: CommandName, line: CommandLine, options: ParseOptions): Command {
  switch (name) {
    case "daemon":
      return parseDaemon(line, options);
    case "run":
      return parseRun(line, options);
    case "server":
      return parseServer(line, options);
    case "invoke":
      return parseInvoke(line.source, line.words, line.problems);
    case "bench":
      return parseBench(line.source, line.words, line.problems);
    default:
      return name satisfies never;
  }
}

function parseDaemon(line: CommandLine, options: ParseOptions): DaemonCommand {
  const { words } = line;
  // The emulator's rule: the last of at least two words is the handler.
  const handler = words.length >= 2 ? (words.at(-1) ?? "") : "";
  const configuration = configurationOf(line, options, { name: "test_function", handler });
  return {
    kind: "daemon",
    command: words,
    configuration,
    warnings: warningsOf(line, configuration),
  };
}

function parseRun(line: CommandLine, options: ParseOptions): RunCommand {
  const [handler = "", ...more] = line.words;
  if (handler === "") {
    line.problems.push("HANDLER is missing: give file.export or a folder with a bootstrap");
  }
  for (const word of more) {
    line.problems.push(`Unexpected argument ${quoted(word)} after the handler`);
  }
  // `_HANDLER` is made of the handler when its file is known.
  const defaults = { name: nameOfHandler(handler), handler: "" };
  const configuration = configurationOf(line, options, defaults);
  const { watch } = readOptions(runOptions, line.source, line.problems);
  const warnings = warningsOf(line, configuration);
  return { kind: "run", handler, configuration, watch, warnings };
}

function parseServer(
  { source, words, problems }: CommandLine,
  options: ParseOptions,
): ServerCommand {
  for (const word of words) {
    const hint = word.includes("=") ? `: functions are given with --function ${word}` : "";
    problems.push(`Unexpected argument ${quoted(word)}${hint}`);
  }
  const configuration = buildServerConfiguration(source, hostDefault(options), problems);
  const hasBroker = configuration.queues !== undefined;
  const warnings = unservedVariables(source.variables, serverGroups, hasBroker);
  return { kind: "server", configuration, warnings };
}

function configurationOf(
  { source, problems }: CommandLine,
  options: ParseOptions,
  defaults: Omit<ConfigurationDefaults, "host">,
): DaemonConfiguration {
  return buildConfiguration(source, { ...defaults, host: hostDefault(options) }, problems);
}

function hostDefault({ isProcessOne = false }: ParseOptions): string {
  return isProcessOne ? "0.0.0.0" : "127.0.0.1";
}

function warningsOf({ source }: CommandLine, { amqp }: DaemonConfiguration): readonly string[] {
  const groups = [...daemonGroups, runOptions];
  const warnings = [...unservedVariables(source.variables, groups, amqp !== undefined)];
  // A value that cannot be read is already among the problems.
  if (readOptions(doorOptions, source, []).openFaas) {
    warnings.push("ENABLE_OPENFAAS has no effect: this version does not serve the OpenFaaS routes");
  }
  return warnings;
}
