import type { OperationModel, StructureShape } from "../model/model.ts";
import type { Input } from "../protocol/protocol.ts";
import { epochMillis } from "../protocol/timestamp.ts";
import { changedInput, isPlain } from "../rules/changed-input.ts";

/** Members of an input that are times. */
export function timeMembers(shape: StructureShape | undefined): readonly string[] {
  return (shape?.members ?? [])
    .filter((member) => member.shape.kind === "timestamp")
    .map(({ name }) => name);
}

/**
 * The input as operations read it, whichever form its caller chose: a member that is `null` is not
 * there, and times are dates.
 * @throws RangeError for what is no point in time
 */
export function readableInput(
  model: OperationModel,
  input: Input,
  times: readonly string[],
): Input {
  let changes: Record<string, unknown> | undefined = isPlain(input) ? undefined : {};
  for (const name in input) {
    if (input[name] === null) (changes ??= {})[name] = undefined;
  }
  for (const name of times) {
    const time = input[name];
    if (time === undefined || time === null || time instanceof Date) continue;
    (changes ??= {})[name] = new Date(epochMillis(time));
  }
  return changes === undefined ? input : changedInput(model, input, changes);
}
