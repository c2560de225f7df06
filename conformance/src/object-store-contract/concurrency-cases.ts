import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { increment, wins } from "./concurrency.ts";
import { keysOf } from "./listing.ts";
import { begin, complete, send } from "./multipart.ts";
import { assertSealed, seal } from "./sealed.ts";
import type { Place, StoreCase } from "./store-case.ts";

const Key = "contested";
const sizes = [100, 5_000, 70_000, 1_200_000];

async function read({ s3, bucket: Bucket }: Place): Promise<string> {
  return assertSealed(await s3.getObject({ Bucket, Key }));
}

/**
 * Calls at the same time: who wins, and what readers see. On stores alone: versitygw looks first and
 * writes then, and keeps bytes and metadata apart, so that its answers to these depend on luck.
 */
export const concurrencyCases: readonly StoreCase[] = [
  {
    name: "of many putObject with If-None-Match * at once exactly one wins",
    only: "stores",
    async run({ s3, session, bucket: Bucket }) {
      const clients = [s3, session.client("s3"), session.client("s3")];
      for (let round = 0; round < 10; round += 1) {
        const at = { Bucket, Key: `${Key}-${round}` };
        const results = await Promise.all(
          Array.from({ length: 15 }, async (_, index) => {
            const client = clients[index % clients.length] ?? s3;
            return wins(client.putObject({ ...at, Body: `${index}`, IfNoneMatch: "*" }));
          }),
        );
        const winners = results.flatMap((won, index) => (won ? [`${index}`] : []));
        assert.equal(winners.length, 1);
        const { Body } = await s3.getObject(at);
        assert.equal(await Body?.text(), winners[0]);
      }
    },
  },
  {
    name: "counters by If-Match lose no increment",
    only: "stores",
    async run({ s3, bucket: Bucket }) {
      await s3.putObject({ Bucket, Key, Body: "0" });
      await Promise.all(Array.from({ length: 8 }, () => increment(s3, { Bucket, Key }, 10)));
      const { Body } = await s3.getObject({ Bucket, Key });
      assert.equal(await Body?.text(), "80");
    },
  },
  {
    name: "putObject with If-None-Match * and deleteObject are a lock that one holds at a time",
    only: "stores",
    async run({ s3, bucket: Bucket }) {
      let holders = 0;
      let taken = 0;
      const worker = async (): Promise<void> => {
        for (let tries = 0; tries < 50; tries += 1) {
          if (!(await wins(s3.putObject({ Bucket, Key, Body: "x", IfNoneMatch: "*" })))) continue;
          holders += 1;
          taken += 1;
          assert.equal(holders, 1);
          await s3.headObject({ Bucket, Key });
          holders -= 1;
          await s3.deleteObject({ Bucket, Key });
        }
      };
      await Promise.all(Array.from({ length: 6 }, worker));
      assert.ok(taken > 0);
    },
  },
  {
    name: "of several deletes with If-Match of one ETag at once exactly one wins",
    only: "stores",
    async run({ s3, bucket: Bucket }) {
      for (let round = 0; round < 10; round += 1) {
        const { ETag } = await s3.putObject({ Bucket, Key, Body: `${round}` });
        const deletes = Array.from({ length: 8 }, () =>
          // The object may be gone already.
          wins(s3.deleteObject({ Bucket, Key, IfMatch: ETag })).catch((error: unknown) => {
            if (error instanceof s3.errors.NoSuchKey) return false;
            throw error;
          }),
        );
        assert.equal((await Promise.all(deletes)).filter(Boolean).length, 1);
      }
    },
  },
  {
    name: "readers during overwrites see one object or the other, never a mixture",
    only: "stores",
    async run(place) {
      const { s3, bucket: Bucket } = place;
      await s3.putObject({ Bucket, Key, ...seal(10, 1, "first") });
      const seen = new Set<string>();
      const over = new AbortController();
      const reader = async (): Promise<void> => {
        while (!over.signal.aborted) {
          seen.add(await read(place));
          // A store may answer without any I/O: then only this lets others have their turn.
          await turn();
        }
      };
      const writer = async (name: string): Promise<void> => {
        for (let index = 0; index < 16; index += 1) {
          const size = (sizes[index % sizes.length] ?? 0) + index;
          const label = `${name}-${index}`;
          await s3.putObject({ Bucket, Key, ...seal(size, index + 1, label) });
        }
      };
      const writers = Promise.all([writer("a"), writer("b")]).finally(() => over.abort());
      await Promise.all([writers, reader(), reader(), reader()]);
      assert.match(await read(place), /-15$/);
      assert.ok(seen.size > 0);
    },
  },
  {
    name: "a body that is being read stays what it was while the object is overwritten or deleted",
    only: "stores",
    async run({ s3, bucket: Bucket }) {
      const sealed = seal(6 * 1_048_576, 7, "slow");
      for (const change of ["overwrite", "delete"] as const) {
        await s3.putObject({ Bucket, Key, ...sealed });
        const output = await s3.getObject({ Bucket, Key }, { body: "stream" });
        if (change === "delete") await s3.deleteObject({ Bucket, Key });
        else await s3.putObject({ Bucket, Key, ...seal(6 * 1_048_576, 8, "new") });
        // Old bytes to the end, or an error; never bytes of both.
        const label = await assertSealed(output).catch((error: unknown) => {
          if (error instanceof assert.AssertionError) throw error;
          return "an error";
        });
        assert.ok(["slow", "an error"].includes(label), label);
      }
    },
  },
  {
    name: "uploads that are completed while others put and delete make whole objects",
    only: "stores",
    async run({ s3, bucket: Bucket }) {
      const upload = async (index: number): Promise<void> => {
        const { Body, ...details } = seal(10_000 + index, index + 1, `parts-${index}`);
        const at = await begin(s3, Bucket, Key, details);
        await complete(s3, at, [await send(s3, at, 1, Body)]);
      };
      const putting = async (index: number): Promise<void> => {
        await s3.putObject({ Bucket, Key, ...seal(20_000 + index, index + 1, `put-${index}`) });
        if (index % 3 === 0) await s3.deleteObject({ Bucket, Key });
      };
      for (let round = 0; round < 8; round += 1) {
        await Promise.all([upload(round), putting(round), upload(round + 100)]);
        const got = await s3.getObject({ Bucket, Key }).catch((error: unknown) => {
          if (error instanceof s3.errors.NoSuchKey) return undefined;
          throw error;
        });
        if (got !== undefined) await assertSealed(got);
        assert.ok(keysOf(await s3.listObjectsV2({ Bucket })).length <= 1);
      }
      assert.equal((await s3.listMultipartUploads({ Bucket })).Uploads, undefined);
    },
  },
  {
    name: "a listing while keys come and go has each key that stays exactly once, in order",
    only: "stores",
    async run({ s3, bucket: Bucket }) {
      const stay = Array.from({ length: 60 }, (_, index) => `s${String(index).padStart(3, "0")}`);
      await Promise.all(stay.map((one) => s3.putObject({ Bucket, Key: one, Body: "x" })));
      const over = new AbortController();
      const churn = async (): Promise<void> => {
        for (let index = 0; !over.signal.aborted; index += 1) {
          const at = { Bucket, Key: `s${String(index % 60).padStart(3, "0")}x` };
          await s3.putObject({ ...at, Body: "x" });
          await s3.deleteObject(at);
          await turn();
        }
      };
      const list = async (): Promise<void> => {
        const seen: string[] = [];
        const pages = s3.paginate.listObjectsV2({ Bucket }, { pageSize: 7 });
        for await (const { Key: key = "" } of pages.items()) seen.push(key);
        assert.deepEqual(seen, [...new Set(seen)].toSorted());
        assert.deepEqual(
          seen.filter((key) => !key.endsWith("x")),
          stay,
        );
      };
      const lists = async (): Promise<void> => {
        for (let round = 0; round < 5; round += 1) await list();
      };
      await Promise.all([lists().finally(() => over.abort()), churn(), churn()]);
    },
  },
];
