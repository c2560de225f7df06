import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { StoreFailure } from "../store-errors.ts";
import { fileFailure } from "./file-errors.ts";
import { newStore, StoreFixture } from "./file-fixture.test.ts";

const error = (code: string): Error =>
  Object.assign(new Error(`${code}: as the system says`), { code, syscall: "open", path: "/x/y" });

for (const [code, s3, remedy] of [
  ["EACCES", "AccessDenied", /look at the owner and the mode/],
  ["ENOSPC", "InternalError", /the disk is full/],
  ["EROFS", "InternalError", /mounted read-only/],
  ["EMFILE", "InternalError", /ulimit -n/],
  ["EWEIRD", "InternalError", /as the system says/],
] as const) {
  test(`fileFailure: ${code} says what was to be done, where, and what helps`, () => {
    const cause = error(code);
    const failure = fileFailure(cause, "read an object", "/srv");
    assert.ok(failure instanceof StoreFailure);
    assert.equal(failure.code, s3);
    assert.equal(failure.cause, cause);
    assert.match(failure.message, remedy);
    assert.match(failure.message, /^Cannot read an object: .*\(E\w+, open "\/x\/y"\)$/);
  });
}

test("fileFailure: other errors stay as they are", () => {
  const own = new TypeError("own");
  assert.equal(fileFailure(own, "read", "/srv"), own);
});

test("FileStorage: a root that is a file has no buckets, and an error that names it", async (t) => {
  const { folder } = await newStore(t);
  const path = join(folder, "file");
  writeFileSync(path, "");
  const { storage } = new StoreFixture(path);
  assert.equal(await storage.bucket("b"), undefined);
  await assert.rejects(async () => storage.createBucket("b", 1), {
    code: "InternalError",
    message: /^Cannot create a bucket: .*\/file/,
  });
});
