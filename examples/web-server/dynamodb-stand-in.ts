import type { IncomingMessage, ServerResponse } from "node:http";

/** An attribute value as it is on the wire: `{ S: "…" }`. */
type Value = Readonly<Record<string, unknown>>;
type Item = Readonly<Record<string, Value>>;

/** The one table that there is: orders of customers, with `customer` and `at` as its key. */
const orders: Item[] = [
  order("ada", "2026-03-01", "2 teapots", "31.50"),
  order("ada", "2026-05-17", "tea", "4.20"),
  order("ada", "2026-11-02", "12 cups", "48"),
  order("bob", "2026-07-30", "a kettle", "25"),
];

interface Request {
  readonly Item?: Item;
  readonly Key?: Item;
  readonly ExpressionAttributeValues?: Item;
  readonly ExclusiveStartKey?: Item;
  readonly Limit?: number;
  readonly ScanIndexForward?: boolean;
}

/** PutItem, GetItem, and Query with a condition of the form `customer = :customer`. */
export async function answerDynamoDb(
  operation: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const text = Buffer.concat(await request.toArray()).toString();
  const body = result(operation, JSON.parse(text) as Request);
  response.writeHead("__type" in body ? 400 : 200, {
    "content-type": "application/x-amz-json-1.0",
  });
  response.end(JSON.stringify(body));
}

function result(operation: string, request: Request): object {
  if (operation === "PutItem") {
    const index = find(request.Item);
    orders.splice(index === -1 ? orders.length : index, 1, request.Item ?? {});
    return {};
  }
  if (operation === "GetItem") {
    const item = orders[find(request.Key)];
    return item === undefined ? {} : { Item: item };
  }
  if (operation === "Query") return query(request);
  return { __type: "UnknownOperationException", message: operation };
}

function query(request: Request): object {
  const [customer] = Object.values(request.ExpressionAttributeValues ?? {});
  const items = orders
    .filter((each) => textOf(each["customer"]) === textOf(customer))
    .sort((a, b) => textOf(a["at"]).localeCompare(textOf(b["at"])));
  if (request.ScanIndexForward === false) items.reverse();
  const last = textOf(request.ExclusiveStartKey?.["at"]);
  const from = last === "" ? 0 : items.findIndex((each) => textOf(each["at"]) === last) + 1;
  const shown = items.slice(from, from + (request.Limit ?? 100));
  const end = shown.at(-1);
  const isCut = from + shown.length < items.length && end !== undefined;
  return {
    Items: shown,
    Count: shown.length,
    ScannedCount: shown.length,
    ...(isCut && { LastEvaluatedKey: { customer: end["customer"], at: end["at"] } }),
  };
}

function find(key: Item = {}): number {
  return orders.findIndex(
    (each) =>
      textOf(each["customer"]) === textOf(key["customer"]) &&
      textOf(each["at"]) === textOf(key["at"]),
  );
}

function order(customer: string, at: string, what: string, total: string): Item {
  return { customer: { S: customer }, at: { S: at }, what: { S: what }, total: { N: total } };
}

function textOf(value: Value | undefined): string {
  const text = value?.["S"];
  return typeof text === "string" ? text : "";
}
