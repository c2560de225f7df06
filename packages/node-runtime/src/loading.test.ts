import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { FunctionFiles } from "./testdata/fake-host.ts";
import { failed, returned } from "./testdata/answers.ts";
import { startFakeChannelHost } from "./testdata/fake-channel-host.ts";
import { transports } from "./testdata/transports.ts";

const esm = (text: string): string => `export const handler = async () => "${text}";`;
const cjs = (text: string): string => `exports.handler = async () => "${text}";`;
const typed = (text: string): string =>
  `export const handler = async (event: unknown): Promise<string> => "${text}";`;

/** Functions that load, and what they answer. */
const good: readonly (readonly [what: string, files: FunctionFiles, json: string])[] = [
  ["CommonJS in .js", { "index.js": cjs("cjs") }, '"cjs"'],
  [
    "an ES module in .js by the nearest package.json",
    { "package.json": '{"type":"module"}', "a/package.json": "{}", "index.js": esm("esm") },
    '"esm"',
  ],
  [
    "CommonJS in .js of a folder with a package.json of its own",
    {
      "package.json": '{"type":"module"}',
      "a/package.json": '{"type":"commonjs"}',
      "a/index.js": cjs("inner"),
      handler: "a/index.handler",
    },
    '"inner"',
  ],
  ["an ES module in .js without a package.json", { "index.js": esm("detected") }, '"detected"'],
  ["an ES module in .mjs", { "index.mjs": esm("mjs") }, '"mjs"'],
  ["CommonJS in .cjs", { "index.cjs": cjs("cjs") }, '"cjs"'],
  ["TypeScript in .ts", { "index.ts": typed("ts") }, '"ts"'],
  ["TypeScript in .mts", { "index.mts": typed("mts") }, '"mts"'],
  [
    "TypeScript in .cts",
    { "index.cts": 'exports.handler = async (e: unknown): Promise<string> => "cts";' },
    '"cts"',
  ],
  [
    "a nested folder and a nested export",
    {
      "a/b/file.mjs": 'export const deep = { export: { it: async () => "deep" } };',
      handler: "a/b/file.deep.export.it",
    },
    '"deep"',
  ],
  [
    "a default export",
    { "index.mjs": 'export default async () => "d";', handler: "index.default" },
    '"d"',
  ],
  [
    "an export of a default object",
    { "index.mjs": 'export default { handler: async () => "member" };' },
    '"member"',
  ],
  [
    "an export that only running the module shows",
    { "index.cjs": 'for (const key of ["handler"]) module.exports[key] = async () => key;' },
    '"handler"',
  ],
  [
    "a top-level await",
    {
      "index.mjs":
        'const x = await new Promise((r) => setTimeout(r, 5, "tla")); export const handler = async () => x;',
    },
    '"tla"',
  ],
  [
    "a module that requires an ES module",
    {
      "index.cjs": 'exports.handler = async () => require("./other.mjs").x;',
      "other.mjs": "export const x = 7;",
    },
    "7",
  ],
  [
    "a file without an extension",
    { bare: cjs("bare"), handler: "bare.handler" } as FunctionFiles,
    '"bare"',
  ],
  [
    "a folder with an index file",
    { "lib/index.js": cjs("folder"), handler: "lib.handler" },
    '"folder"',
  ],
  [
    "a package in node_modules",
    { "node_modules/fn/index.js": cjs("package"), handler: "fn.handler" },
    '"package"',
  ],
  [
    "the first of .js, .mjs, .ts",
    { "index.js": cjs("js"), "index.mjs": esm("mjs"), "index.ts": typed("ts") },
    '"js"',
  ],
  [
    "the first of .mjs, .cjs, .ts",
    { "index.mjs": esm("mjs"), "index.cjs": cjs("cjs"), "index.ts": typed("ts") },
    '"mjs"',
  ],
];

