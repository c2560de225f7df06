import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { pathToFileURL } from "node:url";
import {
  loadFunctionModule,
  moduleTitle,
  parseModuleName,
  syntaxErrorPlace,
} from "./function-module.ts";

/** A folder with these files. */
function folderWith(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "function-module-"));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

describe("parseModuleName()", () => {
  const cases: readonly (readonly [string, string, string | undefined])[] = [
    ["app", "app", undefined],
    ["app.mjs:run", "app.mjs", "run"],
    ["./a/b.ts:deep.run", "./a/b.ts", "deep.run"],
    ["file:///a/b.mjs", "file:///a/b.mjs", undefined],
    ["file:///a/b.mjs:run", "file:///a/b.mjs", "run"],
    ["@scope/package:run", "@scope/package", "run"],
    ["app:", "app:", undefined],
  ];
  for (const [text, module, handler] of cases) {
    test(`takes '${text}' apart`, () => {
      assert.deepEqual(parseModuleName(text), { module, handler });
    });
  }
});

const returns = (value: string): string => `() => ${JSON.stringify(value)}`;

describe("loadFunctionModule()", () => {
  const files = {
    "named.mjs": `export const QUEUE_NAME = "of-the-module";
      export const handler = ${returns("handler")};
      export const lambda_handler = ${returns("lambda_handler")};
      export const other = ${returns("other")};
      export const deep = { run: ${returns("deep")} };
      export const text = "no function";
      export default ${returns("default")};`,
    "python.mjs": `export const lambda_handler = ${returns("lambda_handler")};
      export default ${returns("default")};`,
    "only.mjs": `export default ${returns("default")};`,
    "object.mjs": `export default { handler: ${returns("in the default")} };`,
    "common.cjs": `exports.handler = ${returns("common")}; exports.QUEUE_NAME = "common-queue";`,
    "function.cjs": `module.exports = ${returns("module.exports")};`,
    "typed.ts": `interface Event {} export const handler = (event: Event): string => "typed";`,
    "folder/index.mjs": `export const handler = ${returns("folder")};`,
    "main/package.json": '{"main": "lib/run.js", "type": "module"}',
    "main/lib/run.js": `export const handler = ${returns("main")};`,
    "node_modules/esm-only/package.json": '{"type": "module", "exports": {"import": "./i.js"}}',
    "node_modules/esm-only/i.js": `export const handler = ${returns("esm-only")};`,
    "node_modules/@scope/legacy/index.js": `exports.handler = ${returns("legacy")};`,
  };
  const cases: readonly (readonly [string, string, string, string | undefined])[] = [
    ["named.mjs", "handler", "named", "of-the-module"],
    ["./named", "handler", "named", "of-the-module"],
    ["named:other", "other", "named", "of-the-module"],
    ["named.mjs:deep.run", "deep", "named", "of-the-module"],
    ["named:default", "default", "named", "of-the-module"],
    ["python", "lambda_handler", "python", undefined],
    ["only.mjs", "default", "only", undefined],
    ["object.mjs", "in the default", "object", undefined],
    ["common", "common", "common", "common-queue"],
    ["function.cjs", "module.exports", "function", undefined],
    ["typed", "typed", "typed", undefined],
    ["folder", "folder", "folder", undefined],
    ["./main", "main", "main", undefined],
    ["esm-only", "esm-only", "esm-only", undefined],
    ["@scope/legacy", "legacy", "legacy", undefined],
  ];
  for (const [text, result, name, queueName] of cases) {
    test(`finds the function of '${text}'`, async (t) => {
      const folder = folderWith(t, files);
      const loaded = await loadFunctionModule(parseModuleName(text), folder);
      assert.equal(loaded.handler({}), result);
      assert.equal(loaded.name, name);
      assert.equal(loaded.queueName, queueName);
      assert.equal(moduleTitle(parseModuleName(text).module, folder), name);
    });
  }

  test("finds the function of a file URL, and says where it is", async (t) => {
    const folder = folderWith(t, files);
    const url = pathToFileURL(join(folder, "named.mjs")).href;
    const loaded = await loadFunctionModule(parseModuleName(`${url}:other`), "/");
    assert.equal(loaded.handler({}), "other");
    assert.equal(loaded.description, `other of ${join(folder, "named.mjs")}`);
    assert.equal(loaded.url, url);
  });

  const broken = {
    "app.mjs": "export const handler = () => 1; export const text = 'x';",
    "empty.mjs": "export const nothing = 1;",
    "queue.mjs": "export const handler = () => 1; export const QUEUE_NAME = 7;",
    "syntax.mjs": "export const = ;",
    "imports-syntax.mjs": "import './syntax.mjs';",
    "common-syntax.cjs": "const a = 1;\nexports.handler = ( => 1;",
    "node_modules/hidden/package.json": '{"name":"hidden","exports":{"./x":"./x.js"}}',
    "throws.mjs": "throw new RangeError('at load');",
    "missing.mjs": "import 'not-there';",
    "value.mjs": "export const handler = 7;",
  };
  const failures: readonly (readonly [string, string, RegExp])[] = [
    ["./absent", "Runtime.ImportModuleError", /^Cannot find module '\.\/absent'$/],
    ["not-installed", "Runtime.ImportModuleError", /^Cannot find module 'not-installed'$/],
    ["app.handler", "Runtime.ImportModuleError", /did you mean 'app:handler'\?$/],
    ["app:absent", "Runtime.HandlerNotFound", /^absent of .* is undefined or not exported$/],
    ["app:text", "Runtime.HandlerNotFound", /^text of .* is not a function$/],
    ["value", "Runtime.HandlerNotFound", /^handler of .* is not a function$/],
    ["empty", "Runtime.HandlerNotFound", /exports neither 'handler' nor 'lambda_handler' nor/],
    ["queue", "Runtime.ImportModuleError", /^QUEUE_NAME of .* is not a queue's name$/],
    ["file://host/x.mjs", "Runtime.ImportModuleError", /: File URL host must be/],
    ["file:///a%2Fb.mjs", "Runtime.ImportModuleError", /: File URL path must not/],
    ["app.mjs:", "Runtime.ImportModuleError", /^Cannot find module 'app\.mjs:'/],
    ["https://localhost/x.mjs", "Runtime.ImportModuleError", /Only URLs with a scheme in: file/],
    ["hidden", "Runtime.ImportModuleError", /^Cannot find module 'hidden': No "exports" main/],
    ["syntax", "Runtime.UserCodeSyntaxError", /'=', in .*: 'node \/.*syntax\.mjs' tells/],
    ["imports-syntax", "Runtime.UserCodeSyntaxError", /'node \/.*imports-syntax\.mjs' tells/],
    ["common-syntax", "Runtime.UserCodeSyntaxError", /^SyntaxError: Unexpected token '=>'$/],
    ["missing", "Runtime.ImportModuleError", /not-there/],
    ["throws", "RangeError", /^at load$/],
  ];
  for (const [text, name, message] of failures) {
    test(`fails for '${text}' with ${name}`, async (t) => {
      const folder = folderWith(t, broken);
      const loading = loadFunctionModule(parseModuleName(text), folder);
      await assert.rejects(loading, { name, message });
    });
  }

  test("tells where the syntax of a CommonJS module is wrong", async (t) => {
    const folder = folderWith(t, broken);
    const loading = loadFunctionModule(parseModuleName("common-syntax"), folder);
    const error = await loading.then(
      () => assert.fail(),
      (thrown: Error) => thrown,
    );
    assert.match(
      syntaxErrorPlace(error),
      /common-syntax\.cjs:2\nexports\.handler = \( => 1;\n *\^\^$/,
    );
  });
});
