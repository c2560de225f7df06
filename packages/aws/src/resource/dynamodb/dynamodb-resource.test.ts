import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { type Fixture, json, startServer } from "../../client/client-fixture.test.ts";
import { Session } from "../../client/session.ts";
import { DynamoNumber } from "../../rules/dynamo-number.ts";
import { Attr, Key } from "./condition.ts";

/** A server that answers with these documents, one after the other. */
async function serve(t: TestContext, ...answers: object[]): Promise<Fixture> {
  const server = await startServer(({ index }) => json(answers[index] ?? {}));
  t.after(() => server[Symbol.asyncDispose]());
  return server;
}

const sent = ({ requests }: Fixture, index = 0): unknown =>
  JSON.parse(requests[index]?.body.toString() ?? "");

test("resource() has JavaScript's values, and takes the client's options", async (t) => {
  const server = await serve(t, { Item: { id: { N: "1" } } }, { Item: { id: { N: "1" } } });
  const session = server.session();
  const first = await session
    .resource("dynamodb")
    .Table("t")
    .getItem({ Key: { id: 1 } });
  assert.deepEqual(first.Item, { id: 1 });
  assert.deepEqual(sent(server), { TableName: "t", Key: { id: { N: "1" } } });
  const texts = session.resource("dynamodb", { nativeValues: { numbers: "string" } });
  assert.deepEqual((await texts.Table("t").getItem({ Key: { id: 1 } })).Item, { id: "1" });
  await session.close();
  await assert.rejects(texts.Table("t").getItem({ Key: { id: 1 } }), { name: "ClientClosedError" });
});

test("resource() names the services that have resources", () => {
  const session = new Session();
  assert.throws(() => session.resource("sqs" as "s3"), {
    name: "TypeError",
    message: /"sqs": only "s3" and "dynamodb" have them/,
  });
});

test("Table() refuses a name that is none, and none takes the place of its own", async (t) => {
  const server = await serve(t);
  const dynamodb = server.session().resource("dynamodb");
  assert.throws(() => dynamodb.Table(""), { name: "TypeError", message: /its name is ""/ });
  assert.throws(() => dynamodb.Table(undefined as never), TypeError);
  await dynamodb.Table("own").deleteItem({ Key: { id: 1 }, TableName: "other" } as never);
  assert.deepEqual(sent(server), { TableName: "own", Key: { id: { N: "1" } } });
});

test("conditions and values go onto the wire as expressions and attribute values", async (t) => {
  const server = await serve(t);
  const dynamodb = server.session().resource("dynamodb");
  await dynamodb.Table("t").updateItem({
    Key: { id: 1 },
    UpdateExpression: "SET a = :a",
    ConditionExpression: Attr("b.c")
      .gt(new DynamoNumber("1.25"))
      .and(Attr("d").in(["x", null])),
    ExpressionAttributeValues: { ":a": new Set(["y"]) },
  });
  assert.deepEqual(sent(server), {
    TableName: "t",
    Key: { id: { N: "1" } },
    UpdateExpression: "SET a = :a",
    ConditionExpression: "#n0.#n1 > :v0 AND #n2 IN (:v1, :v2)",
    ExpressionAttributeNames: { "#n0": "b", "#n1": "c", "#n2": "d" },
    ExpressionAttributeValues: {
      ":a": { SS: ["y"] },
      ":v0": { N: "1.25" },
      ":v1": { S: "x" },
      ":v2": { NULL: true },
    },
  });
});

test("what is wrong with an expression rejects, and sends nothing", async (t) => {
  const server = await serve(t);
  const dynamodb = server.session().resource("dynamodb");
  const table = dynamodb.Table("t");
  const wrong = { KeyConditionExpression: Attr("id").eq(1) as never };
  const pages = table.query(wrong);
  await assert.rejects(pages.all(), TypeError);
  const clash = {
    Item: { id: 1 },
    ConditionExpression: Attr("id").notExists(),
    ExpressionAttributeNames: { "#n0": "id" },
  };
  await assert.rejects(table.putItem(clash), TypeError);
  const TransactItems = Array.from({ length: 101 }, () => ({
    Get: { TableName: "t", Key: { id: 1 } },
  }));
  await assert.rejects(dynamodb.transactGet({ TransactItems }), RangeError);
  await assert.rejects(dynamodb.transactGet({ TransactItems: [] }), RangeError);
  assert.throws(() => table.scan({ segments: 0 }), RangeError);
  assert.throws(() => table.scan({ segments: 1.5 }), RangeError);
  assert.throws(() => table.batchWriter({ flushAmount: 30 }), RangeError);
  assert.equal(server.requests.length, 0);
});

