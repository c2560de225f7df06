import type { ClientOptions } from "../client/options.ts";
import { refuse } from "./setting-source.ts";

/** A rule for the value of one option, and how it is said. */
interface OptionRule {
  readonly rule: string;
  readonly allows: (value: unknown) => boolean;
}

const flag: OptionRule = {
  rule: "it must be true or false",
  allows: (value) => typeof value === "boolean",
};
const func: OptionRule = {
  rule: "it must be a function",
  allows: (value) => typeof value === "function",
};
const numberKinds: ReadonlySet<unknown> = new Set(["auto", "number", "bigint", "string"]);

/** Options that no variable and no key of a profile can give; `retry.quota` is a member of `retry`. */
const rules: Readonly<Record<string, OptionRule>> = {
  generateCode: flag,
  rejectUnauthorized: flag,
  useQueueUrlAsEndpoint: flag,
  proxy: {
    rule: "it must be a URL such as http://proxy:3128, or false",
    allows: (value) => value === false || typeof value === "string",
  },
  logger: {
    rule: "it must have a method `warn`",
    allows: (value) => hasMethod(value, "warn"),
  },
  transport: {
    rule: "it must have a method `send`",
    allows: (value) => hasMethod(value, "send"),
  },
  retry: { rule: "it must be an object", allows: isObject },
  "retry.quota": flag,
  "retry.retryable": func,
  nativeValues: {
    rule: "it must be true, false or an object",
    allows: (value) => typeof value === "boolean" || isObject(value),
  },
  "nativeValues.convertClassInstances": flag,
  "nativeValues.numbers": {
    rule: 'it must be "auto", "number", "bigint", "string" or a function',
    allows: (value) => numberKinds.has(value) || typeof value === "function",
  },
};

/**
 * Refuses options of another kind than they must be: they would do nothing, or fail a later call.
 * @throws ConfigurationError that names the option.
 */
export function checkOptions(options: ClientOptions): void {
  const values = options as Readonly<Record<string, unknown>>;
  for (const [path, { rule, allows }] of Object.entries(rules)) {
    const [name = "", member] = path.split(".");
    const whole = values[name];
    const value = member === undefined ? whole : memberOf(whole, member);
    if (value === undefined || allows(value)) continue;
    const shown = typeof value === "object" && value !== null ? "an object" : value;
    throw refuse({ value: shown, source: `the option "${path}"` }, rule);
  }
}

function memberOf(whole: unknown, name: string): unknown {
  return (whole as Readonly<Record<string, unknown>> | undefined)?.[name];
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

function hasMethod(value: unknown, name: string): boolean {
  const given = value as Readonly<Record<string, unknown>> | null;
  return typeof given?.[name] === "function";
}
