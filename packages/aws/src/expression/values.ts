/** The member of an object, if it has it itself: names from an expression never reach a prototype. */
export function member(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  if (!Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name] ?? undefined;
}

/** JMESPath's truth: absent, `false` and everything empty is false; 0 is true. */
export function isTrue(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === "") return false;
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === "object" && !(value instanceof Date)) return Object.keys(value).length > 0;
  return true;
}

/** Equality by content. Longs that are `bigint` equal the number of the same value. */
export function equalValues(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if ((one ?? undefined) === undefined) return (other ?? undefined) === undefined;
  if (typeof one === "bigint" || typeof other === "bigint") {
    // oxlint-disable-next-line eqeqeq -- compares a bigint with a number exactly
    return isNumeric(one) && isNumeric(other) && one == other;
  }
  if (typeof one !== "object" || typeof other !== "object" || other === null) return false;
  if (one instanceof Date || other instanceof Date) {
    return one instanceof Date && other instanceof Date && one.getTime() === other.getTime();
  }
  if (Array.isArray(one) || Array.isArray(other)) {
    return (
      Array.isArray(one) &&
      Array.isArray(other) &&
      one.length === other.length &&
      one.every((item, index) => equalValues(item, other[index]))
    );
  }
  const keys = Object.keys(one as object);
  return (
    keys.length === Object.keys(other).length &&
    keys.every(
      (key) => Object.hasOwn(other, key) && equalValues(member(one, key), member(other, key)),
    )
  );
}

/** Whether a value can be ordered: JMESPath orders numbers only. */
export function isNumeric(value: unknown): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

/**
 * JMESPath's `length`: items, members, or characters. Of something absent it is 0: where AWS leaves an
 * empty list out, JMESPath itself would fail.
 */
export function lengthOf(value: unknown): number | undefined {
  if (value === undefined || value === null) return 0;
  if (Array.isArray(value)) return value.length;
  if (typeof value === "string") return Array.from(value).length;
  return typeof value === "object" ? Object.keys(value).length : undefined;
}
