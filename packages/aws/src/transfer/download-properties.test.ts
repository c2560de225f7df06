import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cut, objectOf, patterned, startObjectServer } from "./download-fixture.test.ts";

test("download gives exactly the bytes, whatever its sizes are and wherever connections break (CL-8)", async () => {
  const sizes = fc.record({
    size: fc.integer({ min: 0, max: 5000 }),
    partSize: fc.integer({ min: 1, max: 2000 }).map((size) => Math.max(size, 100)),
    concurrency: fc.integer({ min: 1, max: 8 }),
    queueBytes: fc.option(fc.integer({ min: 1, max: 5000 }), { nil: undefined }),
    reader: fc.constantFrom("eager", "slow"),
  });
  // After so many bytes of the body an answer breaks off; each part is resumed five times at most.
  const cuts = fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(sizes, cuts, async ({ size, partSize, reader, ...options }, breaks) => {
      const object = objectOf(patterned(size));
      const left = [...breaks];
      await using server = await startObjectServer(object, (_, whole) => {
        const bodyBytes = whole.length - whole.indexOf("\r\n\r\n") - 4;
        if (!whole.toString("latin1", 9, 12).startsWith("20") || bodyBytes === 0) return undefined;
        const at = left.shift();
        return at === undefined || at >= bodyBytes ? undefined : cut(whole, at);
      });
      await using session = server.session();
      let loaded = 0;
      const { Body } = await session
        .client("s3")
        .download({ Bucket: "bucket", Key: "key" }, undefined, {
          partSize,
          ...options,
          onProgress: (progress) => {
            assert.ok(progress.loaded > loaded);
            loaded = progress.loaded;
          },
        });
      const pieces: Buffer[] = [];
      for await (const piece of Body) {
        pieces.push(Buffer.from(piece));
        if (reader === "slow") await new Promise(setImmediate);
      }
      assert.ok(Buffer.concat(pieces).equals(object.bytes));
      assert.equal(loaded, size);
    }),
    { numRuns: 60 },
  );
});
