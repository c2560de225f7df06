// The contract of object stores on folders of files.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { processCases } from "./object-store-contract/process-cases.ts";
import { testObjectStore } from "./object-store-contract/run-contract.ts";

describe("object store contract: file:", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "lambdad-conformance-store-"));
    await mkdir(join(folder, "store"));
    await writeFile(join(folder, "outside"), "as it was");
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const open = () => ({
    name: "file:",
    isServer: false,
    options: { endpoint: pathToFileURL(join(folder, "store")).href },
  });
  testObjectStore(open, "file:", {});
  testObjectStore(open, "file:", {}, { processes: processCases });

  test("file: whatever the keys were, nothing was written beside the store's folder", async () => {
    assert.deepEqual((await readdir(folder)).toSorted(), ["outside", "store"]);
  });
});
