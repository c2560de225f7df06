import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { failed, returned, streamed } from "./testdata/answers.ts";
import { transports } from "./testdata/transports.ts";

const env = { AWS_LAMBDA_MAX_CONCURRENCY: "4" };

/** Answers only when four invocations are inside: so they must run at the same time. */
const meeting = `
  let waiting = [];
  export const handler = async (event, context) => {
    console.log("in", event);
    await new Promise((resolve) => {
      waiting.push(resolve);
      if (waiting.length === 4) { for (const go of waiting) go(); waiting = []; }
    });
    console.log("out", event);
    return [event, context.awsRequestId, awslambda.InvokeStore.getRequestId(),
      awslambda.InvokeStore.getXRayTraceId(), process.env._X_AMZN_TRACE_ID];
  };`;

for (const { name, start } of transports) {
  describe(`over ${name}`, () => {
    test("INV-4: as many invocations run at once as AWS_LAMBDA_MAX_CONCURRENCY says, each with its own id", async (t) => {
      const host = await start(t, { "index.mjs": meeting, env });
      const ids = Array.from({ length: 8 }, (_, index) => `id-${index}`);
      const answers = await Promise.all(
        ids.map((requestId, index) =>
          host.invoke(String(index), { requestId, traceId: `Root=${index}` }),
        ),
      );
      for (const [index, answer] of answers.entries()) {
        const id = `id-${index}`;
        assert.deepEqual(JSON.parse(returned(answer)), [index, id, id, `Root=${index}`, null]);
        for (const word of ["in", "out"]) {
          assert.match(host.output(), new RegExp(`\tid-${index}\tINFO\t${word} ${index}\n`));
        }
      }
    });

    test("a callback is answered at once: the event loop is never empty", async (t) => {
      const source = `exports.handler = (event, context, callback) => {
        setInterval(() => {}, 1000);
        callback(null, event);
      };`;
      const host = await start(t, { "index.cjs": source, env });
      assert.equal(returned(await host.invoke("1")), "1");
      assert.equal(returned(await host.invoke("2")), "2");
    });

    test("a handler that returns nothing is answered at once", async (t) => {
      const host = await start(t, { "index.cjs": "exports.handler = () => {};", env });
      assert.equal(returned(await host.invoke("1")), "null");
    });

    test("streams of several invocations do not mix", async (t) => {
      const source = `exports.handler = awslambda.streamifyResponse(async (event, stream) => {
        for (let i = 0; i < 20; i += 1) {
          stream.write(String(event).repeat(1000));
          await new Promise((resolve) => setImmediate(resolve));
        }
        stream.end();
      });`;
      const host = await start(t, { "index.cjs": source, env });
      const answers = await Promise.all([1, 2, 3, 4, 5, 6].map((n) => host.invoke(String(n))));
      for (const [index, answer] of answers.entries()) {
        assert.equal(streamed(answer).body.toString(), String(index + 1).repeat(20_000));
      }
    });

    test("INV-5: an exception fails the invocation that threw it, and the others see the end", async (t) => {
      const source = `
        let inside = 0;
        exports.handler = async (event) => {
          inside += 1;
          while (inside < 2) await new Promise((resolve) => setImmediate(resolve));
          if (event === "bad") setTimeout(() => { throw new Error("mine") }, 5);
          await new Promise((resolve) => setTimeout(resolve, 60_000));
        };`;
      const host = await start(t, { "index.cjs": source, env });
      const good = host.invoke('"good"');
      const bad = host.invoke('"bad"');
      assert.equal(failed(await bad).errorMessage, "mine");
      assert.deepEqual(await good, { kind: "exited", code: 129, signal: null });
    });

    test("a rejection that nobody handles belongs to the invocation that made it", async (t) => {
      const source = `
        let inside = 0;
        exports.handler = async (event) => {
          inside += 1;
          while (inside < 2) await new Promise((resolve) => setImmediate(resolve));
          if (event === "bad") void Promise.reject(new Error("mine"));
          await new Promise((resolve) => setTimeout(resolve, 60_000));
        };`;
      const host = await start(t, { "index.cjs": source, env });
      const good = host.invoke('"good"');
      const bad = host.invoke('"bad"');
      assert.equal(failed(await bad).errorMessage, "Error: mine");
      assert.deepEqual(await good, { kind: "exited", code: 128, signal: null });
    });
  });
}
