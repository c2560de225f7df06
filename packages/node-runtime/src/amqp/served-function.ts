import { randomBytes } from "node:crypto";
import type { FunctionConfiguration } from "@lambdad/core";
import {
  type AmqpDoorOptions,
  checkFunctionQueue,
  type FunctionQueue,
  parseAddress,
  topologyOf,
} from "@lambdad/invoke-amqp";
import type { FunctionEnvironment } from "../invocation-context.ts";
import type { FunctionModule } from "./function-module.ts";
import type { RuntimeOptions, Variables } from "./parse-command.ts";
import { UsageError } from "./usage-error.ts";

/** What stands for a function on a queue. */
export interface ServedFunction {
  readonly configuration: FunctionConfiguration;
  readonly environment: FunctionEnvironment;
  readonly queue: Pick<AmqpDoorOptions, "queue" | "topology">;
  /** As it is shown: the queue's name, or the address. */
  readonly queueName: string;
  /** What an address asks for without effect: one sentence each, for the log. */
  readonly warnings: readonly string[];
}

const memorySizeMbDefault = "3008";

/**
 * Names the queue and the function. The queue is the one that was asked for, else the module's
 * `QUEUE_NAME`, else the name of the function: `AWS_LAMBDA_FUNCTION_NAME`, else that of the module.
 *
 * @throws {UsageError} for a queue that cannot be.
 */
export function servedFunction(
  module: Pick<FunctionModule, "name" | "queueName">,
  options: RuntimeOptions,
  variables: Variables,
): ServedFunction {
  const variable = (name: string): string | undefined =>
    variables[name] === "" ? undefined : variables[name];
  const named = variable("AWS_LAMBDA_FUNCTION_NAME");
  const queueName = options.queue ?? module.queueName ?? named ?? module.name;
  const { warnings, ...queue } = queueOf(queueName, options, sourceOf(module, options, named));
  const name = named ?? queue.queue?.name ?? queue.topology?.queue.name ?? "";
  const version = variable("AWS_LAMBDA_FUNCTION_VERSION") ?? "$LATEST";
  const memorySize = variable("AWS_LAMBDA_FUNCTION_MEMORY_SIZE") ?? memorySizeMbDefault;
  const configuration: FunctionConfiguration = {
    name: name === "" ? module.name : name,
    version,
    region: variable("AWS_REGION") ?? variable("AWS_DEFAULT_REGION") ?? "us-east-1",
    accountId: variable("AWS_ACCOUNT_ID") ?? "012345678912",
    handler: "",
    memorySizeMb: Number(memorySize),
    timeoutMs: options.timeoutMs,
  };
  const day = new Date().toISOString().slice(0, 10).replaceAll("-", "/");
  const stream = `${day}/[${version}]${randomBytes(16).toString("hex")}`;
  return {
    configuration,
    queue,
    queueName,
    warnings,
    environment: {
      functionVersion: version,
      functionName: configuration.name,
      memoryLimitInMB: memorySize,
      logGroupName: variable("AWS_LAMBDA_LOG_GROUP_NAME") ?? `/aws/lambda/${configuration.name}`,
      logStreamName: variable("AWS_LAMBDA_LOG_STREAM_NAME") ?? stream,
    },
  };
}

/** The variables by which libraries know that they are in a function, and in which. */
export function functionVariables({
  configuration,
  environment,
}: ServedFunction): Readonly<Record<string, string | undefined>> {
  return {
    AWS_LAMBDA_FUNCTION_NAME: configuration.name,
    AWS_LAMBDA_FUNCTION_VERSION: configuration.version,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: environment.memoryLimitInMB,
    AWS_LAMBDA_LOG_GROUP_NAME: environment.logGroupName,
    AWS_LAMBDA_LOG_STREAM_NAME: environment.logStreamName,
  };
}

/** An address has options, or nothing but options: a plain name never begins with `{` or has a `;`. */
function isAddress(text: string): boolean {
  return text.includes(";") || text.trimStart().startsWith("{");
}

function queueOf(
  text: string,
  options: RuntimeOptions,
  source: string,
): ServedFunction["queue"] & Pick<ServedFunction, "warnings"> {
  try {
    if (!isAddress(text)) return { queue: namedQueue(text, options), warnings: [] };
    if (options.profile !== "compat") {
      throw new Error(
        "An address says itself how its queue is declared: leave --queue-profile out",
      );
    }
    const address = parseAddress(text);
    return { topology: topologyOf(address), warnings: address.warnings };
  } catch (error) {
    throw new UsageError([`${source}${(error as Error).message}`], { cause: error });
  }
}

/** What a problem of the queue begins with: nothing where the command line says it. */
function sourceOf(
  { queueName }: Pick<FunctionModule, "queueName">,
  { queue }: RuntimeOptions,
  functionName: string | undefined,
): string {
  if (queue !== undefined) return "";
  if (queueName !== undefined) return "QUEUE_NAME of the module: ";
  if (functionName !== undefined) return "AWS_LAMBDA_FUNCTION_NAME, without --queue: ";
  return "The module's name, without --queue: ";
}

function namedQueue(name: string, options: RuntimeOptions): FunctionQueue {
  const { profile, deadLetterQueue, deliveryLimit, messageTtlMs, lengthMax, consumerPriority } =
    options;
  const queue: FunctionQueue = {
    name,
    profile,
    ...(deadLetterQueue !== undefined && { deadLetterQueue }),
    ...(deliveryLimit !== undefined && { deliveryLimit }),
    ...(messageTtlMs !== undefined && { messageTtlMs }),
    ...(lengthMax !== undefined && { lengthMax }),
    ...(consumerPriority !== undefined && { consumerPriority }),
  };
  checkFunctionQueue(queue);
  return queue;
}
