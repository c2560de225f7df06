import { parseArgs } from "node:util";
import type { QueueProfile } from "@lambdad/invoke-amqp";
import { optionGroups } from "./option-groups.ts";
import { type OptionValue, readRuntimeOption, type RuntimeOption } from "./runtime-option.ts";
import { UsageError } from "./usage-error.ts";

/** Variables as a process has them. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** What a command line asks for. */
export type RuntimeCommand =
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  | {
      readonly kind: "run";
      /** `MODULE[:HANDLER]`; `undefined`: echo. */
      readonly module: string | undefined;
      readonly options: RuntimeOptions;
    };

/** Every option, read. `undefined`: not given; the default is that of the part that it is for. */
export interface RuntimeOptions {
  readonly url: string | undefined;
  readonly queue: string | undefined;
  readonly profile: QueueProfile;
  readonly deadLetterQueue: string | undefined;
  readonly deliveryLimit: number | undefined;
  readonly messageTtlMs: number | undefined;
  readonly lengthMax: number | undefined;
  readonly consumerPriority: number | undefined;
  readonly confirmReplies: boolean;
  readonly atMostOnce: boolean;
  readonly eventRetriesMax: number | undefined;
  readonly concurrency: number;
  /** 0: the main thread. */
  readonly threads: number;
  readonly timeoutMs: number;
  readonly drainMs: number;
  readonly tracing: boolean;
  readonly profiling: boolean;
}

const concurrencyDefault = 1000;
const timeoutMsDefault = 900_000;
const drainMsDefault = 8000;

const rules: ReadonlyMap<string, RuntimeOption> = new Map(
  optionGroups.flatMap(({ options }) => options.map((option) => [option.flag, option] as const)),
);

/**
 * Reads a command line. Its flags win over `presets`, texts by flag, and these over variables.
 *
 * @throws {UsageError} with every problem at once.
 */
export function parseCommand(
  argv: readonly string[],
  variables: Variables,
  presets: Variables = {},
): RuntimeCommand {
  const problems: string[] = [];
  const { flags, words } = splitArguments(argv, problems);
  if (flags.has("help")) return { kind: "help" };
  if (flags.has("version")) return { kind: "version" };
  const values = new Map<string, OptionValue>();
  for (const option of rules.values()) {
    const given = textOf(option, flags, { variables, presets });
    if (given === undefined) continue;
    const read = readRuntimeOption(option, given.text);
    if ("value" in read) {
      values.set(option.flag, read.value);
      continue;
    }
    problems.push(`${given.source} must be ${read.expected}: current value is ${quoted(given)}`);
  }
  const [module, ...others] = words;
  if (others.length > 0) problems.push(`One MODULE can be run: '${others.join(" ")}' is too much`);
  if (module === "") problems.push("MODULE must not be empty");
  const options = optionsOf(values, problems);
  if (problems.length > 0) throw new UsageError(problems);
  return { kind: "run", module, options };
}

interface GivenText {
  /** Flag or variable, as it is written. */
  readonly source: string;
  readonly text: string;
}

/** A URL may hold a password. */
function quoted({ source, text }: GivenText): string {
  return source === "--url" || source === "AMQP_URI" ? "not shown" : `'${text}'`;
}

function textOf(
  option: RuntimeOption,
  flags: ReadonlyMap<string, string>,
  { variables, presets }: { readonly variables: Variables; readonly presets: Variables },
): GivenText | undefined {
  const text = flags.get(option.flag) ?? presets[option.flag];
  if (text !== undefined) return { source: `--${option.flag}`, text };
  for (const name of option.variables ?? []) {
    const value = variables[name];
    if (value !== undefined && value !== "") return { source: name, text: value };
  }
  return undefined;
}

function splitArguments(
  argv: readonly string[],
  problems: string[],
): { flags: ReadonlyMap<string, string>; words: readonly string[] } {
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(Array.from(rules.values(), parserOption)),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const flags = new Map<string, string>();
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") words.push(token.value);
    if (token.kind !== "option") continue;
    const rule = rules.get(token.name);
    const value = token.value ?? (rule?.type === "boolean" ? "true" : undefined);
    if (rule === undefined) problems.push(`Unknown option '${token.rawName}'`);
    else if (value === undefined || (!token.inlineValue && /^-(?!\d)./.test(value))) {
      problems.push(`--${rule.flag} needs a value: ${rule.placeholder}`);
    } else flags.set(rule.flag, value);
  }
  return { flags, words };
}

function parserOption({
  flag,
  short,
  type,
}: RuntimeOption): [string, { type: "boolean" | "string"; short?: string }] {
  const kind = type === "boolean" ? "boolean" : "string";
  return [flag, { type: kind, ...(short === undefined ? {} : { short }) }];
}

function optionsOf(values: ReadonlyMap<string, OptionValue>, problems: string[]): RuntimeOptions {
  const text = (flag: string): string | undefined => values.get(flag) as string | undefined;
  const number = (flag: string): number | undefined => values.get(flag) as number | undefined;
  const isOn = (flag: string): boolean => values.get(flag) === true;
  const profile = (text("queue-profile") ?? "compat") as QueueProfile;
  for (const flag of ["dead-letter-queue", "message-ttl", "queue-length"]) {
    if (profile === "compat" && values.has(flag)) {
      problems.push(`--${flag} needs --queue-profile durable or quorum`);
    }
  }
  if (profile !== "quorum" && values.has("delivery-limit")) {
    problems.push("--delivery-limit needs --queue-profile quorum");
  }
  const threads = number("threads") ?? 0;
  return {
    url: text("url"),
    queue: text("queue"),
    profile,
    deadLetterQueue: text("dead-letter-queue"),
    deliveryLimit: number("delivery-limit"),
    messageTtlMs: number("message-ttl"),
    lengthMax: number("queue-length"),
    consumerPriority: number("consumer-priority"),
    confirmReplies: isOn("confirm-replies"),
    atMostOnce: isOn("at-most-once"),
    eventRetriesMax: number("event-retries"),
    concurrency: number("concurrency") ?? (threads === 0 ? concurrencyDefault : threads),
    threads,
    timeoutMs: number("timeout") ?? timeoutMsDefault,
    drainMs: number("drain-timeout") ?? drainMsDefault,
    tracing: isOn("tracing"),
    profiling: isOn("profiling"),
  };
}
