import type { EnvironmentOptions } from "../environment-options.ts";
import type { LaunchPlan } from "./launch-plan.ts";
import type { RuntimeApi } from "../runtime/runtime-api.ts";
import { connectChannel } from "../runtime/runtime-channel-connection.ts";
import { EnvironmentProcess, type EnvironmentProcessOptions } from "./environment-process.ts";

/** What an environment hears from its runtime's process. */
export type RuntimeProcessEvents = Pick<
  EnvironmentProcessOptions,
  "onOutput" | "onExit" | "onSpawnError"
>;

/**
 * Starts the runtime of an environment, and connects its channel to the API when it has one.
 *
 * @throws when the kernel refuses at once: E2BIG, ETXTBSY, ENOMEM. Other refusals come as an event.
 */
export function startRuntime(
  { executable, variables }: LaunchPlan,
  environment: EnvironmentOptions & { readonly number: number; readonly api: RuntimeApi },
  events: RuntimeProcessEvents,
): EnvironmentProcess {
  const { command, launcher, daemonMark, number, api } = environment;
  const { args, cwd } = command;
  const runtime = new EnvironmentProcess({
    executable,
    args,
    cwd,
    variables,
    mark: `${daemonMark}${number}`,
    channel: command.channel,
    launcher,
    ...events,
  });
  const { channel } = runtime;
  if (channel !== undefined) connectChannel(channel, api, () => runtime.signal("SIGKILL"));
  return runtime;
}
