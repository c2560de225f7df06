import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, test } from "node:test";
import { readModel } from "../model/read-model.ts";
import type { C2jOperation } from "./c2j.ts";
import { compactOfC2j, type C2jTestDocument } from "./compact-model.ts";

const root = resolve(import.meta.dirname, "..", "..", "..", "..");
const folder = join(
  resolve(root, process.env["CONFORMANCE_DIR"] ?? join("..", "shared", "conformance")),
  "protocols",
);

interface TestDocument extends C2jTestDocument {
  readonly cases: readonly { readonly id: string; readonly given: C2jOperation }[];
}

const skip = existsSync(folder) ? false : "the conformance data is not here";

describe("compactOfC2j(): AWS's protocol tests", { skip }, () => {
  for (const path of globSync("{input,output}/*.json", { cwd: folder }).sort()) {
    test(path, () => {
      const documents = JSON.parse(readFileSync(join(folder, path), "utf8")) as TestDocument[];
      for (const document of documents) {
        for (const { id, given } of document.cases) {
          const model = readModel("test", compactOfC2j(document, given));
          const operation = model.operation(given.name);
          assert.ok(operation, id);
          assert.deepEqual(model.metadata.protocols, document.metadata.protocols);
          assert.equal(operation.input?.name, given.input?.shape, id);
          assert.equal(operation.output?.name, given.output?.shape, id);
          const expected = Object.keys(document.shapes[given.input?.shape ?? ""]?.members ?? {});
          assert.deepEqual(operation.input?.members.map(({ name }) => name) ?? [], expected, id);
        }
      }
      assert.ok(documents.length > 0);
    });
  }
});
