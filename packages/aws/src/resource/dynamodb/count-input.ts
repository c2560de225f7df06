import { decodePlace } from "../../paginate/page-token.ts";

type Input = Readonly<Record<string, unknown>>;

/**
 * The input of a query or scan that only counts: without its projection, and without the names that
 * nothing else uses, which DynamoDB would refuse.
 */
export function countInput(input: Input): Input {
  const { ProjectionExpression, ExpressionAttributeNames: names, ...others } = input;
  const counted = { ...others, Select: "COUNT" };
  if (typeof names !== "object" || names === null) return counted;
  if (typeof ProjectionExpression !== "string") {
    return { ...counted, ExpressionAttributeNames: names };
  }
  const projected = placeholdersOf(ProjectionExpression);
  const used = placeholdersOf(input["KeyConditionExpression"], input["FilterExpression"]);
  // One that nothing uses at all stays: DynamoDB says so, as it does for the items.
  const left = Object.entries(names).filter(([name]) => used.has(name) || !projected.has(name));
  if (left.length === 0) return counted;
  return { ...counted, ExpressionAttributeNames: Object.fromEntries(left) };
}

/** Placeholders of names in expressions that are text. */
function placeholdersOf(...expressions: readonly unknown[]): ReadonlySet<string> {
  const texts = expressions.filter((expression) => typeof expression === "string");
  return new Set(texts.flatMap((text) => text.match(/#\w+/g) ?? []));
}

/** How many items of the first page were there before: a resume token can be in the middle of it. */
export function itemsBefore(startingToken: string | undefined): number {
  return startingToken === undefined || startingToken === ""
    ? 0
    : decodePlace(startingToken, 1).used;
}
