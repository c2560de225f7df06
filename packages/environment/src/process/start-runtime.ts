import { runtimeChannelApiVariable } from "@lambdad/core";
import type { EnvironmentOptions } from "../environment-options.ts";
import type { RuntimeApi } from "../runtime/runtime-api.ts";
import { connectChannel } from "../runtime/runtime-channel-connection.ts";
import { EnvironmentProcess, type EnvironmentProcessOptions } from "./environment-process.ts";

/** What an environment hears from its runtime's process. */
export type RuntimeProcessEvents = Pick<
  EnvironmentProcessOptions,
  "onOutput" | "onLogFrames" | "onExit" | "onSpawnError"
>;

/** An executable that exists, and the variables of its process. */
export interface RuntimeLaunch {
  readonly executable: string;
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * Starts the runtime of an environment, and connects its channel to the API when it has one.
 *
 * @throws when the kernel refuses at once: E2BIG, ETXTBSY, ENOMEM. Other refusals come as an event.
 */
export function startRuntime(
  { executable, variables }: RuntimeLaunch,
  environment: EnvironmentOptions & { readonly number: number; readonly api: RuntimeApi },
  events: RuntimeProcessEvents,
): EnvironmentProcess {
  const { command, concurrency, launcher, poolMark, number, api } = environment;
  const { args, cwd } = command;
  const runtime = new EnvironmentProcess({
    executable,
    args,
    cwd,
    variables: command.channel ? withChannelApi(variables) : variables,
    mark: `${poolMark}${number}`,
    channel: command.channel,
    launcher,
    ...events,
    // With several invocations at once a runtime has several processes or threads, whose frames would
    // get mixed up on one descriptor: AWS gives each its own there (spec runtime-api §16).
    onLogFrames: concurrency !== undefined ? undefined : events.onLogFrames,
  });
  const { channel } = runtime;
  if (channel !== undefined) connectChannel(channel, api, () => runtime.signal("SIGKILL"));
  return runtime;
}

/** Says whose calls the channel carries, so that the runtime notices a proxy in between. */
function withChannelApi(variables: Readonly<Record<string, string>>): Record<string, string> {
  return { ...variables, [runtimeChannelApiVariable]: variables["AWS_LAMBDA_RUNTIME_API"] ?? "" };
}
