import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { test } from "node:test";
import { conformanceFolder } from "./conformance-folder.ts";
import { runVectors } from "./run-vectors.ts";

const folder = resolve(process.env["CONFORMANCE_DIR"] ?? conformanceFolder);

test(
  "runVectors() passes every published case of the protocols, of CBOR and of signatures",
  {
    skip: existsSync(folder)
      ? false
      : `There are no published cases: "${folder}" does not exist (set CONFORMANCE_DIR)`,
  },
  async () => {
    const { passed, failures } = await runVectors(folder);
    assert.deepEqual(failures, []);
    assert.ok(passed > 0, `There are no cases in "${folder}"`);
  },
);
