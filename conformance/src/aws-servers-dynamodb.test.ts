// Amazon's own DynamoDB Local.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ServiceError, Session } from "@lambdad/aws";
import { type AwsServer, serverCredentials, startDynamodbLocal } from "./aws-servers.ts";
import { dynamodbLocal } from "./install/aws-parts.ts";
import { prepare } from "./prepare.ts";

const folder = await prepare(dynamodbLocal);
const TableName = "conformance";

describe("DynamoDB Local", { skip: folder === undefined }, () => {
  let server: AwsServer;
  let session: Session;

  before(async () => {
    server = await startDynamodbLocal(folder ?? "");
    session = new Session({
      endpoint: server.endpoint,
      region: "us-east-1",
      credentials: serverCredentials,
    });
    const { TableDescription } = await session.client("dynamodb").createTable({
      TableName,
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
    assert.equal(TableDescription?.TableName, TableName);
    assert.ok(TableDescription?.CreationDateTime instanceof Date);
  });
  after(async () => {
    await session.close();
    await server.stop();
  });

  test("all kinds of attributes come back as they went", async () => {
    const dynamodb = session.client("dynamodb");
    const Item = {
      pk: { S: 'kinds ü 💡 \u0000 " \\ <&>' },
      sk: { N: "1" },
      number: { N: "12345678901234567890.123456789012345678" },
      bytes: { B: Buffer.from([0, 1, 2, 250, 255]) },
      flag: { BOOL: false },
      nothing: { NULL: true },
      texts: { SS: ["one", "two"] },
      numbers: { NS: ["-1.5", "2"] },
      blobs: { BS: [Buffer.from("x"), Buffer.from("y")] },
      list: { L: [{ S: "" }, { N: "0" }, { L: [] }, { M: {} }] },
      map: { M: { deep: { M: { deeper: { S: "value" } } } } },
    };
    await dynamodb.putItem({ TableName, Item });
    const Key = { pk: Item.pk, sk: Item.sk };
    const got = await dynamodb.getItem({ TableName, Key, ConsistentRead: true });
    assert.deepEqual(Object.keys(got.Item ?? {}).toSorted(), Object.keys(Item).toSorted());
    const { numbers, texts, blobs, ...others } = Item;
    for (const [name, value] of Object.entries(others)) assert.deepEqual(got.Item?.[name], value);
    assert.deepEqual(got.Item?.["numbers"]?.NS?.toSorted(), numbers.NS);
    assert.deepEqual(got.Item?.["texts"]?.SS?.toSorted(), texts.SS);
    assert.deepEqual(got.Item?.["blobs"]?.BS?.map(String).toSorted(), blobs.BS.map(String));
  });

  test("values of JavaScript become attributes and come back", async () => {
    const dynamodb = session.client("dynamodb", { nativeValues: true }) as unknown as Untyped;
    const Item = {
      pk: "native",
      sk: 7,
      number: 1.5,
      large: 9_007_199_254_740_993n,
      bytes: new Uint8Array([1, 2, 3]),
      flag: true,
      nothing: null,
      texts: new Set(["a", "b"]),
      list: ["", 0, [], {}],
      map: { deep: { deeper: "value" } },
    };
    await dynamodb.putItem({ TableName, Item });
    const got = await dynamodb.getItem({ TableName, Key: { pk: "native", sk: 7 } });
    assert.deepEqual(
      { ...got.Item, bytes: Buffer.from(Item.bytes) },
      {
        ...Item,
        bytes: Buffer.from((got.Item?.["bytes"] as Uint8Array | undefined) ?? []),
      },
    );
    const queried = await dynamodb.query({
      TableName,
      KeyConditionExpression: "pk = :pk AND sk > :sk",
      ExpressionAttributeValues: { ":pk": "native", ":sk": 6 },
    });
    assert.equal(queried.Items?.[0]?.["large"], 9_007_199_254_740_993n);
  });

  test("queries go from page to page, and batches are written", async () => {
    const dynamodb = session.client("dynamodb");
    const items = Array.from({ length: 25 }, (_, index) => ({
      pk: { S: "pages" },
      sk: { N: String(index) },
    }));
    const requests = items.map((Item) => ({ PutRequest: { Item } }));
    const { UnprocessedItems } = await dynamodb.batchWriteItem({
      RequestItems: { [TableName]: requests },
    });
    assert.deepEqual(UnprocessedItems, {});
    const input = {
      TableName,
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": { S: "pages" } },
      Limit: 10,
    };
    const found: (string | undefined)[] = [];
    let pages = 0;
    for await (const page of dynamodb.paginate.query(input)) {
      pages += 1;
      found.push(...(page.Items ?? []).map(({ sk }) => sk?.N));
    }
    assert.deepEqual(
      found,
      items.map(({ sk }) => sk.N),
    );
    assert.equal(pages, 3);
  });

  test("updates, conditions and transactions fail as their own classes", async () => {
    const dynamodb = session.client("dynamodb");
    const Key = { pk: { S: "counter" }, sk: { N: "0" } };
    const add = {
      TableName,
      Key,
      UpdateExpression: "ADD #n :one",
      ExpressionAttributeNames: { "#n": "number" },
      ExpressionAttributeValues: { ":one": { N: "1" } },
      ReturnValues: "ALL_NEW",
    };
    await dynamodb.updateItem(add);
    const { Attributes } = await dynamodb.updateItem(add);
    assert.equal(Attributes?.["number"]?.N, "2");
    const refused = dynamodb.putItem({
      TableName,
      Item: Key,
      ConditionExpression: "attribute_not_exists(pk)",
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    });
    await assert.rejects(refused, (error: unknown) => {
      assert.ok(error instanceof dynamodb.errors.ConditionalCheckFailedException, String(error));
      assert.equal(error.Item?.["number"]?.N, "2");
      assert.equal(error.$metadata?.attempts, 1);
      return true;
    });
    const check = {
      ConditionCheck: { TableName, Key, ConditionExpression: "attribute_not_exists(pk)" },
    };
    const put = { Put: { TableName, Item: { pk: { S: "not written" }, sk: { N: "0" } } } };
    await assert.rejects(dynamodb.transactWriteItems({ TransactItems: [put, check] }), (error) => {
      assert.ok(error instanceof dynamodb.errors.TransactionCanceledException, String(error));
      const codes = error.CancellationReasons?.map(({ Code }) => Code);
      assert.deepEqual(codes, ["None", "ConditionalCheckFailed"]);
      return true;
    });
    await assert.rejects(dynamodb.describeTable({ TableName: "none" }), {
      name: "ResourceNotFoundException",
    });
  });

  test("PartiQL, and 64 calls at once", async () => {
    const dynamodb = session.client("dynamodb");
    const keys = Array.from({ length: 64 }, (_, index) => ({
      pk: { S: "many" },
      sk: { N: String(index) },
    }));
    await Promise.all(keys.map((Item) => dynamodb.putItem({ TableName, Item })));
    const { Items } = await dynamodb.executeStatement({
      Statement: `SELECT * FROM "${TableName}" WHERE pk = ?`,
      Parameters: [{ S: "many" }],
    });
    assert.equal(Items?.length, keys.length);
  });

  test("waiters see a table come and go", async () => {
    const dynamodb = session.client("dynamodb");
    const table = "short-lived";
    await dynamodb.createTable({
      TableName: table,
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 },
    });
    const pace = { delay: 50, maxWaitTime: 20_000 };
    const exists = await dynamodb.waitUntil.tableExists({ TableName: table }, pace);
    assert.equal(exists.state, "success");
    await dynamodb.deleteTable({ TableName: table });
    const gone = await dynamodb.waitUntil.tableNotExists({ TableName: table }, pace);
    assert.equal(gone.state, "success");
  });

  test("a mistake is the service's ValidationException", async () => {
    const call = session
      .client("dynamodb")
      .query({ TableName, KeyConditionExpression: "nonsense" });
    await assert.rejects(call, (error: unknown) => {
      assert.ok(error instanceof ServiceError, String(error));
      assert.equal(error.name, "ValidationException");
      assert.notEqual(error.message, "");
      return true;
    });
  });
});

/** A client whose values are JavaScript's has other types than the model's. */
interface Untyped {
  putItem(input: object): Promise<unknown>;
  getItem(input: object): Promise<{ readonly Item?: Readonly<Record<string, unknown>> }>;
  query(input: object): Promise<{ readonly Items?: readonly Readonly<Record<string, unknown>>[] }>;
}
