import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { crc32 } from "node:zlib";
import { ChecksumError, type ServiceError } from "../client/errors.ts";
import { DynamoNumber } from "./dynamo-number.ts";
import { type Answer, clientOf, startServer } from "./scripted-server-fixture.test.ts";

function json(value: unknown, fields: Answer = {}): Answer {
  const body = JSON.stringify(value);
  return {
    ...fields,
    body,
    headers: { "x-amz-crc32": String(crc32(body)), ...fields.headers },
  };
}

describe("dynamodbRules with nativeValues", () => {
  for (const generateCode of [true, false]) {
    test(`write and read every place of an AttributeValue, ${generateCode ? "generated" : "closures"}`, async (t) => {
      const item = { id: { S: "a" }, n: { N: "12" }, big: { N: "12345678901234567890" } };
      const server = await startServer(t, [
        json({ Attributes: item }),
        json({ Responses: { T: [item] }, UnprocessedKeys: { T: { Keys: [{ id: { S: "b" } }] } } }),
        json({ Items: [item, {}], Count: 2 }),
      ]);
      const client = clientOf(t, "dynamodb", server, { nativeValues: true, generateCode });
      const native = { id: "a", n: 12, big: 12345678901234567890n };
      const put = await client.call("PutItem", {
        TableName: "T",
        Item: { ...native, none: undefined, list: [1, "x", null], set: new Set(["a"]) },
        ExpressionAttributeValues: { ":v": null },
        ReturnValues: "ALL_OLD",
      });
      assert.deepEqual(put["Attributes"], native);
      assert.deepEqual(JSON.parse(String(server.requests[0]?.body)), {
        TableName: "T",
        Item: {
          ...item,
          list: { L: [{ N: "1" }, { S: "x" }, { NULL: true }] },
          set: { SS: ["a"] },
        },
        ExpressionAttributeValues: { ":v": { NULL: true } },
        ReturnValues: "ALL_OLD",
      });
      const batch = await client.call("BatchGetItem", {
        RequestItems: { T: { Keys: [{ id: "a" }, { id: "b" }] } },
      });
      assert.deepEqual(batch["Responses"], { T: [native] });
      // CL-14: what was not processed is data.
      assert.deepEqual(batch["UnprocessedKeys"], { T: { Keys: [{ id: "b" }] } });
      const query = await client.call("Query", {
        TableName: "T",
        KeyConditionExpression: "id = :id",
        ExpressionAttributeValues: { ":id": "a" },
      });
      assert.deepEqual(query["Items"], [native, {}]);
    });
  }

  test("keep numbers as the option says", async (t) => {
    const server = await startServer(t, () => json({ Item: { n: { N: "1.5" }, i: { N: "7" } } }));
    const read = async (
      numbers: "auto" | "number" | "bigint" | "string" | ((n: string) => unknown),
    ) => {
      const client = clientOf(t, "dynamodb", server, { nativeValues: { numbers } });
      return (await client.call("GetItem", { TableName: "T", Key: { id: 1 } }))["Item"];
    };
    assert.deepEqual(await read("auto"), { n: 1.5, i: 7 });
    assert.deepEqual(await read("number"), { n: 1.5, i: 7 });
    assert.deepEqual(await read("bigint"), { n: 1.5, i: 7n });
    assert.deepEqual(await read("string"), { n: "1.5", i: "7" });
    assert.deepEqual(await read((text) => `<${text}>`), { n: "<1.5>", i: "<7>" });
  });

  test("refuse what is no value, with its place, before anything is sent", async (t) => {
    const server = await startServer(t, []);
    const client = clientOf(t, "dynamodb", server, { nativeValues: true });
    const put = client.call("PutItem", { TableName: "T", Item: { a: { b: [1, Number.NaN] } } });
    await assert.rejects(put, {
      name: "ParamValidationError",
      path: "Item.a.b[1]",
      message: /^Cannot call PutItem: Item\.a\.b\[1\]: NaN is no number/,
    });
    const entry = { PutRequest: { Item: { ok: 1, s: new Set() } } };
    const batch = client.call("BatchWriteItem", { RequestItems: { T: [entry] } });
    await assert.rejects(batch, { path: "RequestItems.T[0].PutRequest.Item.s" });
    assert.equal(server.requests.length, 0);
  });

  test("read the item of a failed condition (CL-3: not retried)", async (t) => {
    const server = await startServer(t, [
      json(
        {
          __type: "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
          message: "The conditional request failed",
          Item: { id: { S: "a" }, n: { N: "1" } },
        },
        { status: 400 },
      ),
    ]);
    const client = clientOf(t, "dynamodb", server, { nativeValues: true });
    const error = (await client
      .call("PutItem", { TableName: "T", Item: { id: "a" } })
      .catch((reason: unknown) => reason)) as ServiceError & { Item?: unknown };
    assert.equal(error.name, "ConditionalCheckFailedException");
    assert.deepEqual(error.Item, { id: "a", n: 1 });
    assert.equal(error.$metadata?.attempts, 1);
  });

  test("read the records of a stream", async (t) => {
    const record = { dynamodb: { NewImage: { n: { N: "1" }, b: { B: "AQI=" } } } };
    const server = await startServer(t, [json({ Records: [record] })]);
    const client = clientOf(t, "dynamodbstreams", server, { nativeValues: true });
    const { Records } = (await client.call("GetRecords", { ShardIterator: "x" })) as {
      Records: (typeof record)[];
    };
    assert.deepEqual(Records[0]?.dynamodb.NewImage, { n: 1, b: Buffer.from([1, 2]) });
  });

  test("leave attribute values alone without the option", async (t) => {
    const server = await startServer(t, [json({ Item: { n: { N: "1" } } })]);
    const client = clientOf(t, "dynamodb", server);
    const got = await client.call("GetItem", { TableName: "T", Key: { id: { S: "a" } } });
    assert.deepEqual(got["Item"], { n: { N: "1" } });
  });

  test("take DynamoNumber as a number", async (t) => {
    const server = await startServer(t, [json({})]);
    const client = clientOf(t, "dynamodb", server, { nativeValues: true });
    const id = new DynamoNumber("3.14159265358979323846264338327950288419");
    await client.call("PutItem", { TableName: "T", Item: { id } }).catch(() => undefined);
    assert.equal(server.requests.length, 0, "39 digits are one too many");
    const fits = new DynamoNumber("3.1415926535897932384626433832795028841");
    await client.call("PutItem", { TableName: "T", Item: { id: fits } });
    assert.deepEqual(JSON.parse(String(server.requests[0]?.body)).Item, {
      id: { N: "3.1415926535897932384626433832795028841" },
    });
  });
});

describe("dynamodbRules verify x-amz-crc32 (CL-9)", () => {
  const damaged = { headers: { "x-amz-crc32": "1" }, body: '{"Item":{}}' };

  test("retry a damaged answer", async (t) => {
    const server = await startServer(t, [damaged, json({ Item: { a: { S: "x" } } })]);
    const client = clientOf(t, "dynamodb", server);
    const got = await client.call("GetItem", { TableName: "T", Key: { id: { S: "a" } } });
    assert.deepEqual(got["Item"], { a: { S: "x" } });
    assert.equal(server.requests.length, 2);
  });

  test("end with a ChecksumError when every answer is damaged, of failure too", async (t) => {
    const server = await startServer(t, () => ({ ...damaged, status: 400 }));
    const client = clientOf(t, "dynamodb", server, { maxAttempts: 2 });
    await assert.rejects(
      client.call("GetItem", { TableName: "T", Key: { id: { S: "a" } } }),
      (error: unknown) => error instanceof ChecksumError && error.$metadata?.attempts === 2,
    );
  });
});
