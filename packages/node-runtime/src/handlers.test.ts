import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { returned } from "./testdata/answers.ts";
import { transports } from "./testdata/transports.ts";

/** How a handler answers `{"n":1}`, and what must come out. */
const answers: readonly (readonly [name: string, source: string, json: string])[] = [
  ["an async function", "async (event) => ({ got: event.n })", '{"got":1}'],
  ["a promise", "(event) => Promise.resolve(event)", '{"n":1}'],
  ["a thenable", "() => ({ then: (resolve) => resolve('then') })", '"then"'],
  ["a callback", "(event, context, callback) => callback(null, event.n)", "1"],
  ["a late callback", "(e, c, callback) => { setTimeout(callback, 5, null, 'late') }", '"late"'],
  ["a callback of rest arguments", "(...args) => { args[2](null, 'rest') }", '"rest"'],
  ["context.succeed", "(event, context) => { context.succeed('s') }", '"s"'],
  ["a late context.done", "(e, context) => { setTimeout(context.done, 5, null, 'd') }", '"d"'],
  ["the first of several answers", "(e, c, cb) => { cb(null, 1); cb(null, 2); c.succeed(3) }", "1"],
  ["a callback in an async function", "async (e, c, cb) => { cb(null, 'callback') }", '"callback"'],
  ["no callback at all", "(event, context, callback) => {}", "null"],
  ["nothing", "() => {}", "null"],
  ["undefined", "async () => undefined", "null"],
  ["null", "async () => null", "null"],
  ["a text", "async () => 'ü\\n'", '"ü\\n"'],
  // aws-lambda-ric 4 answers with it; 3 ignored it and answered null.
  ["plain data, not a promise", "(event) => ({ statusCode: 200 })", '{"statusCode":200}'],
  // As in the documentation of aws-serverless-express: the server is not the answer.
  [
    "a timer, with context.succeed later",
    "(e, context) => setTimeout(() => context.succeed('later'), 5)",
    '"later"',
  ],
  // aws-lambda-ric 3 (callbacks) ignores what such a handler returns.
  ["plain data from a handler that takes a callback", "(e, c, callback) => 'ignored'", "null"],
  ["a promise that never settles", "() => new Promise(() => {})", "null"],
];

for (const { name, start } of transports) {
  describe(`over ${name}`, () => {
    for (const [how, source, json] of answers) {
      test(`a handler answers by ${how}`, async (t) => {
        const host = await start(t, { "index.cjs": `exports.handler = ${source};` });
        assert.equal(returned(await host.invoke('{"n":1}')), json);
        assert.equal(returned(await host.invoke('{"n":1}')), json, "the second time");
      });
    }

    test("a callback waits until the event loop is empty", async (t) => {
      const source = `
        let done = 0;
        exports.handler = (event, context, callback) => {
          if (event.noWait) context.callbackWaitsForEmptyEventLoop = false;
          setTimeout(() => { done += 1 }, 50);
          callback(null, { get done() { return done } });
        };`;
      const host = await start(t, { "index.cjs": source });
      assert.equal(returned(await host.invoke("{}")), '{"done":1}');
      assert.equal(returned(await host.invoke('{"noWait":true}')), '{"done":1}');
    });

    test("a callback that must not wait is answered with a server still open", async (t) => {
      const source = `
        require("node:net").createServer().listen(0);
        exports.handler = (event, context, callback) => {
          Object.create(context).callbackWaitsForEmptyEventLoop = false;
          callback(null, "at once");
        };`;
      const host = await start(t, { "index.cjs": source });
      assert.equal(returned(await host.invoke("{}")), '"at once"');
    });

    test("an event of several megabytes arrives and goes back unchanged", async (t) => {
      const host = await start(t, { "index.mjs": "export const handler = async (e) => e;" });
      const event = JSON.stringify({ text: "€uro ".repeat(800_000) });
      assert.equal(returned(await host.invoke(event)), event);
      assert.equal(returned(await host.invoke("1")), "1");
    });

    test("INV-4: many invocations follow each other, one at a time", async (t) => {
      const source = `let inside = 0;
        export const handler = async (event) => {
          inside += 1;
          await new Promise((resolve) => setImmediate(resolve));
          const most = inside;
          inside -= 1;
          return most === 1 ? event : "not alone";
        };`;
      const host = await start(t, { "index.mjs": source });
      const events = Array.from({ length: 50 }, (_, index) => String(index));
      const all = await Promise.all(events.map((event) => host.invoke(event)));
      assert.deepEqual(all.map(returned), events);
    });

    test("the function cannot reach the runtime through `this`", async (t) => {
      const source = "exports.handler = function () { 'use strict'; return typeof this };";
      const host = await start(t, { "index.cjs": source });
      assert.equal(returned(await host.invoke("{}")), '"undefined"');
    });
  });
}
