// Batches of DynamoDB under throttling, unprocessed items and lost connections, on DynamoDB Local behind a
// proxy that does such things.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type DynamoDBResource, Session, type Table } from "@lambdad/aws";
import { type AwsServer, serverCredentials, startDynamodbLocal } from "./aws-servers.ts";
import { type FaultProxy, type FaultShares, startFaultProxy } from "./dynamodb-fault-proxy.ts";
import { dynamodbLocal } from "./install/aws-parts.ts";
import { prepare } from "./prepare.ts";

const folder = await prepare(dynamodbLocal);

interface Row {
  readonly id: number;
  readonly version: number;
}

const clean: FaultShares = { unprocessed: 0, throttled: 0, cutBefore: 0, cutAfter: 0 };
const pressures: Readonly<Record<string, FaultShares>> = {
  "unprocessed items": { ...clean, unprocessed: 0.6 },
  throttling: { ...clean, throttled: 0.5, unprocessed: 0.2 },
  "lost connections": { ...clean, cutBefore: 0.2, cutAfter: 0.2 },
  everything: { unprocessed: 0.3, throttled: 0.15, cutBefore: 0.1, cutAfter: 0.1 },
};

describe("batches of DynamoDB under faults", { skip: folder === undefined }, () => {
  let server: AwsServer;
  let direct: Session;
  let tables = 0;
  const stops: (() => Promise<void>)[] = [];

  before(async () => {
    server = await startDynamodbLocal(folder ?? "");
    direct = sessionOf(server.endpoint);
  });
  after(async () => {
    await direct.close();
    for (const stop of stops) await stop();
    await server.stop();
  });

  /** A table of its own, and the same one through a proxy. */
  async function start(
    shares: FaultShares,
  ): Promise<{ proxy: FaultProxy; table: Table<Row, "id">; faulty: DynamoDBResource }> {
    const TableName = `faults-${++tables}`;
    const table = await direct.resource("dynamodb").createTable<Row, "id">({
      TableName,
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "N" }],
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      BillingMode: "PAY_PER_REQUEST",
    });
    const proxy = await startFaultProxy(server.endpoint, shares, 4711 + tables);
    const session = sessionOf(proxy.endpoint);
    stops.push(
      () => session.close(),
      () => proxy.stop(),
    );
    return { proxy, table, faulty: session.resource("dynamodb") };
  }

  for (const [name, shares] of Object.entries(pressures)) {
    for (const concurrency of [1, 4]) {
      test(`every item arrives, once, under ${name}, ${concurrency} at a time (CL-14)`, async () => {
        const { proxy, table, faulty } = await start(shares);
        await using writer = faulty
          .Table<Row, "id">(table.name)
          .batchWriter({ concurrency, maxBackoff: 20, maxAttempts: 200 });
        const count = 1000;
        for (let id = 0; id < count; id++) await writer.put({ id, version: id * 7 });
        await writer.close();

        const rows = await table.scan().all();
        assert.equal(rows.length, count);
        assert.ok(rows.every(({ id, version }) => version === id * 7));
        // Only what was written without an answer was written again.
        const times = new Map<string, { answered: number; cut: number }>();
        for (const { item, isCut } of proxy.forwarded) {
          const id = String(item["id"]?.["N"]);
          const { answered, cut } = times.get(id) ?? { answered: 0, cut: 0 };
          times.set(id, isCut ? { answered, cut: cut + 1 } : { answered: answered + 1, cut });
        }
        assert.equal(times.size, count);
        for (const [id, { answered }] of times) assert.equal(answered, 1, `item ${id}`);
        for (const [fault, share] of Object.entries(shares)) {
          if (share > 0) assert.ok(proxy.counts[fault as keyof FaultShares] > 0, fault);
        }
      });
    }
  }

  for (const concurrency of [1, 3]) {
    test(`writes of a key stay in order, ${concurrency} at a time`, async () => {
      const { proxy, table, faulty } = await start(pressures["everything"] ?? clean);
      await using writer = faulty.Table<Row, "id">(table.name).batchWriter({
        overwriteByKeys: ["id"],
        concurrency,
        flushAmount: 7,
        maxBackoff: 20,
        maxAttempts: 200,
      });
      const last = new Map<number, number>();
      for (let version = 1; version <= 1500; version++) {
        const id = (version * 31 + (version % 7)) % 40;
        await writer.put({ id, version });
        last.set(id, version);
      }
      await writer.close();
      const rows = await table.scan().all();
      assert.deepEqual(new Map(rows.map(({ id, version }) => [id, version])), last);
      const seen = new Map<string, number>();
      for (const { item } of proxy.forwarded) {
        const [id, version] = [String(item["id"]?.["N"]), Number(item["version"]?.["N"])];
        assert.ok(version >= (seen.get(id) ?? 0), `${id}: ${version} after ${seen.get(id)}`);
        seen.set(id, version);
      }
    });
  }

  test("a batch get has every item, once", async () => {
    const { proxy, table, faulty } = await start({ ...clean, unprocessed: 0.5, throttled: 0.2 });
    await using writer = table.batchWriter();
    for (let id = 0; id < 700; id++) await writer.put({ id, version: id });
    await writer.close();
    const keys = Array.from({ length: 900 }, (_, id) => ({ id }));
    const options = { maxBackoff: 20, maxAttempts: 100, ConsistentRead: true };
    const found = await faulty.Table<Row, "id">(table.name).batchGet(keys, options);
    const ids = found.map(({ id }) => id).sort((a, b) => a - b);
    assert.deepEqual(
      ids,
      keys.slice(0, 700).map(({ id }) => id),
    );
    assert.ok(proxy.counts.unprocessed > 0 && proxy.counts.throttled > 0);
  });

  test("a transaction whose answer is lost happens once (CL-15)", async () => {
    const { proxy, table, faulty } = await start({ ...clean, cutBefore: 0.1, cutAfter: 0.4 });
    const count = 40;
    for (let index = 0; index < count; index++) {
      const Update = {
        TableName: table.name,
        Key: { id: 1 },
        UpdateExpression: "ADD version :one",
        ExpressionAttributeValues: { ":one": 1 },
      };
      // Half of the answers are lost: the four attempts of a call would not always do.
      await faulty.transactWrite({ TransactItems: [{ Update }] }, { maxAttempts: 40 });
    }
    const { Item } = await table.getItem({ Key: { id: 1 } });
    assert.equal(Item?.version, count);
    assert.ok(proxy.counts.cutAfter > 0);
  });

  test("one item that DynamoDB refuses keeps no other from being written", async () => {
    const { table } = await start(clean);
    const writer = table.batchWriter();
    const puts = Array.from({ length: 60 }, (_, id) =>
      writer.put({ id: (id === 37 ? "no number" : id) as number, version: id }),
    );
    await Promise.all(puts);
    await assert.rejects(writer.close(), (error: Error & { unwritten?: unknown }) => {
      assert.equal(error.name, "ValidationException");
      const refused = { PutRequest: { Item: { id: "no number", version: 37 } } };
      assert.deepEqual(error.unwritten, [refused]);
      return true;
    });
    assert.equal(await table.scan().count(), 59);
  });

  test("equal keys in one request are written in order without overwriteByKeys", async () => {
    const { table } = await start(clean);
    await using writer = table.batchWriter();
    for (let version = 0; version < 30; version++) {
      await writer.put({ id: version % 10, version });
    }
    await writer.close();
    const versions = (await table.scan().all()).map(({ version }) => version);
    assert.deepEqual(
      versions.sort((a, b) => a - b),
      Array.from({ length: 10 }, (_, id) => id + 20),
    );
  });

  test("items of 400 KB, and requests of more than 16 MB on the wire, are written", async () => {
    const { table } = await start(clean);
    await using writer = table.batchWriter({ concurrency: 2 });
    // Each NUL is six bytes of JSON: 25 of these items would be 50 MB.
    const padding = "\u0000".repeat(350 * 1024);
    const big = (id: number): Row => ({ id, version: 1, padding }) as Row;
    for (let id = 0; id < 30; id++) await writer.put(big(id));
    await writer.close();
    assert.equal(await table.scan().count(), 30);
  });
});

function sessionOf(endpoint: string): Session {
  return new Session({
    endpoint,
    region: "us-east-1",
    credentials: serverCredentials,
    retry: { baseDelay: 1, maxDelay: 5, quota: false },
  });
}
