// Makes a table of orders, fills it, asks it questions, changes it on conditions, and deletes it.
//
// node dynamodb-table.ts [--items N] [--concurrency N] [--endpoint-url URL | --aws] [--table NAME]
import { parseArgs } from "node:util";
import { Attr, Key, ServiceError, Session } from "@lambdad/aws";
import { startStandIn } from "./stand-in.ts";

const { values } = parseArgs({
  options: {
    items: { type: "string", default: "2000" },
    // Requests at once, of 25 items each.
    concurrency: { type: "string", default: "4" },
    // DynamoDB Local or the like, in place of the one that this program starts itself.
    "endpoint-url": { type: "string" },
    // DynamoDB of your account; it costs a few cents at most.
    aws: { type: "boolean", default: false },
    table: { type: "string", default: "lambdad-example-orders" },
  },
});

function amount(name: "items" | "concurrency"): number {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value > 0) return value;
  throw new RangeError(`--${name} must be a whole number from 1: it is '${values[name]}'`);
}

/** An item of the table. Its key is the customer and the number of the order. */
interface Order {
  readonly customer: string;
  readonly number: number;
  readonly status: "open" | "sent" | "paid";
  readonly total: number;
  readonly address: { readonly city: string; readonly lines: readonly string[] };
  readonly tags?: Set<string>;
}

const items = amount("items");
const concurrency = amount("concurrency");
const ownServer = !values.aws && values["endpoint-url"] === undefined;
const standIn = ownServer ? await startStandIn() : undefined;

const session = new Session(
  values.aws
    ? {}
    : {
        region: "us-east-1",
        endpoint: values["endpoint-url"] ?? standIn?.url,
        credentials: { accessKeyId: "EXAMPLE", secretAccessKey: "example" },
      },
);
const dynamodb = session.resource("dynamodb");

const table = await dynamodb.createTable<Order, "customer" | "number">({
  TableName: values.table,
  AttributeDefinitions: [
    { AttributeName: "customer", AttributeType: "S" },
    { AttributeName: "number", AttributeType: "N" },
  ],
  KeySchema: [
    { AttributeName: "customer", KeyType: "HASH" },
    { AttributeName: "number", KeyType: "RANGE" },
  ],
  BillingMode: "PAY_PER_REQUEST",
});
try {
  await table.waitUntilExists({ delay: standIn === undefined ? 2000 : 20 });
  await putOnce();
  await writeMany();
  await ask();
  await change();
} finally {
  await table.delete();
  await session.close();
  await standIn?.close();
}

/** An item is put only if there is none with its key. */
async function putOnce(): Promise<void> {
  const Item: Order = {
    customer: "ada",
    number: 0,
    status: "open",
    total: 31.5,
    address: { city: "London", lines: ["12 St James's Square"] },
    tags: new Set(["gift", "fragile"]),
  };
  const put = { Item, ConditionExpression: Attr("customer").notExists() };
  await table.putItem(put);
  try {
    await table.putItem(put);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    console.log(`putting it again: ${error.name}`);
  }
  const { Item: found } = await table.getItem({ Key: { customer: "ada", number: 0 } });
  const tags = [...(found?.tags ?? [])].sort().join(" and ");
  console.log(`${found?.customer}, ${found?.address.city}, ${tags}`);
}

/** Many items are written 25 in a request; what DynamoDB leaves unprocessed is sent again. */
async function writeMany(): Promise<void> {
  const startedAt = performance.now();
  const writer = table.batchWriter({ overwriteByKeys: ["customer", "number"], concurrency });
  try {
    for (let number = 1; number <= items; number++) {
      await writer.put({
        customer: number % 2 === 0 ? "ada" : "bob",
        number,
        status: number % 10 === 0 ? "sent" : "open",
        total: number / 4,
        address: { city: number % 3 === 0 ? "Paris" : "London", lines: [`${number} High Street`] },
      });
    }
  } finally {
    // Everything is written when this has ended.
    await writer.close();
  }
  const seconds = (performance.now() - startedAt) / 1000;
  console.log(`${items} items written, ${Math.round(items / seconds)} a second`);
}

/** Conditions are objects: names and values become placeholders of the request. */
async function ask(): Promise<void> {
  const last = table.query(
    { KeyConditionExpression: Key("customer").eq("ada"), ScanIndexForward: false },
    { limit: 3 },
  );
  for await (const { number, total } of last) console.log(`order ${number}: ${total}`);

  const sentToParis = Attr("status").eq("sent").and(Attr("address.city").eq("Paris"));
  const inRange = Key("customer").eq("ada").and(Key("number").between(1, 100));
  const found = await table
    .query({ KeyConditionExpression: inRange, FilterExpression: sentToParis })
    .all();
  console.log(`sent to Paris: ${found.map(({ number }) => number).join(", ")}`);

  const open = table.scan({ segments: 4, FilterExpression: Attr("status").eq("open") });
  console.log(`${await open.count()} open orders`);
}

/** An order is paid once, however often this is called. */
async function change(): Promise<void> {
  const pay = {
    Key: { customer: "ada", number: 10 },
    UpdateExpression: "SET #status = :paid",
    ConditionExpression: Attr("status").in(["open", "sent"]),
    ExpressionAttributeNames: { "#status": "status" },
    ExpressionAttributeValues: { ":paid": "paid" },
    ReturnValues: "ALL_NEW",
  };
  const { Attributes } = await table.updateItem(pay);
  console.log(`order ${Attributes?.number} is ${Attributes?.status}`);
  const again = await table.updateItem(pay).then(
    () => "it worked",
    (error: Error) => error.name,
  );
  console.log(`paying it again: ${again}`);
}
