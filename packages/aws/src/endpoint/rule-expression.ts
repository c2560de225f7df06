import { EndpointError } from "../client/errors.ts";
import type { RuleFunction } from "./rule-functions.ts";
import { compileRulePath } from "./rule-path.ts";

/** Values of parameters and variables while rules are evaluated, by slot. */
export type Scope = unknown[];

/** A compiled expression of the rules. */
export type Expression = (scope: Scope) => unknown;

/** The slots of the names that can be seen at one place of the rules. */
export type Names = ReadonlyMap<string, number>;

/** What the compiler of a rule set knows everywhere. */
export interface RuleContext {
  readonly functions: ReadonlyMap<string, RuleFunction>;
  /** A slot for one more variable. */
  newSlot(): number;
}

/** A call in botocore's form. */
export interface RuleCall {
  readonly fn: string;
  readonly argv: readonly unknown[];
  /** Name of the variable that keeps the result. */
  readonly assign?: string | undefined;
}

/** Compiles a literal, a template, a reference, a call, or a list of these. */
export function compileExpression(context: RuleContext, names: Names, source: unknown): Expression {
  if (typeof source === "string") return compileTemplate(names, source);
  if (Array.isArray(source)) {
    const items = source.map((item) => compileExpression(context, names, item));
    return (scope) => items.map((item) => item(scope));
  }
  if (typeof source === "object" && source !== null) {
    if ("ref" in source) return compileReference(names, String(source.ref));
    if (isCall(source)) return compileCall(context, names, source);
  }
  return () => source;
}

/** Compiles a call; keeping its result is the caller's part. */
export function compileCall(context: RuleContext, names: Names, call: RuleCall): Expression {
  const argv = call.argv.map((argument) => compileExpression(context, names, argument));
  const [first = unset, second = unset] = argv;
  if (call.fn === "getAttr") {
    const read = compileRulePath(String(call.argv[1]));
    return (scope) => read(first(scope));
  }
  const apply = context.functions.get(call.fn);
  if (apply === undefined) {
    throw new EndpointError(`Cannot compile the endpoint rules: unknown function "${call.fn}"`);
  }
  if (argv.length === 1) return (scope) => apply(first(scope));
  if (argv.length === 2) return (scope) => apply(first(scope), second(scope));
  return (scope) => apply(...argv.map((argument) => argument(scope)));
}

/** Text with `{name}` and `{name#attribute}` in it; `{{` and `}}` are braces. */
export function compileTemplate(names: Names, text: string): Expression {
  if (!text.includes("{") && !text.includes("}")) return () => text;
  const parts: (string | Expression)[] = [];
  for (const [piece] of text.matchAll(/\{\{|\}\}|\{[^{}]*\}|[^{}]+|[{}]/g)) {
    if (piece === "{{" || piece === "}}") parts.push(piece.charAt(0));
    else if (piece.length > 2 && piece.startsWith("{")) {
      parts.push(compilePlaceholder(names, piece.slice(1, -1)));
    } else parts.push(piece);
  }
  if (parts.every((part) => typeof part === "string")) {
    const constant = parts.join("");
    return () => constant;
  }
  return (scope) => {
    let result = "";
    for (const part of parts) result += typeof part === "string" ? part : String(part(scope));
    return result;
  };
}

function compilePlaceholder(names: Names, source: string): Expression {
  const [name = "", ...path] = source.split("#");
  const reference = compileReference(names, name);
  const read = path.length === 0 ? undefined : compileRulePath(path.join("."));
  return (scope) => {
    const value = read === undefined ? reference(scope) : read(reference(scope));
    if (value !== undefined && value !== null) return value;
    throw new EndpointError(`Cannot resolve the endpoint: "${source}" has no value`);
  };
}

function compileReference(names: Names, name: string): Expression {
  const slot = names.get(name);
  if (slot === undefined) {
    throw new EndpointError(`Cannot compile the endpoint rules: unknown name "${name}"`);
  }
  return (scope) => scope[slot];
}

function unset(): undefined {
  return undefined;
}

function isCall(source: object): source is RuleCall {
  return "fn" in source && "argv" in source && Array.isArray(source.argv);
}
