/**
 * botocore's `sdk-extras`: the object at `merge` is laid over the model, objects member by member,
 * anything else replaced.
 */
export function mergeExtras(model: unknown, extras: unknown): unknown {
  return isRecord(extras) ? merge(model, extras["merge"]) : model;
}

function merge(base: unknown, over: unknown): unknown {
  if (over === undefined) return base;
  if (!isRecord(base) || !isRecord(over)) return over;
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) merged[key] = merge(merged[key], value);
  return merged;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
