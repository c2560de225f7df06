import type { CompactRule, CompactRules } from "../model/compact-form.ts";

/**
 * A rule set without the texts that explain it and the parameters that no rule reads, each condition
 * once: S3's rules repeat 115 of them 920 times, and all must be parsed before the first call. A
 * parameter that is not read would have each of its values looked up anew: S3's `Key` is one.
 */
export function compactRules(rules: unknown): CompactRules | null {
  if (typeof rules !== "object" || rules === null) return null;
  const {
    rules: tree = [],
    parameters = {},
    ...rest
  } = withoutDocumentation(rules) as {
    readonly rules?: readonly RuleTree[];
    readonly parameters?: Readonly<Record<string, unknown>>;
  };
  const conditions: unknown[] = [];
  const indexes = new Map<string, number>();
  const indexOf = (condition: unknown): number => {
    const text = JSON.stringify(condition);
    let index = indexes.get(text);
    if (index === undefined) {
      index = conditions.push(condition) - 1;
      indexes.set(text, index);
    }
    return index;
  };
  const compact = ({ conditions: own = [], rules: inner, ...rule }: RuleTree): CompactRule => ({
    conditions: own.map(indexOf),
    ...rule,
    ...(inner === undefined ? {} : { rules: inner.map(compact) }),
  });
  const compacted = tree.map(compact);
  const text = JSON.stringify(tree);
  const read = Object.entries(parameters).filter(([name]) => readsParameter(text, name));
  return { ...rest, parameters: Object.fromEntries(read), conditions, rules: compacted };
}

/** Whether rules read a parameter, as a reference or in a template. */
function readsParameter(rules: string, name: string): boolean {
  return (
    rules.includes(`"ref":${JSON.stringify(name)}`) ||
    rules.includes(`{${name}}`) ||
    rules.includes(`{${name}#`)
  );
}

interface RuleTree {
  readonly conditions?: readonly unknown[];
  readonly rules?: readonly RuleTree[];
}

function withoutDocumentation(rules: unknown): unknown {
  if (Array.isArray(rules)) return rules.map(withoutDocumentation);
  if (typeof rules !== "object" || rules === null) return rules;
  return Object.fromEntries(
    Object.entries(rules)
      .filter(([key, value]) => key !== "documentation" || typeof value !== "string")
      .map(([key, value]) => [key, withoutDocumentation(value)]),
  );
}
