import assert from "node:assert/strict";
import { test } from "node:test";
import { BatchWriter, type BatchWriterOptions } from "./batch-writer.ts";
import { FakeTable, type Row } from "./batch-writes-fixture.test.ts";

const wrong: readonly (readonly [BatchWriterOptions, RegExp])[] = [
  [{ flushAmount: 26 }, /flushAmount must be a whole number from 1 to 25: it is "26"/],
  [{ flushAmount: 0 }, /flushAmount/],
  [{ concurrency: 0 }, /concurrency must be a whole number from 1: it is "0"/],
  [{ maxBackoff: -1 }, /maxBackoff/],
  [{ maxAttempts: 1.5 }, /maxAttempts/],
  [{ overwriteByKeys: [] }, /overwriteByKeys names no attribute/],
];
for (const [options, message] of wrong) {
  test(`BatchWriter refuses ${JSON.stringify(options)}`, () => {
    const table = new FakeTable();
    assert.throws(() => new BatchWriter(table.client, table.name, options), { message });
  });
}

test("BatchWriter keeps the order of writes that come before its code is there", async () => {
  const table = new FakeTable();
  const writer = new BatchWriter<Row>(table.client, table.name, { overwriteByKeys: ["id"] });
  const puts: Promise<void>[] = [];
  for (let version = 0; version < 5; version++) puts.push(writer.put({ id: 1, version }));
  for (let turns = 0; turns < 200; turns++) {
    await (turns % 10 === 0 ? new Promise((resolve) => void setImmediate(resolve)) : undefined);
    puts.push(writer.put({ id: 1, version: 5 + turns }));
  }
  await Promise.all(puts);
  await writer.delete({ id: 2 });
  await writer.close();
  const versions = table.written.filter(({ id }) => id === 1).map(({ version }) => version);
  assert.equal(versions.at(-1), 204);
  assert.deepEqual(
    versions,
    versions.toSorted((a, b) => a - b),
  );
  assert.equal(table.rows.get(2), "deleted");
});

test("BatchWriter can be flushed, closed and disposed of without a write", async () => {
  const table = new FakeTable();
  const writer = new BatchWriter<Row>(table.client, table.name);
  await writer.flush();
  await writer.close();
  await writer[Symbol.asyncDispose]();
  assert.deepEqual(table.sizes, []);
});
