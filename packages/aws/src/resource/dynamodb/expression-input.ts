import { type AttributePath, pathSteps } from "./attribute-path.ts";
import { compileTerm, pathText, Placeholders } from "./compile-expression.ts";
import { Condition } from "./condition.ts";

/** An input of DynamoDB whose expressions may be objects. */
interface ExpressionInput {
  readonly ConditionExpression?: unknown;
  readonly FilterExpression?: unknown;
  readonly KeyConditionExpression?: unknown;
  readonly ProjectionExpression?: unknown;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Readonly<Record<string, unknown>>;
}

const members = [
  "KeyConditionExpression",
  "FilterExpression",
  "ConditionExpression",
  "ProjectionExpression",
] as const;

/**
 * The input with its expressions as text. One that has no objects comes back as it is; others are
 * copied, never changed.
 * @throws TypeError for a condition where it cannot stand, and for placeholders that clash.
 */
export function expressionInput<Input extends object>(input: Input): Input {
  const given = input as ExpressionInput;
  let compiled: Record<string, unknown> | undefined;
  let placeholders: Placeholders | undefined;
  for (const member of members) {
    const expression = given[member];
    if (typeof expression !== "object" || expression === null) continue;
    placeholders ??= new Placeholders(
      given.ExpressionAttributeNames,
      given.ExpressionAttributeValues,
    );
    compiled ??= { ...input } as Record<string, unknown>;
    compiled[member] = expressionText(member, expression, placeholders);
  }
  if (compiled === undefined || placeholders === undefined) return input;
  if (placeholders.names !== undefined) compiled["ExpressionAttributeNames"] = placeholders.names;
  if (placeholders.values !== undefined) {
    compiled["ExpressionAttributeValues"] = placeholders.values;
  }
  return compiled as Input;
}

function expressionText(
  member: (typeof members)[number],
  expression: object,
  placeholders: Placeholders,
): string {
  if (member === "ProjectionExpression") return projectionText(expression, placeholders);
  if (!(expression instanceof Condition)) {
    throw new TypeError(
      `Cannot use ${member}: it must be text, or a condition made with Key or Attr`,
    );
  }
  if (member === "KeyConditionExpression" && expression.on !== "key") {
    throw new TypeError(
      `Cannot use ${member}: it takes conditions made with Key, combined with and(); put others into FilterExpression`,
    );
  }
  return compileTerm(expression.term, placeholders);
}

function projectionText(paths: object, placeholders: Placeholders): string {
  if (!Array.isArray(paths) || paths.length === 0) {
    throw new TypeError("Cannot use ProjectionExpression: it must be text, or a list of paths");
  }
  return (paths as AttributePath[])
    .map((path) => pathText(pathSteps(path), placeholders))
    .join(", ");
}
