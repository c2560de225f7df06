#!/usr/bin/env node
// `lambda-runtime [OPTION…] [MODULE[:HANDLER]]`: the executable.
import { exitOnOldNode } from "./exit-on-old-node.ts";
import { helpText } from "./help-text.ts";
import { ownVersion } from "./own-version.ts";
import { parseCommand, type RuntimeCommand } from "./parse-command.ts";
import { UsageError, usageText } from "./usage-error.ts";

const usageExitCode = 2;

function commandOrExit(): RuntimeCommand {
  try {
    return parseCommand(process.argv.slice(2), process.env);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(usageText(error));
    return process.exit(usageExitCode);
  }
}

exitOnOldNode();
const command = commandOrExit();
switch (command.kind) {
  case "help":
    process.stdout.write(helpText());
    break;
  case "version":
    process.stdout.write(`lambda-runtime ${ownVersion()}\n`);
    break;
  case "run": {
    const { runCommand } = await import("./run-command.ts");
    await runCommand(command.module, command.options);
    break;
  }
  default:
    command satisfies never;
}
