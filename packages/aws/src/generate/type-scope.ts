import type { C2jService } from "./c2j.ts";
import { isException, refersTo } from "./compact-shape.ts";

/** Where the shapes of a service are used: what a caller gives, what a caller gets, or both. */
export interface TypeScope {
  isInput(shape: string): boolean;
  isOutput(shape: string): boolean;
  /** Error structures. */
  readonly errors: ReadonlySet<string>;
}

/** Finds what inputs, outputs and errors refer to. */
export function typeScope(service: C2jService): TypeScope {
  const { operations, shapes } = service;
  const errors = new Set(
    Object.entries(shapes).flatMap(([name, shape]) => (isException(shape) ? [name] : [])),
  );
  const inputs: string[] = [];
  const outputs: string[] = [];
  for (const { input, output, errors: own = [] } of Object.values(operations)) {
    if (input !== undefined) inputs.push(input.shape);
    if (output !== undefined) outputs.push(output.shape);
    for (const { shape } of own) errors.add(shape);
  }
  const inInputs = reach(service, inputs);
  const inOutputs = reach(service, [...outputs, ...errors]);
  return {
    isInput: (shape) => inInputs.has(shape),
    isOutput: (shape) => inOutputs.has(shape),
    errors,
  };
}

function reach(service: C2jService, roots: readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const wanted = [...roots];
  for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    wanted.push(...refersTo(service, name));
  }
  return seen;
}
