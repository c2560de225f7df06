import type { OperationModel } from "../model/model.ts";
import type { Input } from "../protocol/protocol.ts";

/** A copy of an input with other members. An instance of a class may have getters, which are read here. */
export function changedInput(
  { input: shape }: OperationModel,
  input: Input,
  changes: Readonly<Record<string, unknown>>,
): Input {
  if (isPlain(input)) return { ...input, ...changes };
  const members = (shape?.members ?? []).map(
    ({ name }) => [name, input[name] ?? undefined] as const,
  );
  return { ...input, ...Object.fromEntries(members), ...changes };
}

/** Whether an input has all its members itself. */
export function isPlain(input: Input): boolean {
  const prototype: unknown = Object.getPrototypeOf(input);
  return prototype === Object.prototype || prototype === null;
}
