import { randomUUID } from "node:crypto";
import { startPythonHost } from "./amqp-python.ts";
import { DaemonProcess } from "./daemon-process.ts";
import { fixture, repositoryRoot } from "./paths.ts";
import { rawCommand } from "./runtimes.ts";
import { spawnLambdad } from "./start-lambdad.ts";
import { join } from "node:path";

/** What serves the conformance function behind a queue. */
export interface AmqpHostKind {
  readonly name: string;
  /** Not ours: it has the weaknesses of the existing projects. */
  readonly peer: boolean;
  /** The function runs in the process that consumes. */
  readonly inProcess: boolean;
  start(queue: string, options: AmqpHostOptions): Promise<DaemonProcess>;
}

export interface AmqpHostOptions {
  readonly brokerUri: string;
  /** Calls at once. The host in Python takes what comes. */
  readonly concurrency: number;
}

/** How `lambda-runtime` is typed: from source, as in the repository's scripts. */
export const lambdaRuntimeCommand: readonly string[] = [
  process.execPath,
  "--conditions=@lambdad/source",
  join(repositoryRoot, "packages", "node-runtime", "src", "amqp", "main.ts"),
];

const startMs = 30_000;

/** The daemon: the function is a process that asks the Runtime API. */
export const daemonHost: AmqpHostKind = {
  name: "lambdad",
  peer: false,
  inProcess: false,
  start(queue, { brokerUri, concurrency }) {
    const args = [`--max-concurrency=${concurrency}`, "--timeout=30", ...rawCommand];
    const env = { AMQP_URI: brokerUri, AWS_LAMBDA_FUNCTION_NAME: queue };
    return consuming(spawnLambdad(args, env), queue);
  },
};

/** The in-process runtime. */
export const runtimeHost: AmqpHostKind = {
  name: "lambda-runtime",
  peer: false,
  inProcess: true,
  start(queue, { brokerUri, concurrency }) {
    const [file = "", ...words] = lambdaRuntimeCommand;
    const options = ["-u", brokerUri, "-q", queue, `--concurrency=${concurrency}`];
    const args = [...words, ...options, fixture("node", "function.mjs")];
    return consuming(new DaemonProcess(file, args), queue);
  },
};

/** The peer: `folder` is where `pika` is installed. */
export function pythonHost(folder: string): AmqpHostKind {
  return {
    name: "a host in Python",
    peer: true,
    inProcess: true,
    start: (queue, { brokerUri }) => startPythonHost(folder, queue, brokerUri),
  };
}

async function consuming(host: DaemonProcess, queue: string): Promise<DaemonProcess> {
  try {
    await host.output.waitFor(new RegExp(`queue '${queue}'`), startMs);
    return host;
  } catch (error) {
    await host.stop();
    throw error;
  }
}

/** A queue of this test alone: the broker may be shared. */
export function uniqueQueue(): string {
  return `conformance-${randomUUID()}`;
}
