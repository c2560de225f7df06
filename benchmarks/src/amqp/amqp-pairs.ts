import { fileURLToPath } from "node:url";
import type { Subject, SubjectRole } from "../subject/subject.ts";

/** A caller, a host, and a queue between them. */
export interface AmqpPair {
  readonly name: string;
  readonly role: SubjectRole;
  readonly queue: string;
  /** Command of what consumes the queue. */
  readonly program?: readonly string[];
  /** What listens for HTTP: the host as well when there is no `program`, else what is in front of it. */
  readonly listener?: { readonly subject: Subject; readonly runtime: readonly string[] };
  /** Command of the caller; absent: the load generator, by HTTP to the listener. */
  readonly caller?: readonly string[];
  /** Scenarios with more bytes in flight are not for it. */
  readonly bytesInFlightMax?: number;
}

/** Names by which the report and the budgets find a pair. */
export const pairNames = {
  runtime: "lambda-runtime",
  runtimeJson: "lambda-runtime, JSON",
  daemonNode: "lambdad, own Node runtime",
  daemonGo: "lambdad, Go runtime",
  server: "lambdad server, HTTP",
  bare: "bare amqplib",
  pika: "pika asyncio",
} as const;

/** Bodies that the Invoke API holds at once; it refuses further ones with 503. */
const invokeApiBytesMax = 536_870_912;

export interface AmqpPairsOptions {
  readonly node: string;
  readonly lambdad: readonly string[];
  readonly goRuntime: readonly string[] | undefined;
  /** Python of the environment with pika; `undefined`: there is none. */
  readonly pikaPython: string | undefined;
  readonly uri: string;
}

/** Our own first, then the least that a pair must do, then the pair in Python. */
export function amqpPairs(options: AmqpPairsOptions): AmqpPair[] {
  const { node, lambdad, goRuntime, pikaPython, uri } = options;
  const sources = [node, "--conditions=@lambdad/source"];
  const runtime = [...sources, path("../../packages/node-runtime/src/amqp/main.ts")];
  const rpcCaller = [...sources, path("amqp/rpc-caller.ts"), uri];
  const json = "application/json";
  const daemon = (name: string, queue: string, command: readonly string[]): AmqpPair => ({
    name,
    role: "lambdad",
    queue,
    listener: {
      subject: {
        name,
        role: "lambdad",
        command: lambdad,
        runtimes: {},
        variables: { AMQP_URI: uri, AWS_LAMBDA_FUNCTION_NAME: queue },
      },
      runtime: command,
    },
    caller: [...rpcCaller, queue, json],
  });
  const { runtime: own, runtimeJson, daemonNode, daemonGo, server, bare, pika } = pairNames;
  return [
    {
      name: own,
      role: "lambdad",
      queue: "runtime",
      program: [...runtime, "-u", uri, "-q", "runtime"],
      caller: [...rpcCaller, "runtime"],
    },
    {
      name: runtimeJson,
      role: "lambdad",
      queue: "runtime-json",
      program: [...runtime, "-u", uri, "-q", "runtime-json"],
      caller: [...rpcCaller, "runtime-json", json],
    },
    daemon(daemonNode, "daemon-node", ["run", path("../../examples/echo/echo.handler")]),
    ...(goRuntime === undefined ? [] : [daemon(daemonGo, "daemon-go", goRuntime)]),
    {
      name: server,
      role: "lambdad",
      // The load generator calls a function of this name.
      queue: "echo",
      bytesInFlightMax: invokeApiBytesMax,
      program: [...runtime, "-u", uri, "-q", "echo"],
      listener: {
        subject: {
          name: server,
          role: "lambdad",
          command: lambdad,
          runtimes: {},
          variables: { AMQP_URI: uri },
        },
        runtime: ["server"],
      },
    },
    {
      name: bare,
      role: "floor",
      queue: "bare",
      program: [node, path("amqp/bare-host.ts"), uri, "bare"],
      caller: [node, path("amqp/bare-caller.ts"), uri, "bare"],
    },
    ...(pikaPython === undefined ? [] : [pikaPair(pika, pikaPython, uri)]),
  ];
}

function pikaPair(name: string, python: string, uri: string): AmqpPair {
  const [host, caller] = [path("../pika-pair/host.py"), path("../pika-pair/caller.py")];
  return {
    name,
    role: "peer",
    queue: "pika",
    program: [python, host, uri, "pika"],
    caller: [python, caller, uri, "pika"],
  };
}

/** Path of a file, from `benchmarks/src`. */
function path(relative: string): string {
  return fileURLToPath(new URL(`../${relative}`, import.meta.url));
}
