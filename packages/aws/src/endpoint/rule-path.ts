import { EndpointError } from "../client/errors.ts";

/** Reads a value's attribute. */
export type PathReader = (value: unknown) => unknown;

/**
 * The rules' `getAttr`: `name`, `a.b`, `resourceId[0]`, `[0]`; a negative index counts from the
 * end. Own members only: `undefined` for everything that is not there.
 */
export function compileRulePath(path: string): PathReader {
  const steps = path.split(".").flatMap((part): (string | number)[] => {
    const match = /^([^[\]]*)((?:\[-?\d+\])*)$/.exec(part);
    if (match === null) {
      throw new EndpointError(`Cannot compile the endpoint rules: path "${path}"`);
    }
    const [, name = "", brackets = ""] = match;
    const indexes = [...brackets.matchAll(/-?\d+/g)].map(([index]) => Number(index));
    return name === "" ? indexes : [name, ...indexes];
  });
  return (value) => {
    let current = value;
    for (const step of steps) current = attribute(current, step);
    return current;
  };
}

function attribute(value: unknown, step: string | number): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  if (typeof step === "number") return Array.isArray(value) ? value.at(step) : undefined;
  return Object.hasOwn(value, step) ? (value as Record<string, unknown>)[step] : undefined;
}
