import type { CompactRule, CompactRules } from "./compact-form.ts";

/** A rule set in botocore's form; equal conditions are one object. */
export function readRules(compact: CompactRules | null): unknown {
  if (compact === null) return null;
  const { conditions, rules, ...rest } = compact;
  const expand = ({ conditions: own, rules: inner, ...rule }: CompactRule): unknown => ({
    ...rule,
    conditions: own.map((index) => conditions[index]),
    ...(inner === undefined ? {} : { rules: inner.map(expand) }),
  });
  return { ...rest, rules: rules.map(expand) };
}
