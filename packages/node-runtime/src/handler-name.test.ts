import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseHandlerName } from "./handler-name.ts";
import { RuntimeError } from "./runtime-error.ts";

const good = [
  ["index.handler", "", "index", ["handler"]],
  ["a/b/file.deep.export", "a/b/", "file", ["deep", "export"]],
  ["/opt/nodejs/wrapper.handler", "/opt/nodejs/", "wrapper", ["handler"]],
  ["a.b/file.handler", "a.b/", "file", ["handler"]],
  ["index.handler/index.handler", "index.handler/", "index", ["handler"]],
  ["./index.handler", "./", "index", ["handler"]],
  ["my-file_1.default", "", "my-file_1", ["default"]],
  ["index.", "", "index", [""]],
] as const;

for (const [text, folder, module, exportPath] of good) {
  test(`parseHandlerName() takes '${text}' apart`, () => {
    assert.deepEqual(parseHandlerName(text), { text, folder, module, exportPath });
  });
}

const bad = [
  ["../index.handler", /^'\.\.\/index\.handler' is not a valid handler name/],
  ["a/../../b.handler", /is not a valid handler name/],
  ["index..handler", /is not a valid handler name/],
  ["index", /^Bad handler$/],
  ["", /^Bad handler$/],
  ["a.b/index", /^Bad handler$/],
  [".handler", /^Bad handler$/],
  ["folder/", /^Bad handler$/],
  ["in\0dex.handler", /^Bad handler$/],
] as const;

for (const [text, message] of bad) {
  test(`parseHandlerName() refuses ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseHandlerName(text), { name: "Runtime.MalformedHandlerName", message });
  });
}

test("parseHandlerName() never leaves the task root, whatever the text", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(".", "/", "a", "\\") }), (text) => {
      try {
        const name = parseHandlerName(text);
        assert.ok(!name.folder.includes(".."));
        assert.ok(!name.module.includes("/") && !name.module.includes("."));
      } catch (error) {
        assert.ok(error instanceof RuntimeError);
      }
    }),
  );
});
