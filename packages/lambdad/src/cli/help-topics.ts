import { daemonGroups } from "../configuration/build-configuration.ts";
import type { OptionGroup } from "../configuration/option-rule.ts";
import { serverGroups } from "../configuration/server-options.ts";
import {
  benchOptions,
  callBrokerOptions,
  generalOptions,
  invokeOptions,
  runOptions,
  targetOptions,
} from "./caller-options.ts";
import { type HelpOptions, renderHelp } from "./help-text.ts";

/** The commands that have options of their own. */
export type CommandName = "daemon" | "run" | "server" | "invoke" | "bench";

/** Groups of options that each command takes, in the order of its help. */
export const commandGroups: Readonly<Record<CommandName, readonly OptionGroup[]>> = {
  daemon: [...daemonGroups, generalOptions],
  run: [runOptions, ...daemonGroups, generalOptions],
  server: [...serverGroups, generalOptions],
  invoke: [targetOptions, invokeOptions, callBrokerOptions, generalOptions],
  bench: [targetOptions, benchOptions, callBrokerOptions, generalOptions],
};

const aboutOptions = [
  "Options win over variables. --option VALUE and --option=VALUE mean the same; true-or-false options",
  "stand alone or take =true or =false. -- ends the options.",
];

const topics: Readonly<Record<CommandName, Omit<HelpOptions, "groups">>> = {
  daemon: {
    usage: [
      "lambdad [options] COMMAND [ARG…]     run a function with this runtime command",
      "lambdad run [options] HANDLER        run a handler: file.export, or a folder with a bootstrap",
      "lambdad server [options]             many functions behind one endpoint",
      "lambdad invoke [options] FUNCTION [PAYLOAD]",
      "lambdad bench [options] FUNCTION",
    ],
    about: [
      "Runs one AWS Lambda function on this machine and answers the Lambda Invoke API. A drop-in for",
      "aws-lambda-rie. Without COMMAND it runs /var/task/bootstrap, /opt/bootstrap or",
      "/var/runtime/bootstrap. With AMQP_URI callers reach the function through a queue, too.",
      "'lambdad run --help' and so on describe the other commands.",
      "",
      ...aboutOptions,
    ],
    closing: [
      "Examples:",
      "  lambdad python3 -m awslambdaric app.handler",
      "  lambdad run --timeout 30 examples/echo/echo.handler",
      "  AMQP_URI=amqp://localhost:5672 lambdad run --max-concurrency 4 app.handler",
      '  lambdad invoke echo \'{"hello":"world"}\'',
      "",
      "Exit codes:",
      "  0    ended by a signal after a graceful stop, or this help",
      "  1    could not start, or failed while it ran",
      "  2    wrong options",
      "  130  a second SIGINT; 143 for SIGTERM",
    ],
  },
  run: {
    usage: ["lambdad run [options] HANDLER"],
    about: [
      "Runs a handler: file.export of a .js, .mjs, .cjs, .ts, .mts, .cts or .py file, such as",
      "src/app.handler, or a folder with an executable named bootstrap.",
      "",
      ...aboutOptions,
    ],
    closing: ["Example:", "  lambdad run --watch --env-file .env src/app.handler"],
  },
  server: {
    usage: ["lambdad server [options]"],
    about: [
      "Answers the Lambda Invoke API for many functions. A function listed with --function runs on this",
      "machine; every other name is a queue of the broker at --amqp-uri, which hosts of the function",
      "consume: 'lambdad' with AMQP_URI, or any program that speaks AMQP-RPC. A name without a queue is",
      "answered with 404. Without a broker only the listed functions are served.",
      "",
      "The options of functions take [NAME=]VALUE: with NAME= for one of them, else for all.",
      "",
      ...aboutOptions,
    ],
    closing: [
      "Examples:",
      "  lambdad server --amqp-uri amqp://localhost:5672",
      "  lambdad server --function echo=src/echo.handler --function sum=src/app.sum --timeout sum=30",
      "  lambdad server --queue-profile orders=quorum   (the broker is in AMQP_URI)",
      "",
      "Exit codes:",
      "  0    ended by a signal after a graceful stop, or this help",
      "  1    could not start: a port is taken, the broker refuses, or there is none and no --function",
      "  2    wrong options",
      "  130  a second SIGINT; 143 for SIGTERM",
    ],
  },
  invoke: {
    usage: [
      "lambdad invoke [options] FUNCTION [PAYLOAD]",
      "lambdad invoke --batch FILE [options] [FUNCTION]",
    ],
    about: [
      "Invokes a function and writes its response to standard output, byte for byte. FUNCTION is a name",
      "or an ARN in any form. PAYLOAD is JSON text, @FILE for the content of a file, or - for standard",
      "input; without it, what is piped to standard input is sent.",
      "",
      "With --batch each line of FILE is a JSON object with a call: FunctionName (if not FUNCTION),",
      "Payload (any JSON), Qualifier, InvocationType, ClientContext. Each line of the output is the",
      "result of the call in the same line of FILE: StatusCode, Payload, FunctionError. The calls are",
      "signed when AWS credentials are in the environment.",
      "",
      ...aboutOptions,
    ],
    closing: [
      "Examples:",
      '  lambdad invoke echo \'{"hello":"world"}\'',
      "  cat event.json | lambdad invoke --log echo | jq .",
      "  lambdad invoke --amqp-uri amqp://localhost:5672 echo '{}'",
      "  lambdad invoke --batch calls.jsonl --concurrency 100 > results.jsonl",
      "",
      "Exit codes:",
      "  0  the function returned, the event was accepted, or the dry run passed",
      "  1  the function failed: its error is on standard output, its type on standard error",
      "  2  wrong options, or the payload could not be read",
      "  3  the function was not run: no connection, no such function, throttled, payload too large",
      "  130  ended by Ctrl-C",
    ],
  },
  bench: {
    usage: ["lambdad bench [options] FUNCTION"],
    about: [
      "Calls a function again and again and prints throughput, errors and a latency table. Latency is",
      "measured from the first byte of the request to the last byte of the response. Ctrl-C ends early",
      "and prints what there is.",
      "",
      ...aboutOptions,
    ],
    closing: [
      "Examples:",
      "  lambdad bench --callers 8 --duration 10 echo",
      "  lambdad bench --callers 64 --count 100000 --payload-size 1048576 --json echo",
      "  lambdad bench --amqp-uri amqp://localhost:5672 --callers 1000 --count 1000000 echo",
      "",
      "Exit codes:",
      "  0  every call succeeded",
      "  1  at least one call failed, in the function or on the way",
      "  2  wrong options, or the payload could not be read",
      "  3  no call reached the function",
    ],
  },
};

/** The help of a command. */
export function helpOf(command: CommandName): string {
  return renderHelp({ ...topics[command], groups: commandGroups[command] });
}
