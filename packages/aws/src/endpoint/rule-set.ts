import { EndpointError } from "../client/errors.ts";
import type { Partitions } from "./partitions.ts";
import {
  type Expression,
  type Names,
  type RuleCall,
  type RuleContext,
  type Scope,
  compileCall,
  compileExpression,
  compileTemplate,
} from "./rule-expression.ts";
import { isTrue, ruleFunctions } from "./rule-functions.ts";

/** A service's rules in botocore's form (`endpoint-rule-set-1.json`). */
export interface EndpointRuleSet {
  readonly version: string;
  readonly parameters: Readonly<Record<string, RuleParameter>>;
  readonly rules: readonly EndpointRule[];
}

/** A parameter of the rules. */
export interface RuleParameter {
  /** `string`, `boolean` or `stringArray`, in any case. */
  readonly type: string;
  readonly builtIn?: string | undefined;
  readonly default?: unknown;
  readonly required?: boolean | undefined;
}

/** One rule: its conditions, and what holds when they do. */
export interface EndpointRule {
  readonly type: string;
  readonly conditions: readonly RuleCall[];
  readonly rules?: readonly EndpointRule[] | undefined;
  readonly endpoint?: RuleEndpointSource | undefined;
  readonly error?: unknown;
}

interface RuleEndpointSource {
  readonly url: unknown;
  readonly properties?: Readonly<Record<string, unknown>> | undefined;
  readonly headers?: Readonly<Record<string, readonly unknown[]>> | undefined;
}

/** What the rules answer with. */
export interface RuleEndpoint {
  readonly url: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, readonly string[]>>;
}

/** Values of the rules' parameters; what is absent has the parameter's default. */
export type EndpointParameters = Readonly<Record<string, unknown>>;

/** A rule set that can be evaluated. */
export interface CompiledRuleSet {
  readonly parameters: ReadonlyMap<string, RuleParameter>;
  /** @throws EndpointError with the rules' message, for parameters of the wrong type, and for malformed rules. */
  evaluate(parameters: EndpointParameters): RuleEndpoint;
}

type CompiledRule = (scope: Scope) => RuleEndpoint | undefined;

/**
 * Compiles a rule set to closures. Every variable has a slot of its own, so that what a rule
 * assigned before it failed cannot be seen by the rules after it.
 *
 * Rules are compiled when they are first reached.
 */
export function compileRuleSet(ruleSet: EndpointRuleSet, partitions: Partitions): CompiledRuleSet {
  const parameters = new Map(Object.entries(ruleSet.parameters));
  const names = new Map([...parameters.keys()].map((name, slot) => [name, slot]));
  let slots = names.size;
  const context: RuleContext = {
    functions: ruleFunctions(partitions),
    newSlot: () => slots++,
  };
  const rules = compileRules(context, names, ruleSet.rules);
  const fillers = [...parameters].map(([name, parameter]) => compileParameter(name, parameter));
  return {
    parameters,
    evaluate(values) {
      const scope = fillers.map((fill) => fill(values));
      const endpoint = rules(scope);
      if (endpoint !== undefined) return endpoint;
      throw new EndpointError("Cannot resolve the endpoint: no rule fits the configuration");
    },
  };
}

function compileParameter(
  name: string,
  parameter: RuleParameter,
): (values: EndpointParameters) => unknown {
  const type = parameter.type.toLowerCase();
  return (values) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined || value === null) {
      if (parameter.default !== undefined) return parameter.default;
      if (parameter.required !== true) return undefined;
      throw new EndpointError(`Cannot resolve the endpoint: parameter "${name}" has no value`);
    }
    if (typeof value === type || (type === "stringarray" && isTextArray(value))) return value;
    const message = `Cannot resolve the endpoint: parameter "${name}" must be a ${parameter.type}`;
    throw new EndpointError(message);
  };
}

function isTextArray(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

/** The first rule that answers. Compiled when they are first asked: most of S3's never are. */
function compileRules(
  context: RuleContext,
  names: Map<string, number>,
  rules: readonly EndpointRule[],
): CompiledRule {
  const compiled: CompiledRule[] = [];
  return (scope) => {
    for (const [index, rule] of rules.entries()) {
      const endpoint = (compiled[index] ??= compileRule(context, names, rule))(scope);
      if (endpoint !== undefined) return endpoint;
    }
    return undefined;
  };
}

/** Compiles its parts when they are reached: most rules fail at their first condition. */
function compileRule(
  context: RuleContext,
  outer: Map<string, number>,
  rule: EndpointRule,
): CompiledRule {
  const assigns = rule.conditions.some(({ assign }) => assign !== undefined);
  const names = assigns ? new Map(outer) : outer;
  const conditions: Expression[] = [];
  let consequence: CompiledRule | undefined;
  return (scope) => {
    for (const [index, call] of rule.conditions.entries()) {
      const condition = (conditions[index] ??= compileCondition(context, names, call));
      if (!isTrue(condition(scope))) return undefined;
    }
    return (consequence ??= compileConsequence(context, names, rule))(scope);
  };
}

/** A condition can name its result for the conditions and rules after it. */
function compileCondition(
  context: RuleContext,
  names: Map<string, number>,
  call: RuleCall,
): Expression {
  const value = compileCall(context, names, call);
  if (call.assign === undefined) return value;
  const slot = context.newSlot();
  names.set(call.assign, slot);
  return (scope) => (scope[slot] = value(scope));
}

function compileConsequence(
  context: RuleContext,
  names: Map<string, number>,
  rule: EndpointRule,
): CompiledRule {
  if (rule.rules !== undefined) return compileRules(context, names, rule.rules);
  if (rule.endpoint !== undefined) return compileEndpoint(context, names, rule.endpoint);
  if (rule.error === undefined) {
    throw new EndpointError(`Cannot compile the endpoint rules: unknown rule "${rule.type}"`);
  }
  const message = compileExpression(context, names, rule.error);
  return (scope) => {
    throw new EndpointError(String(message(scope)));
  };
}

function compileEndpoint(
  context: RuleContext,
  names: Names,
  source: RuleEndpointSource,
): CompiledRule {
  const url = compileExpression(context, names, source.url);
  const properties = compileTree(context, names, source.properties ?? {});
  const headers = compileTree(context, names, source.headers ?? {});
  return (scope) => ({
    url: String(url(scope)),
    properties: properties(scope) as RuleEndpoint["properties"],
    headers: headers(scope) as RuleEndpoint["headers"],
  });
}

/** Properties and headers: any JSON value with templates in it. */
function compileTree(context: RuleContext, names: Names, source: unknown): Expression {
  if (typeof source === "string") return compileTemplate(names, source);
  if (Array.isArray(source)) {
    const items = source.map((item) => compileTree(context, names, item));
    return (scope) => items.map((item) => item(scope));
  }
  if (typeof source !== "object" || source === null) return () => source;
  if ("ref" in source || "fn" in source) return compileExpression(context, names, source);
  const members = Object.entries(source).map(
    ([key, value]) => [key, compileTree(context, names, value)] as const,
  );
  return (scope) => Object.fromEntries(members.map(([key, value]) => [key, value(scope)]));
}