test("each item of a transaction has placeholders of its own", async (t) => {
  const server = await serve(t);
  const dynamodb = server.session().resource("dynamodb");
  await dynamodb.transactWrite({
    ClientRequestToken: "token",
    TransactItems: [
      { Put: { TableName: "t", Item: { id: 1 }, ConditionExpression: Attr("a").eq(1) } },
      {
        ConditionCheck: {
          TableName: "t",
          Key: { id: 2 },
          ConditionExpression: Attr("b").exists(),
        },
      },
    ],
  });
  assert.deepEqual(sent(server), {
    ClientRequestToken: "token",
    TransactItems: [
      {
        Put: {
          TableName: "t",
          Item: { id: { N: "1" } },
          ConditionExpression: "#n0 = :v0",
          ExpressionAttributeNames: { "#n0": "a" },
          ExpressionAttributeValues: { ":v0": { N: "1" } },
        },
      },
      {
        ConditionCheck: {
          TableName: "t",
          Key: { id: { N: "2" } },
          ConditionExpression: "attribute_exists(#n0)",
          ExpressionAttributeNames: { "#n0": "b" },
        },
      },
    ],
  });
});

test("a query asks for pages as they are used, and counts without items", async (t) => {
  const last = { LastEvaluatedKey: { id: { N: "1" } } };
  const server = await serve(
    t,
    { Items: [{ id: { N: "1" } }], ...last },
    { Items: [], ...last, LastEvaluatedKey: { id: { N: "2" } } },
    { Items: [{ id: { N: "3" } }] },
    { Count: 2, ...last },
    { Count: 5 },
  );
  const dynamodb = server.session().resource("dynamodb");
  const query = { KeyConditionExpression: Key("pk").eq("x"), ProjectionExpression: ["id"] };
  const found = dynamodb.Table("t").query(query);
  assert.equal(server.requests.length, 0);
  const items = found.items();
  assert.deepEqual(await items.next(), { done: false, value: { id: 1 } });
  assert.equal(server.requests.length, 1);
  assert.deepEqual(await items.next(), { done: false, value: { id: 3 } });
  assert.equal((await items.next()).done, true);
  assert.equal(await found.count(), 7);
  assert.deepEqual(sent(server, 3), {
    TableName: "t",
    KeyConditionExpression: "#n0 = :v0",
    ExpressionAttributeNames: { "#n0": "pk" },
    ExpressionAttributeValues: { ":v0": { S: "x" } },
    Select: "COUNT",
  });
});

test("a count that begins in the middle of a page leaves out what was there before", async (t) => {
  const last = { LastEvaluatedKey: { id: { N: "3" } } };
  const Items = ["1", "2", "3"].map((N) => ({ id: { N } }));
  const server = await serve(t, { Items, ...last }, { Count: 3, ...last }, { Count: 4 });
  const table = server.session().resource("dynamodb").Table("t");
  const first = table.scan({}, { limit: 2 });
  assert.equal((await first.all()).length, 2);
  assert.equal(await table.scan({}, { startingToken: first.resumeToken }).count(), 5);
  assert.deepEqual(sent(server, 1), { TableName: "t", Select: "COUNT" });
});

// The number comes back rounded, so that nobody knows which of the two it was: both go again.
test("writes that come back unprocessed go again as they were given", async (t) => {
  const large = "12345678901234567890";
  const server = await serve(
    t,
    { UnprocessedItems: { t: [{ PutRequest: { Item: { id: { N: large } } } }] } },
    {},
  );
  const dynamodb = server.session().resource("dynamodb", { nativeValues: { numbers: "number" } });
  const writer = dynamodb.Table("t").batchWriter({ overwriteByKeys: ["id"] });
  await writer.put({ id: BigInt(large) });
  await writer.put({ id: 2 });
  await writer.close();
  assert.deepEqual(sent(server, 1), {
    RequestItems: {
      t: [
        { PutRequest: { Item: { id: { N: large } } } },
        { PutRequest: { Item: { id: { N: "2" } } } },
      ],
    },
  });
});
