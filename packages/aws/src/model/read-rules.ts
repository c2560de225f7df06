import type { CompactRule, CompactRules } from "./compact-form.ts";

/**
 * A rule set in botocore's form; equal conditions are one object. Rules within rules are read when
 * they are first looked at: of S3's 300, a call needs 30.
 */
export function readRules(compact: CompactRules | null): unknown {
  if (compact === null) return null;
  const { conditions, rules, ...rest } = compact;
  const expand = ({ conditions: own, rules: inner, ...rule }: CompactRule): unknown => {
    const fitting = own.map((index) => conditions[index]);
    if (inner === undefined) return { ...rule, conditions: fitting };
    let expanded: unknown[] | undefined;
    return {
      ...rule,
      conditions: fitting,
      get rules(): unknown[] {
        expanded ??= inner.map(expand);
        return expanded;
      },
    };
  };
  return { ...rest, rules: rules.map(expand) };
}
