/**
 * The first difference between two values, as one line; `undefined` when they are equal. Arrays are
 * compared in order, objects by their keys whatever their order; symbols do not count.
 */
export function differenceOf(actual: unknown, expected: unknown, path = ""): string | undefined {
  if (Object.is(actual, expected)) return undefined;
  const where = path === "" ? "value" : path;
  if (Array.isArray(expected) && Array.isArray(actual)) {
    const length = Math.max(actual.length, expected.length);
    for (let at = 0; at < length; at++) {
      const found = differenceOf(actual[at], expected[at], `${path}[${at}]`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (isObject(expected) && isObject(actual)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
      const [a, b] = [own(actual, key), own(expected, key)];
      const found = differenceOf(a, b, path === "" ? key : `${path}.${key}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  return `${where} is ${shown(actual)}, expected ${shown(expected)}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function own(value: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

/** A value on one line, cut when it is long. */
export function shown(value: unknown): string {
  const text = value === undefined ? "absent" : JSON.stringify(value, withBigints);
  return text.length > 400 ? `${text.slice(0, 400)}…` : text;
}

function withBigints(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}n` : value;
}
