// DynamoDB as resources, on Amazon's own DynamoDB Local.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  Attr,
  type Condition,
  type DynamoDBResource,
  Key,
  type KeyCondition,
  ServiceError,
  Session,
  type Table,
} from "@lambdad/aws";
import { type AwsServer, serverCredentials, startDynamodbLocal } from "./aws-servers.ts";
import { holds, item } from "./dynamodb-conditions.ts";
import { dynamodbLocal } from "./install/aws-parts.ts";
import { prepare } from "./prepare.ts";

const folder = await prepare(dynamodbLocal);

interface Row {
  readonly pk: string;
  readonly sk: number;
  readonly [name: string]: unknown;
}

describe("resources of DynamoDB", { skip: folder === undefined }, () => {
  let server: AwsServer;
  let session: Session;
  let dynamodb: DynamoDBResource;
  let table: Table<Row, "pk" | "sk">;

  before(async () => {
    server = await startDynamodbLocal(folder ?? "");
    session = new Session({
      endpoint: server.endpoint,
      region: "us-east-1",
      credentials: serverCredentials,
    });
    dynamodb = session.resource("dynamodb");
    table = await dynamodb.createTable<Row, "pk" | "sk">({
      TableName: "rows",
      AttributeDefinitions: [
        { AttributeName: "pk", AttributeType: "S" },
        { AttributeName: "sk", AttributeType: "N" },
      ],
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
      BillingMode: "PAY_PER_REQUEST",
    });
    await table.waitUntilExists({ delay: 50 });
  });
  after(async () => {
    await session.close();
    await server.stop();
  });

  test("each condition holds in a filter and a write, and its opposite does not", async () => {
    await table.putItem({ Item: item });
    const KeyConditionExpression = Key("pk").eq(item.pk).and(Key("sk").eq(item.sk));
    for (const [name, condition] of holds) {
      const filtered = (FilterExpression: Condition) =>
        table.query({ KeyConditionExpression: Key("pk").eq(item.pk), FilterExpression });
      // Keys may not stand in the filter of a query.
      if (condition.on === "attribute") {
        assert.equal((await filtered(condition).all()).length, 1, `${name} filters`);
        assert.equal((await filtered(condition.not()).all()).length, 0, `${name} filters, negated`);
      }
      await table.putItem({ Item: item, ConditionExpression: condition });
      await assert.rejects(
        table.putItem({ Item: item, ConditionExpression: condition.not() }),
        { name: "ConditionalCheckFailedException" },
        `${name} refuses`,
      );
    }
    const [only] = await table.query({ KeyConditionExpression }).all();
    assert.equal(only?.["large"], item.large);
  });

  test("conditions stand in updates and deletes beside the caller's placeholders", async () => {
    const key = { pk: "updates", sk: 1 };
    await table.putItem({ Item: { ...key, count: 1, status: "new" } });
    const update = {
      Key: key,
      UpdateExpression: "SET #status = :status ADD #count :one",
      ConditionExpression: Attr("status").eq("new"),
      ExpressionAttributeNames: { "#status": "status", "#count": "count" },
      ExpressionAttributeValues: { ":status": "old", ":one": 1 },
      ReturnValues: "ALL_NEW",
    };
    const { Attributes } = await table.updateItem(update);
    assert.deepEqual(Attributes, { ...key, count: 2, status: "old" });
    await assert.rejects(
      table.updateItem({ ...update, ReturnValuesOnConditionCheckFailure: "ALL_OLD" }),
      (error: unknown) => {
        assert.ok(error instanceof ServiceError);
        assert.equal(error.name, "ConditionalCheckFailedException");
        assert.deepEqual((error as { Item?: unknown }).Item, { ...key, count: 2, status: "old" });
        return true;
      },
    );
    const gone = { Key: key, ConditionExpression: Attr("count").gt(2) };
    await assert.rejects(table.deleteItem(gone), { name: "ConditionalCheckFailedException" });
    const { Attributes: old } = await table.deleteItem({
      Key: key,
      ConditionExpression: Attr("count").lte(2).and(Attr("gone").notExists()),
      ReturnValues: "ALL_OLD",
    });
    assert.equal(old?.["status"], "old");
    assert.equal((await table.getItem({ Key: key })).Item, undefined);
  });

  test("projections are lists of paths", async () => {
    await table.putItem({ Item: { ...item, sk: 2 } });
    const { Item } = await table.getItem({
      Key: { pk: item.pk, sk: 2 },
      ConsistentRead: true,
      ProjectionExpression: ["size", "map.deep", "list[1]", ["dotted.name"]],
    });
    assert.deepEqual(Item, {
      size: 9,
      map: { deep: { deeper: "value" } },
      list: ["two"],
      "dotted.name": "dot",
    });
  });

  test("queries take each key condition, page, limit, resume and count", async () => {
    await using writer = table.batchWriter({ overwriteByKeys: ["pk", "sk"] });
    for (let sk = 0; sk < 60; sk++) await writer.put({ pk: "pages", sk, even: sk % 2 === 0 });
    await writer.flush();
    const sks = async (condition: KeyCondition) => {
      const range = Key("pk").eq("pages").and(condition);
      return (await table.query({ KeyConditionExpression: range }).all()).map(({ sk }) => sk);
    };
    assert.deepEqual(await sks(Key("sk").lt(2)), [0, 1]);
    assert.deepEqual(await sks(Key("sk").lte(2)), [0, 1, 2]);
    assert.deepEqual(await sks(Key("sk").gt(57)), [58, 59]);
    assert.deepEqual(await sks(Key("sk").gte(57)), [57, 58, 59]);
    assert.deepEqual(await sks(Key("sk").between(4, 6)), [4, 5, 6]);
    assert.deepEqual(await sks(Key("sk").eq(8)), [8]);

    const query = { KeyConditionExpression: Key("pk").eq("pages"), Limit: 25 };
    const counts: (number | undefined)[] = [];
    for await (const page of table.query(query).pages()) counts.push(page.Items?.length);
    assert.deepEqual(counts, [25, 25, 10]);
    const first = table.query(query, { limit: 30 });
    const start = await first.all();
    const rest = table.query(query, { startingToken: first.resumeToken });
    const all = [...start, ...(await rest.all())].map(({ sk }) => sk);
    assert.deepEqual(
      all,
      Array.from({ length: 60 }, (_, sk) => sk),
    );
    const even = { ...query, FilterExpression: Attr("even").eq(true) };
    assert.equal(await table.query(even).count(), 30);
    assert.equal(await table.query(even, { limit: 7 }).count(), 7);
    const seen: number[] = [];
    for await (const { sk } of table.query({ ...even, ScanIndexForward: false }).items()) {
      seen.push(sk);
      if (seen.length === 3) break;
    }
    assert.deepEqual(seen, [58, 56, 54]);
  });

  test("beginsWith works on the sort key, and attributes are refused as keys", async () => {
    const texts = await dynamodb.createTable({
      TableName: "texts",
      AttributeDefinitions: [
        { AttributeName: "group.name", AttributeType: "S" },
        { AttributeName: "order", AttributeType: "S" },
      ],
      KeySchema: [
        { AttributeName: "group.name", KeyType: "HASH" },
        { AttributeName: "order", KeyType: "RANGE" },
      ],
      BillingMode: "PAY_PER_REQUEST",
    });
    for (const order of ["a1", "a2", "b1"]) {
      await texts.putItem({ Item: { "group.name": "g", order } });
    }
    const found = texts.query({
      KeyConditionExpression: Key("group.name").eq("g").and(Key("order").beginsWith("a")),
    });
    assert.deepEqual(
      (await found.all()).map(({ order }) => order),
      ["a1", "a2"],
    );
    const wrong = texts.query({
      // @ts-expect-error: only Key makes key conditions.
      KeyConditionExpression: Key("group.name").eq("g").and(Attr("order").eq("a1")),
    });
    await assert.rejects(wrong.all(), { name: "TypeError", message: /conditions made with Key/ });
    await texts.delete();
    await texts.waitUntilNotExists({ delay: 50 });
  });

  test("a scan in segments finds each of some thousand items once", async () => {
    const many = await dynamodb.createTable<{ id: number; pad: string }, "id">({
      TableName: "many",
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "N" }],
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      BillingMode: "PAY_PER_REQUEST",
    });
    const pad = "x".repeat(200);
    await using writer = many.batchWriter({ concurrency: 4 });
    for (let id = 0; id < 3000; id++) await writer.put({ id, pad });
    await writer.close();
    const scanned = await many.scan({ segments: 7, Limit: 100 }).all();
    const ids = scanned.map(({ id }) => id).sort((a, b) => a - b);
    assert.deepEqual(
      ids,
      Array.from({ length: 3000 }, (_, id) => id),
    );
    assert.equal(await many.scan({ segments: 3 }).count(), 3000);
    assert.equal((await many.scan({}, { limit: 250, pageSize: 100 }).all()).length, 250);
    assert.equal((await many.scan({ segments: 5, Limit: 40 }, { limit: 123 }).all()).length, 123);
    let taken = 0;
    for await (const _ of many.scan({ segments: 4, Limit: 10 })) if (++taken === 25) break;

    const keys = Array.from({ length: 450 }, (_, index) => ({ id: index * 10 }));
    const found = await many.batchGet([...keys, ...keys], { ProjectionExpression: ["id"] });
    assert.deepEqual(
      found.map(({ id }) => id).sort((a, b) => a - b),
      keys.slice(0, 300).map(({ id }) => id),
    );
    const both = await dynamodb.batchGet({
      many: { Keys: keys.slice(0, 120), ConsistentRead: true },
      rows: { Keys: [{ pk: item.pk, sk: 1 }], ProjectionExpression: ["size"] },
    });
    assert.equal(both["many"]?.length, 120);
    assert.deepEqual(both["rows"], [{ size: 9 }]);
    const once = await dynamodb.batchGetItem({
      RequestItems: { many: { Keys: [{ id: 1 }], ProjectionExpression: ["pad"] } },
    });
    assert.deepEqual(once.Responses, { many: [{ pad }] });
  });

  test("transactions take conditions and say of each item why they were cancelled", async () => {
    const key = transactionKey;
    const TableName = table.name;
    await table.putItem({ Item: { ...key(1), amount: 10 } });
    const move = {
      TransactItems: [
        {
          Update: {
            TableName,
            Key: key(1),
            UpdateExpression: "SET amount = amount - :amount",
            ConditionExpression: Attr("amount").gte(7),
            ExpressionAttributeValues: { ":amount": 7 },
            ReturnValuesOnConditionCheckFailure: "ALL_OLD",
          },
        },
        { Put: { TableName, Item: { ...key(2), amount: 7 } } },
        {
          ConditionCheck: {
            TableName,
            Key: key(3),
            ConditionExpression: Attr("pk").notExists(),
          },
        },
      ],
    };
    const ClientRequestToken = "transaction-1";
    await dynamodb.transactWrite({ ...move, ClientRequestToken });
    // The same token: it happens once.
    await dynamodb.transactWrite({ ...move, ClientRequestToken });
    const { Responses } = await dynamodb.transactGet({
      TransactItems: [
        { Get: { TableName, Key: key(1), ProjectionExpression: ["amount"] } },
        { Get: { TableName, Key: key(2) } },
        { Get: { TableName, Key: key(3) } },
      ],
    });
    assert.deepEqual(
      Responses?.map(({ Item }) => Item?.["amount"]),
      [3, 7, undefined],
    );
    await assert.rejects(dynamodb.transactWrite(move), (error: unknown) => {
      assert.ok(error instanceof dynamodb.meta.client.errors.TransactionCanceledException);
      const [first, second] = error.CancellationReasons ?? [];
      assert.equal(first?.Code, "ConditionalCheckFailed");
      assert.deepEqual(first?.Item, { ...key(1), amount: 3 });
      assert.equal(second?.Code, "None");
      return true;
    });
    const tooMany = Array.from({ length: 101 }, (_, sk) => ({
      Delete: { TableName, Key: key(sk) },
    }));
    await assert.rejects(dynamodb.transactWrite({ TransactItems: tooMany }), {
      name: "RangeError",
      message: /1 to 100 items, not 101/,
    });
  });

  test("tables are listed, described, changed and deleted", async () => {
    const created = await dynamodb.createTable({
      TableName: "another",
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 },
    });
    await created.waitUntilExists({ delay: 50 });
    const names = (await dynamodb.tables.pageSize(1).toArray()).map(({ name }) => name);
    assert.ok(names.includes("another") && names.includes("rows"), names.join());
    assert.equal((await dynamodb.tables.limit(1).toArray()).length, 1);
    assert.equal((await dynamodb.tables.all().toArray()).length, names.length);
    const { KeySchema } = await created.load();
    assert.deepEqual(KeySchema, [{ AttributeName: "id", KeyType: "HASH" }]);
    await created.update({ BillingMode: "PAY_PER_REQUEST" });
    assert.equal((await created.load()).BillingModeSummary?.BillingMode, "PAY_PER_REQUEST");
    assert.equal(created.description?.TableName, "another");
    await created.delete();
    await created.waitUntilNotExists({ delay: 50 });
    await assert.rejects(created.load(), { name: "ResourceNotFoundException" });
  });
});

function transactionKey(sk: number): { readonly pk: string; readonly sk: number } {
  return { pk: "transactions", sk };
}
