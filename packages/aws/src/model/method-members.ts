/** The method of an operation, paginator or waiter: its name with the first letter lowered. */
export function methodName(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

/**
 * An object with a member for each of a model's names, called as the name's method. The names are
 * asked for when a member first is, and a member is made when it is first asked for.
 */
export function methodMembers<T>(
  names: () => readonly string[],
  make: (name: string) => T | undefined,
): Readonly<Record<string, T>> {
  let byMethod: ReadonlyMap<string, string> | undefined;
  const made = new Map<string, T | undefined>();
  const find = (method: string): T | undefined => {
    byMethod ??= new Map(names().map((name) => [methodName(name), name]));
    const name = byMethod.get(method);
    if (name === undefined) return undefined;
    if (!made.has(method)) made.set(method, make(name));
    return made.get(method);
  };
  return new Proxy<Record<string, T>>(Object.create(null) as never, {
    get: (_, name) => (typeof name === "string" ? find(name) : undefined),
    has: (_, name) => typeof name === "string" && find(name) !== undefined,
  });
}
