import { amqpOptions } from "./amqp-options.ts";
import type { OptionGroup } from "./option-rule.ts";
import type { Variables } from "./read-options.ts";

/** They are of use together with `AMQP_URI` only. */
const credentialVariables = ["AMQP_USERNAME", "AMQP_PASSWORD"] as const;

/** Given by a lambdad to the lambdad that it starts, or to a function that may start one. */
const internalVariables = [
  "LAMBDAD_CONTAINER",
  "LAMBDAD_FUNCTION_NODE_OPTIONS",
  "LAMBDAD_INSTANCE",
  "LAMBDAD_RUNTIME_CHANNEL_API",
  "LAMBDAD_RUNTIME_CHANNEL_FD",
  "LAMBDAD_RUNTIME_CHANNEL_SOCKET",
  "LAMBDAD_RUNTIME_COMPILE_CACHE",
] as const;

/**
 * What is set but has no effect: one sentence for each, for the log at the start. Values are never
 * in it: some are secrets (INV-10).
 *
 * @param groups - The options that are known, to tell apart the `LAMBDAD_` variables that are not.
 * @param hasBroker - Whether AMQP is on.
 */
export function unservedVariables(
  variables: Variables,
  groups: readonly OptionGroup[],
  hasBroker: boolean,
): readonly string[] {
  const warnings: string[] = [];
  const needBroker = [...credentialVariables, ...variablesOf([amqpOptions])];
  const idle = hasBroker ? [] : needBroker.filter((name) => isSet(variables, name));
  if (idle.length > 0) {
    const have = idle.length === 1 ? "has" : "have";
    warnings.push(`${idle.join(", ")} ${have} no effect without AMQP_URI`);
  }
  if (isSet(variables, "KUBERNETES_INIT_CONTAINER")) {
    warnings.push(
      "KUBERNETES_INIT_CONTAINER has no effect: lambdad does not copy itself; an init container that does it is in deploy/kubernetes of lambdad's repository",
    );
  }
  const known = new Set<string>([...internalVariables, ...variablesOf(groups)]);
  for (const name of Object.keys(variables)) {
    if (name.startsWith("LAMBDAD_") && isSet(variables, name) && !known.has(name)) {
      warnings.push(`${name} has no effect: this command has no variable of that name`);
    }
  }
  return warnings;
}

function variablesOf(groups: readonly OptionGroup[]): readonly string[] {
  return groups.flatMap(({ options }) => Object.values(options).flatMap((rule) => rule.variables));
}

function isSet(variables: Variables, name: string): boolean {
  return (variables[name] ?? "") !== "";
}
