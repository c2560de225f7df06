import type { DynamoDBNativeClient } from "../../client/native-client.ts";
import type { CallOptions } from "../../client/options.ts";
import { expressionInput } from "./expression-input.ts";

/** Source: DynamoDB API Reference, TransactWriteItems and TransactGetItems. */
const itemsMax = 100;

/** Calls a transaction; the expressions of its items may be objects. @throws RangeError for more than 100 items */
export function transact(
  client: DynamoDBNativeClient,
  operation: "TransactGetItems" | "TransactWriteItems",
  input: object,
  options: CallOptions | undefined,
): Promise<unknown> {
  const items = Array.from(
    (input as { readonly TransactItems: Iterable<Readonly<Record<string, object>>> }).TransactItems,
  );
  if (items.length === 0 || items.length > itemsMax) {
    throw new RangeError(
      `Cannot call ${operation}: a transaction has 1 to ${itemsMax} items, not ${items.length}`,
    );
  }
  // Placeholders belong to their item.
  const TransactItems = items.map((item) => {
    const compiled: Record<string, unknown> = {};
    for (const [action, part] of Object.entries(item)) {
      compiled[action] = typeof part === "object" && part !== null ? expressionInput(part) : part;
    }
    return compiled;
  });
  return client.call(operation, { ...input, TransactItems }, options);
}