/** Functions that do not load, and why. */
const bad: readonly (readonly [what: string, files: FunctionFiles, type: string, text: RegExp])[] =
  [
    [
      "a missing file",
      { handler: "gone.handler" },
      "Runtime.ImportModuleError",
      /^Error: Cannot find module 'gone'/,
    ],
    [
      "a missing package, CommonJS",
      { "index.cjs": 'require("gone")' },
      "Runtime.ImportModuleError",
      /Cannot find module 'gone'\nRequire stack:\n- .*index\.cjs/,
    ],
    [
      "a missing package, ES module",
      { "index.mjs": 'import "gone";' },
      "Runtime.ImportModuleError",
      /Cannot find package 'gone' imported from .*index\.mjs/,
    ],
    [
      "a syntax error",
      { "index.mjs": "export const = 1;" },
      "Runtime.UserCodeSyntaxError",
      /^SyntaxError: /,
    ],
    [
      "a syntax error, CommonJS",
      { "index.cjs": "exports. = {" },
      "Runtime.UserCodeSyntaxError",
      /^SyntaxError: /,
    ],
    [
      "TypeScript that Node cannot strip",
      { "index.ts": "enum Color { red }\nexport const handler = async () => Color.red;" },
      "Runtime.UserCodeSyntaxError",
      /TypeScript enum is not supported in strip-only mode\. Node runs TypeScript by removing its types: compile/,
    ],
    [
      "TypeScript that is wrong",
      { "index.ts": "export const handler: = 5;" },
      "Runtime.UserCodeSyntaxError",
      /^SyntaxError/,
    ],
    [
      "a missing export",
      { "index.mjs": "export {};" },
      "Runtime.HandlerNotFound",
      /^index\.handler is undefined or not exported$/,
    ],
    [
      "an export that is no function",
      { "index.mjs": "export const handler = 5;" },
      "Runtime.HandlerNotFound",
      /^index\.handler is not a function$/,
    ],
    [
      "a handler without a dot",
      { handler: "index" },
      "Runtime.MalformedHandlerName",
      /^Bad handler$/,
    ],
    [
      "a handler outside the task root",
      { handler: "../index.handler" },
      "Runtime.MalformedHandlerName",
      /^'\.\.\/index\.handler' is not a valid/,
    ],
    [
      "a module that throws",
      { "index.mjs": "throw new RangeError('at load');" },
      "RangeError",
      /^at load$/,
    ],
    ["a module that throws a text", { "index.mjs": "throw 'text';" }, "string", /^text$/],
    [
      "a top-level await that rejects",
      { "index.mjs": "await Promise.reject(new TypeError('tla'));" },
      "TypeError",
      /^tla$/,
    ],
    [
      "a top-level await that never settles",
      { "index.mjs": "await new Promise(() => {});" },
      "Runtime.UnsettledTopLevelAwait",
      /never settles/,
    ],
    [
      "a handler that wants an unknown kind of streaming",
      {
        "index.cjs":
          'exports.handler = async () => 1; exports.handler[Symbol.for("aws.lambda.runtime.handler.streaming")] = "both";',
      },
      "Runtime.MalformedStreamingHandler",
      /^Only response streaming is supported\.$/,
    ],
  ];

// What is loaded has nothing to do with the transport: one is enough.
for (const [what, files, json] of good) {
  test(`the runtime loads ${what}`, async (t) => {
    const host = await startFakeChannelHost(t, files);
    assert.equal(returned(await host.invoke("{}")), json, host.output());
  });
}

for (const [what, files, errorType, text] of bad) {
  test(`RT-6: ${what} is reported as ${errorType}, then the process ends with 1`, async (t) => {
    const host = await startFakeChannelHost(t, files);
    const error = failed(await host.initFailure);
    assert.equal(error.errorType, errorType);
    assert.match(error.errorMessage, text);
    assert.deepEqual(await host.exited, { kind: "exited", code: 1, signal: null });
    assert.match(host.output(), /\tundefined\tERROR\tInit Error \t\{"errorType":/);
  });
}

test("an absolute handler is loaded from where it says, as on AWS", async (t) => {
  const host = await startFakeChannelHost(t, { "index.mjs": esm("first") });
  assert.equal(returned(await host.invoke("{}")), '"first"');
  const other = await startFakeChannelHost(t, { handler: `${host.taskRoot}/index.handler` });
  assert.equal(returned(await other.invoke("{}")), '"first"');
});

for (const { name, start } of transports) {
  describe(`over ${name}`, () => {
    test("RT-6: an error while loading is reported, then the process ends with 1", async (t) => {
      const host = await start(t, { "index.mjs": "throw new RangeError('at load');" });
      assert.equal(failed(await host.initFailure).errorType, "RangeError");
      assert.equal((await host.exited).code, 1);
    });

    test("RT-6: an exception in a timer while loading is reported, then the process ends with 129", async (t) => {
      const source =
        "setTimeout(() => { throw new Error('timer') }, 1); await new Promise(() => {});";
      const host = await start(t, { "index.mjs": source });
      assert.equal(failed(await host.initFailure).errorMessage, "timer");
      assert.equal((await host.exited).code, 129);
    });

    test("RT-6: a rejection that nobody handles while loading ends the process with 128", async (t) => {
      const source = "void Promise.reject(new Error('forgotten')); await new Promise(() => {});";
      const host = await start(t, { "index.mjs": source });
      const error = failed(await host.initFailure);
      assert.equal(error.errorType, "Runtime.UnhandledPromiseRejection");
      assert.equal((await host.exited).code, 128);
    });

    test("process.exit while loading reports nothing", async (t) => {
      const host = await start(t, { "index.mjs": "process.exit(7);" });
      assert.deepEqual(await host.initFailure, { kind: "exited", code: 7, signal: null });
    });
  });
}
