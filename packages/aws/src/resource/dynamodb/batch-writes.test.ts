import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AbortError } from "../../client/errors.ts";
import { UnprocessedError } from "./batch-errors.ts";
import {
  FakeTable,
  idsOf,
  lost,
  serviceError,
  throttled,
  writerOf,
} from "./batch-writes-fixture.test.ts";

async function failureOf(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => assert.fail("it succeeded"),
    (error: unknown) => error as Error,
  );
}

describe("BatchWrites", () => {
  test("sends full requests, and the rest when it is closed", async () => {
    const table = new FakeTable();
    const { writer } = writerOf(table);
    for (let id = 0; id < 60; id++) await writer.put({ id, version: 1 });
    assert.deepEqual(table.sizes, [25, 25]);
    await writer.delete({ id: 3 });
    await writer.close();
    assert.deepEqual(table.sizes, [25, 25, 11]);
    assert.equal(table.rows.get(3), "deleted");
    assert.equal(table.rows.size, 60);
    await writer.close();
    await assert.rejects(writer.put({ id: 0, version: 0 }), {
      message: /the batch writer is closed/,
    });
  });

  test("takes what comes back unprocessed for its own, whatever the server calls the table", async () => {
    const table = new FakeTable((request) => ({ unprocessed: () => request === 0 }));
    const { client } = table;
    const renamed = {
      batchWriteItem: async (input: never) => {
        const { UnprocessedItems = {} } = await client.batchWriteItem(input);
        return { UnprocessedItems: { "arn:of:rows": Object.values(UnprocessedItems).flat() } };
      },
    } as unknown as typeof client;
    const { writer } = writerOf(Object.create(table, { client: { value: renamed } }) as FakeTable);
    await writer.put({ id: 1, version: 1 });
    await writer.close();
    assert.deepEqual(table.sizes, [1, 1]);
    assert.equal(table.rows.get(1), 1);
  });

  test("takes items as they are when they are put", async () => {
    const table = new FakeTable();
    const { writer } = writerOf(table, { overwriteByKeys: ["id"] });
    const row = { id: 0, version: 1 };
    for (; row.id < 30; row.id++) await writer.put(row);
    await writer.close();
    assert.equal(table.rows.size, 30);
  });

  test("put() waits when DynamoDB is slow, and no longer than until there is room", async () => {
    const table = new FakeTable(() => ({ turnsBefore: 3 }));
    const { writer } = writerOf(table, { flushAmount: 5 });
    let most = 0;
    for (let id = 0; id < 100; id++) {
      await writer.put({ id, version: 1 });
      most = Math.max(most, id + 1 - table.written.length);
    }
    await writer.close();
    assert.ok(most > 5 && most <= 10, `one request under way and one filling, not ${most}`);
  });

  test("put() refuses when nobody waits for it, and loses nothing that it accepted", async () => {
    const table = new FakeTable(() => ({ turnsBefore: 1 }));
    const { writer } = writerOf(table, { concurrency: 8 });
    const puts = Array.from({ length: 10_100 }, (_, id) => writer.put({ id, version: 1 }));
    const outcomes = await Promise.allSettled(puts);
    const refused = outcomes.filter(({ status }) => status === "rejected");
    assert.equal(refused.length, 100);
    const [first] = refused;
    assert.match(String(first?.status === "rejected" && first.reason), /await each put and delete/);
    await writer.close();
    assert.equal(table.rows.size, 10_000);
    assert.equal(table.mostAtOnce, 8);
  });

  test("flush() waits for what was put before, and not for what comes later", async () => {
    const table = new FakeTable(() => ({ turnsBefore: 2 }));
    const { writer } = writerOf(table);
    await writer.put({ id: 1, version: 1 });
    const flushed = writer.flush();
    const state = { more: true };
    const others = (async () => {
      for (let id = 100; state.more; id++) await writer.put({ id, version: 1 });
    })();
    await flushed;
    assert.equal(table.rows.get(1), 1);
    state.more = false;
    await others;
    await writer.close();
  });

  test("sends what is left unprocessed again, first and after a delay (CL-14)", async () => {
    const table = new FakeTable((request) =>
      request < 3 ? { unprocessed: (index) => index % 5 === request } : {},
    );
    const { writer, delays } = writerOf(table);
    for (let id = 0; id < 75; id++) await writer.put({ id, version: 1 });
    await writer.close();
    assert.equal(table.written.length, 75);
    assert.equal(table.rows.size, 75);
    assert.deepEqual(table.sizes, [25, 5, 1, 25, 25]);
    assert.deepEqual(delays, [50, 50]);
  });

  test("gives up after so many answers with nothing processed, and says what is not written (CL-14)", async () => {
    const table = new FakeTable((request) => (request === 0 ? {} : { unprocessed: () => true }));
    const { writer, delays } = writerOf(table, { maxAttempts: 4 });
    for (let id = 0; id < 35; id++) await writer.put({ id, version: 1 });
    const error = await failureOf(writer.close());
    assert.ok(error instanceof UnprocessedError);
    assert.match(error.message, /unprocessed 4 times in a row/);
    assert.deepEqual(
      idsOf(error),
      Array.from({ length: 10 }, (_, index) => 25 + index),
    );
    assert.deepEqual(delays, [50, 100, 200]);
    assert.ok(!Object.keys(error).includes("unwritten"), "items are not written to logs");
  });

  for (const fails of [throttled(), lost()]) {
    test(`waits and goes on after ${fails.name}, and passes it on in the end`, async () => {
      const table = new FakeTable((request) => (request < 3 ? { fails } : {}));
      const { writer, delays } = writerOf(table);
      await writer.put({ id: 1, version: 1 });
      await writer.close();
      assert.deepEqual(delays, [50, 100, 200]);
      assert.equal(table.rows.get(1), 1);

      const never = writerOf(new FakeTable(() => ({ fails })), { maxAttempts: 2 }).writer;
      await never.put({ id: 1, version: 1 });
      const error = await failureOf(never.close());
      assert.equal(error, fails);
      assert.deepEqual(idsOf(error), [1]);
    });
  }

  test("writes everything else when one item is refused, and reports that one", async () => {
    const table = new FakeTable(
      () => ({}),
      ({ id }) => id === 13,
    );
    const { writer } = writerOf(table);
    const puts = Array.from({ length: 40 }, (_, id) => writer.put({ id, version: 1 }));
    await Promise.all(puts);
    const error = await failureOf(writer.close());
    assert.equal(error.name, "ValidationException");
    assert.deepEqual(idsOf(error), [13]);
    assert.equal(table.written.length, 39);
    assert.equal(table.rows.size, 39);
  });

  test("accepts nothing more after a failure, and stops when nothing is accepted by DynamoDB", async () => {
    const table = new FakeTable(
      () => ({}),
      () => true,
    );
    const { writer } = writerOf(table);
    let accepted = 0;
    const error = await failureOf(
      (async () => {
        for (let id = 0; id < 1000; id++) {
          await writer.put({ id, version: 1 });
          accepted++;
        }
      })(),
    );
    assert.equal(error.name, "ValidationException");
    assert.equal(await failureOf(writer.close()), error);
    assert.equal(idsOf(error).length, accepted);
    assert.equal(new Set(idsOf(error)).size, accepted);
    assert.ok(table.sizes.length < 110, `${table.sizes.length} requests`);
  });

  test("an error that a put has thrown is not thrown again on disposal", async () => {
    const denied = serviceError("AccessDeniedException", "No");
    const table = new FakeTable(() => ({ fails: denied }));
    const { writer } = writerOf(table);
    const error = await failureOf(
      (async () => {
        try {
          for (let id = 0; ; id++) await writer.put({ id, version: 1 });
        } finally {
          await writer[Symbol.asyncDispose]();
        }
      })(),
    );
    assert.equal(error, denied);
    assert.ok(idsOf(error).length >= 25);
    const silent = writerOf(new FakeTable(() => ({ fails: denied }))).writer;
    await silent.put({ id: 1, version: 1 });
    assert.equal(await failureOf(silent[Symbol.asyncDispose]()), denied);
  });

  test("gives up a server that sends back what it was not given", async () => {
    const other = { PutRequest: { Item: { id: 99, version: 0 } } };
    for (const count of [1, 30]) {
      const back = { UnprocessedItems: { rows: Array.from({ length: count }, () => other) } };
      const client = { batchWriteItem: async () => back } as unknown as FakeTable["client"];
      const { writer } = writerOf({ client, name: "rows" } as FakeTable, { maxAttempts: 3 });
      for (let id = 0; id < 5; id++) await writer.put({ id, version: 1 });
      const error = await failureOf(writer.close());
      assert.deepEqual(idsOf(error), [0, 1, 2, 3, 4]);
    }
  });

  test("ends with its signal, and says what is not written", async () => {
    const aborter = new AbortController();
    const table = new FakeTable((request) => (request === 0 ? {} : { unprocessed: () => true }));
    const { writer } = writerOf(table, { signal: aborter.signal });
    for (let id = 0; id < 30; id++) await writer.put({ id, version: 1 });
    const flushed = failureOf(writer.flush());
    aborter.abort(new Error("enough"));
    const error = await flushed;
    assert.ok(error instanceof AbortError);
    assert.deepEqual(idsOf(error), [25, 26, 27, 28, 29]);
    await assert.rejects(writer.put({ id: 1, version: 1 }), error);
    const late = writerOf(table, { signal: aborter.signal }).writer;
    await assert.rejects(late.put({ id: 1, version: 1 }), { name: "AbortError" });
  });

  test("without overwriteByKeys equal keys are written in order", async () => {
    const table = new FakeTable();
    const { writer } = writerOf(table);
    for (let version = 1; version <= 12; version++) {
      await writer.put({ id: 1, version });
      await writer.put({ id: version + 1, version });
    }
    await writer.close();
    const versions = table.written.filter(({ id }) => id === 1).map((row) => row.version);
    assert.deepEqual(
      versions,
      versions.toSorted((a, b) => a - b),
    );
    assert.equal(table.rows.get(1), 12);
    assert.equal(table.rows.size, 13);
  });

  test("put() refuses what is no item, and an item without its key", async () => {
    const { writer } = writerOf(new FakeTable(), { overwriteByKeys: ["id", "sort"] });
    await assert.rejects(writer.put(undefined as never), { message: /"undefined" is no object/ });
    await assert.rejects(writer.put({ id: 1, version: 1 }), { message: /it has no "sort"/ });
    await writer.close();
  });
});
