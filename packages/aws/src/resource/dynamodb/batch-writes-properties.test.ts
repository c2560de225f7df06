import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { ServiceError } from "../../client/errors.ts";
import {
  type Fate,
  FakeTable,
  idsOf,
  lost,
  serviceError,
  throttled,
  writerOf,
} from "./batch-writes-fixture.test.ts";

const ascending = (a: number, b: number): number => a - b;

describe("BatchWrites with any faults and any order of answers", () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const fate: fc.Arbitrary<Fate> = fc.oneof(
    { weight: 3, arbitrary: fc.record({ turnsBefore: fc.nat(3), turnsAfter: fc.nat(3) }) },
    {
      weight: 3,
      arbitrary: fc.record({
        turnsBefore: fc.nat(3),
        turnsAfter: fc.nat(3),
        unprocessed: share.map((part) => (index: number) => (index * 0.618) % 1 < part),
      }),
    },
    fc.record({ turnsBefore: fc.nat(3), fails: fc.constantFrom(throttled(), lost()) }),
    fc.record({ turnsAfter: fc.nat(3), failsAfter: fc.constant(lost()) }),
  );
  const fates = fc.array(fate, { maxLength: 40 });
  const ids = fc.array(fc.nat(15), { maxLength: 150 });
  const sizes = {
    flushAmount: fc.integer({ min: 1, max: 25 }),
    concurrency: fc.integer({ min: 1, max: 4 }),
  };

  test("each key has its last write, and none is overtaken by an earlier one", async () => {
    await fc.assert(
      fc.asyncProperty(fates, ids, fc.record(sizes), async (given, keys, options) => {
        const table = new FakeTable((request) => given[request] ?? {});
        const { writer } = writerOf(table, {
          ...options,
          overwriteByKeys: ["id"],
          maxAttempts: 100,
        });
        const last = new Map<number, number>();
        for (const [version, id] of keys.entries()) {
          await writer.put({ id, version });
          last.set(id, version);
          if (version % 40 === 39) await writer.flush();
        }
        await writer.close();
        assert.deepEqual(table.rows, last);
        const seen = new Map<number, number>();
        for (const { id, version } of table.written) {
          assert.ok(version >= (seen.get(id) ?? -1), `${id}: ${version} after ${seen.get(id)}`);
          seen.set(id, version);
        }
        assert.ok(table.mostAtOnce <= options.concurrency);
        assert.ok(table.sizes.every((size) => size <= options.flushAmount));
      }),
      { numRuns: 200 },
    );
  });

  test("one request after the other keeps the order of keys that are not known, too", async () => {
    await fc.assert(
      fc.asyncProperty(fates, ids, sizes.flushAmount, async (given, keys, flushAmount) => {
        const table = new FakeTable((request) => given[request] ?? {});
        const { writer } = writerOf(table, { flushAmount, maxAttempts: 100 });
        const last = new Map<number, number>();
        for (const [version, id] of keys.entries()) {
          await writer.put({ id, version });
          last.set(id, version);
        }
        await writer.close();
        assert.deepEqual(table.rows, last);
        const seen = new Map<number, number>();
        for (const { id, version } of table.written) {
          assert.ok(version >= (seen.get(id) ?? -1), `${id}: ${version} after ${seen.get(id)}`);
          seen.set(id, version);
        }
      }),
      { numRuns: 200 },
    );
  });

  test("each item arrives, and only once where no answer is lost", async () => {
    await fc.assert(
      fc.asyncProperty(fates, fc.nat(200), fc.record(sizes), async (given, count, options) => {
        const table = new FakeTable((request) => given[request] ?? {});
        const { writer } = writerOf(table, { ...options, maxAttempts: 100 });
        for (let id = 0; id < count; id++) await writer.put({ id, version: id });
        await writer.close();
        assert.equal(table.rows.size, count);
        const again = given
          .slice(0, table.sizes.length)
          .some((each) => each.failsAfter !== undefined);
        if (!again) assert.equal(table.written.length, count);
      }),
      { numRuns: 200 },
    );
  });

  test("what is in the table and what is reported as not written is everything", async () => {
    const final = fc.constantFrom<Fate>(
      { fails: serviceError("AccessDeniedException", "No") },
      { turnsBefore: 2, fails: serviceError("ResourceNotFoundException", "None") },
    );
    await fc.assert(
      fc.asyncProperty(
        fates,
        final,
        fc.nat(200),
        fc.record(sizes),
        async (given, end, count, options) => {
          const table = new FakeTable(
            (request) => given[request] ?? (request < 45 ? {} : end),
            ({ id }) => id % 97 === 96,
          );
          const { writer } = writerOf(table, { ...options, maxAttempts: 100 });
          const accepted: number[] = [];
          try {
            for (let id = 0; id < count; id++) {
              await writer.put({ id, version: id });
              accepted.push(id);
            }
            await writer.close();
            assert.deepEqual([...table.rows.keys()].sort(ascending), accepted.sort(ascending));
          } catch (error) {
            assert.ok(error instanceof ServiceError, String(error));
            await writer[Symbol.asyncDispose]();
            const unwritten = idsOf(error);
            assert.equal(new Set(unwritten).size, unwritten.length);
            const known = new Set([...table.rows.keys(), ...unwritten]);
            assert.deepEqual([...known].sort(ascending), accepted.sort(ascending));
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});
