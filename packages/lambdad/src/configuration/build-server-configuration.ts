import { boundOptions } from "./bound-options.ts";
import { eventsOf, hostedFunction, invokeApiOf } from "./configuration-parts.ts";
import { eventOptions } from "./event-options.ts";
import { FunctionScope } from "./function-scope.ts";
import { logOptions } from "./log-options.ts";
import type { OptionRule, ValuesOf } from "./option-rule.ts";
import { quoted } from "./quoted.ts";
import { readBrokerOptions } from "./read-amqp-options.ts";
import { isGiven, type OptionSource, readOptions } from "./read-options.ts";
import type {
  LocalFunction,
  QueueProfileName,
  QueuesConfiguration,
  ServerConfiguration,
} from "./server-configuration.ts";
import { localFunctionOptions, serverDoorOptions, serverOptions } from "./server-options.ts";

/** What a server waits for a queue, in milliseconds (spec amqp-rpc §9). */
const queueTimeoutMsDefault = 1_800_000;

/** What a function of this machine may take, in milliseconds: default and most (AWS). */
const localTimeoutMsDefault = 3_000;
const localTimeoutMsMax = 900_000;

const scopedRules: readonly OptionRule[] = [
  serverOptions.options.timeout,
  ...Object.values(localFunctionOptions.options),
];

const nothingToServe =
  "There is nothing to serve: give --amqp-uri or AMQP_URI for functions behind queues, --function NAME=HANDLER for functions of this machine, or both";

/**
 * Reads the server's options into its configuration. Pure. What is wrong is added to `problems`; the
 * configuration is of use only when there are none.
 *
 * @param hostDefault - Address of the Invoke API when none is given.
 */
export function buildServerConfiguration(
  source: OptionSource,
  hostDefault: string,
  problems: string[],
): ServerConfiguration {
  const found: string[] = [];
  const handlers = handlersOf(source, found);
  const names = [...handlers.keys()];
  const scope = new FunctionScope(source, scopedRules, names);
  found.push(...scope.problems);
  found.push(...filesOfNobody(source, names));
  const shared = readOptions(serverOptions, scope.shared, found);
  const door = readOptions(serverDoorOptions, source, found);
  const bounds = readOptions(boundOptions, source, found);
  const broker = readBrokerOptions(source, found);
  if (broker === undefined) {
    if (names.length === 0) found.push(nothingToServe);
    if (source.flags.has("queue-profile")) {
      found.push("--queue-profile needs --amqp-uri or AMQP_URI");
    }
  }
  const functions = names.map((name): LocalFunction => {
    const own = scope.of(name);
    const lambda = readOptions(localFunctionOptions, own, found);
    const configuration = hostedFunction({
      name,
      handler: lambda.handler ?? "",
      lambda: {
        ...lambda,
        envFiles: [...lambda.envFiles, ...ownFiles(lambda.ownEnvFiles, name)],
        timeout: localTimeout(name, scope, found),
        region: shared.region,
        accountId: shared.accountId,
      },
      memoryEnforced: isGiven(localFunctionOptions.options.memory, own),
      bounds,
    });
    return { handler: handlers.get(name) ?? "", configuration };
  });
  const profiles = profilesOf(shared.profiles);
  const configuration = {
    invokeApi: invokeApiOf(
      { host: door.host ?? hostDefault, port: door.port },
      door.allowOrigins,
      bounds,
    ),
    runtimeApiHost: door.runtimeApiHost,
    log: readOptions(logOptions, source, found),
    events: eventsOf(readOptions(eventOptions, source, found)),
    drainTimeoutMs: bounds.drainTimeout,
    metrics: door.metrics,
    place: { region: shared.region, accountId: shared.accountId },
    functions,
    queues:
      broker === undefined
        ? undefined
        : { broker, timeoutMs: shared.timeout ?? queueTimeoutMsDefault, ...profiles },
  };
  // One shared value can be wrong for each function.
  problems.push(...new Set(found));
  return configuration;
}

/** `--function NAME=HANDLER`, in order. What has not this form is told of with the other options. */
function handlersOf(source: OptionSource, problems: string[]): ReadonlyMap<string, string> {
  const handlers = new Map<string, string>();
  for (const text of readOptions(serverOptions, source, []).functions) {
    const equals = text.indexOf("=");
    const name = text.slice(0, Math.max(0, equals));
    if (handlers.has(name)) problems.push(`--function is given twice for ${quoted(name)}`);
    handlers.set(name, text.slice(equals + 1));
  }
  return handlers;
}

/** A limit for all may be that of queues, and is cut; one for this function may not be too large. */
function localTimeout(name: string, scope: FunctionScope, problems: string[]): number {
  const [own, shared] = [scope.of(name), scope.shared];
  const { timeout = localTimeoutMsDefault } = readOptions(serverOptions, own, problems);
  const texts = own.flags.get("timeout") ?? [];
  const isOwn = texts.length > (shared.flags.get("timeout") ?? []).length;
  if (isOwn && timeout > localTimeoutMsMax) {
    const most = localTimeoutMsMax / 1000;
    problems.push(`--timeout of ${quoted(name)} must be at most ${most}: it runs on this machine`);
  }
  return Math.min(timeout, localTimeoutMsMax);
}

/** `--function-env-file NAME=FILE` */
function ownFiles(texts: readonly string[], name: string): readonly string[] {
  return texts
    .filter((text) => text.startsWith(`${name}=`))
    .map((text) => text.slice(name.length + 1));
}

function filesOfNobody(source: OptionSource, names: readonly string[]): readonly string[] {
  return readOptions(localFunctionOptions, source, [])
    .ownEnvFiles.map((text) => text.slice(0, Math.max(0, text.indexOf("="))))
    .filter((name) => name !== "" && !names.includes(name))
    .map((name) => `--function-env-file is given for ${quoted(name)}: no --function has that name`);
}

/** `--queue-profile [NAME=]PROFILE`: the last one for each name counts. */
function profilesOf(
  texts: ValuesOf<typeof serverOptions.options>["profiles"],
): Pick<QueuesConfiguration, "profile" | "profiles"> {
  let profile: QueueProfileName = "compat";
  const profiles = new Map<string, QueueProfileName>();
  for (const text of texts) {
    const equals = text.lastIndexOf("=");
    // Checked with the other options.
    const value = text.slice(equals + 1).toLowerCase() as QueueProfileName;
    if (equals < 0) profile = value;
    else profiles.set(text.slice(0, equals), value);
  }
  return { profile, profiles };
}
