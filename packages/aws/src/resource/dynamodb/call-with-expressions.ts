import type { DynamoDBNativeClient } from "../../client/native-client.ts";
import type { CallOptions } from "../../client/options.ts";

/** Whether an expression is an object, for which code is loaded that text does not need. */
function hasObjects(input: object): boolean {
  const { ConditionExpression, FilterExpression, KeyConditionExpression, ProjectionExpression } =
    input as Readonly<Record<string, unknown>>;
  return (
    typeof ConditionExpression === "object" ||
    typeof FilterExpression === "object" ||
    typeof KeyConditionExpression === "object" ||
    typeof ProjectionExpression === "object"
  );
}

/** The input with its expressions as text. @throws TypeError */
export async function withTextExpressions<Input extends object>(input: Input): Promise<Input> {
  if (!hasObjects(input)) return input;
  const { expressionInput } = await import("./expression-input.ts");
  return expressionInput(input);
}

/** Calls an operation whose expressions may be objects. */
export function callWithExpressions(
  client: DynamoDBNativeClient,
  operation: string,
  input: object,
  options: CallOptions | undefined,
): Promise<unknown> {
  if (!hasObjects(input)) return client.call(operation, input, options);
  return withTextExpressions(input).then((compiled) => client.call(operation, compiled, options));
}
