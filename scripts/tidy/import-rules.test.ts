import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { checkArrows, checkExports, importsOf } from "./import-rules.ts";

describe("importsOf()", () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['import a from "a";', ["a"]],
    ['import "a";', ["a"]],
    ['import {\n  a,\n  type b,\n} from "a";\nimport type { c } from "c";', ["a", "c"]],
    ['export { a } from "a";\nexport * from "b";', ["a", "b"]],
    ['const { a } = await import("a");', ["a"]],
    ['export const from = "a";', []],
    ['// see import of "a"', []],
  ];
  for (const [text, expected] of cases) {
    test(`of ${JSON.stringify(text)}`, () => {
      assert.deepEqual(importsOf(text), expected);
    });
  }
});

function importProblems(
  path: string,
  specifier: string,
  dependencies: readonly string[] = [],
): string[] {
  const folder = path.split("/").slice(0, 2).join("/");
  const manifest = {
    name: folder.replace("packages", "@lambdad"),
    dependencies: Object.fromEntries(dependencies.map((name) => [name, "1.0.0"])),
  };
  const text = `import { x } from "${specifier}";\n`;
  const checkout = { files: [{ path, text }], workspaces: [{ folder, manifest }] };
  return [...checkArrows(checkout)];
}

describe("checkArrows()", () => {
  const file = "packages/environment/src/a.ts";
  const allowed: readonly (readonly [string, string, readonly string[]])[] = [
    [file, "@lambdad/core", ["@lambdad/core"]],
    [file, "./b.ts", []],
    [file, "node:net", []],
    ["packages/environment/src/routes/a.ts", "../b.ts", []],
    ["packages/environment/src/a.test.ts", "@lambdad/testkit", []],
    ["packages/environment/src/a.test.ts", "fast-check", []],
  ];
  for (const [path, specifier, dependencies] of allowed) {
    test(`lets ${path} import ${specifier}`, () => {
      assert.deepEqual(importProblems(path, specifier, dependencies), []);
    });
  }

  const refused: readonly (readonly [string, string, readonly string[]])[] = [
    [file, "@lambdad/core", []],
    [file, "@lambdad/events", ["@lambdad/events"]],
    [file, "@lambdad/core/src/limits.ts", ["@lambdad/core"]],
    [file, "../../core/src/limits.ts", ["@lambdad/core"]],
    [file, "@lambdad/testkit", []],
    [file, "@lambdad/environment", []],
    [file, "net", []],
    [file, "undici", []],
    ["packages/core/src/a.ts", "node:fs", []],
    ["packages/core/src/a.ts", "@lambdad/http1", ["@lambdad/http1"]],
    ["packages/unknown/src/a.ts", "./b.ts", []],
  ];
  for (const [path, specifier, dependencies] of refused) {
    const listed = dependencies.length > 0 ? "listed" : "unlisted";
    test(`refuses ${specifier}, ${listed}, in ${path}`, () => {
      assert.equal(importProblems(path, specifier, dependencies).length, 1);
    });
  }
});

function exportProblems(path: string, text: string): readonly string[] {
  return checkExports({ files: [{ path, text }], workspaces: [] });
}

describe("checkExports()", () => {
  test("refuses 'export *' and default exports in packages", () => {
    assert.equal(exportProblems("packages/core/src/a.ts", 'export * from "./b.ts";').length, 1);
    assert.equal(exportProblems("packages/core/src/a.ts", "export default 1;").length, 1);
  });

  test("takes named exports, and anything in test data", () => {
    assert.deepEqual(exportProblems("packages/core/src/a.ts", 'export { b } from "./b.ts";'), []);
    assert.deepEqual(exportProblems("packages/core/src/testdata/a.mjs", "export default 1;"), []);
  });
});
