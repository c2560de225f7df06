/**
 * How the text of an option is read.
 *
 * - `integer`: digits, within `min` and `max`.
 * - `seconds`: digits with at most three decimals, within `min` and `max`; the value is milliseconds.
 * - `boolean`: `true`, `false`, `1`, `0`, `yes`, `no`, `on`, `off` in any case; a flag alone is `true`.
 * - `choice`: one of `choices`, in any case; the value is spelled as in `choices`.
 * - `text`: anything that `format` allows.
 * - `list`: texts; the flag may be repeated, a variable separates them by commas.
 * - `address`: `HOST:PORT`.
 */
export type OptionType = "integer" | "seconds" | "boolean" | "choice" | "text" | "list" | "address";

/** Names of the checks that texts can be put to; their patterns are in `text-format.ts`. */
export type TextFormat =
  | "functionName"
  | "functionVersion"
  | "qualifier"
  | "region"
  | "accountId"
  | "handler"
  | "functionHandler"
  | "functionFile"
  | "queueProfile"
  | "host"
  | "origin"
  | "url"
  | "variableName"
  | "logName"
  | "folder"
  | "json"
  | "tenantId"
  | "amqpUri"
  | "queue"
  | "queueName"
  | "any";

/**
 * One option. The tables of these drive parsing, checking and `--help`, so that the three cannot
 * disagree.
 */
export interface OptionRule {
  /** Without the dashes. Absent: the option has variables only. */
  readonly flag?: string;
  /** Environment variables that mean the same; the first that is set and not empty counts. */
  readonly variables: readonly string[];
  readonly type: OptionType;
  /** Stands for the value in the help, e.g. `SECONDS`. Absent for booleans. */
  readonly placeholder?: string;
  /** The value may be a secret, and is in no message (INV-10). */
  readonly secret?: true;
  /** One sentence or two. */
  readonly help: string;
  /** Of the number, as the help writes it: `s`, `MB`, `B`. */
  readonly unit?: string;
  readonly min?: number;
  readonly max?: number;
  readonly choices?: readonly string[];
  /** Other spellings of the choices, in lower case. */
  readonly synonyms?: Readonly<Record<string, string>>;
  readonly format?: TextFormat;
  /** In the unit of the option. Absent: the value is `undefined` unless given. */
  readonly default?: number | string | boolean;
  /** What holds when the option is not given and there is no plain default. */
  readonly defaultText?: string;
}

/** The name of an option for people: its flag, or its variable when it has no flag. */
export function nameOf({ flag, variables }: OptionRule): string {
  return flag === undefined ? (variables[0] ?? "") : `--${flag}`;
}

/** Options that belong together, under one heading of the help. */
export interface OptionGroup {
  readonly title: string;
  readonly options: Readonly<Record<string, OptionRule>>;
}

/** Where to listen or to connect. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

interface ValueTypes {
  readonly integer: number;
  readonly seconds: number;
  readonly boolean: boolean;
  readonly choice: string;
  readonly text: string;
  readonly list: readonly string[];
  readonly address: Address;
}

type GivenValue<Rule extends OptionRule> = Rule extends {
  readonly choices: readonly (infer Choice)[];
}
  ? Choice
  : ValueTypes[Rule["type"]];

/** The value of one option: never `undefined` when it has a default or is a list. */
export type ValueOf<Rule extends OptionRule> = Rule extends {
  readonly default: number | string | boolean;
}
  ? GivenValue<Rule>
  : Rule extends { readonly type: "list" }
    ? readonly string[]
    : GivenValue<Rule> | undefined;

/** The values of a table of options, under the keys of the table. */
export type ValuesOf<Options extends Readonly<Record<string, OptionRule>>> = {
  readonly [Key in keyof Options]: ValueOf<Options[Key]>;
};
