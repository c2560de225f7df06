import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, test, type TestContext } from "node:test";
import { returned } from "./testdata/answers.ts";
import { startFakeHttpHost } from "./testdata/fake-http-host.ts";
import { transports } from "./testdata/transports.ts";

const options = { timeout: 60_000 };
const echo = "export const handler = async (event) => event;";

describe("an agent that NODE_OPTIONS loads", () => {
  for (const { name, start } of transports) {
    for (const [flag, agent] of [
      ["--require ./agent.cjs", { "agent.cjs": "globalThis.agent = true;" }],
      ["--import ./agent.mjs", { "agent.mjs": "await null; globalThis.agent = true;" }],
    ] as const) {
      test(`is there before the function (${flag}, ${name})`, options, async (t) => {
        const host = await start(t, {
          ...agent,
          "index.mjs":
            "const there = globalThis.agent; export const handler = async () => [there, process.env.NODE_OPTIONS];",
          env: { NODE_OPTIONS: flag },
        });
        assert.deepEqual(JSON.parse(returned(await host.invoke("{}"))), [true, flag]);
      });
    }

    test(`may name another function in _HANDLER (${name})`, options, async (t) => {
      const host = await start(t, {
        "agent.cjs":
          "const original = process.env._HANDLER; process.env._HANDLER = 'agent.handler'; exports.handler = async () => original;",
        "index.mjs": "throw new Error('not this one');",
        env: { NODE_OPTIONS: "--require ./agent.cjs" },
      });
      assert.equal(returned(await host.invoke("{}")), '"index.handler"');
    });
  }

  test(
    "may put its proxy into AWS_LAMBDA_RUNTIME_API, in spite of a channel",
    options,
    async (t) => {
      const host = await startFakeHttpHost(t, {
        "agent.cjs":
          "process.env.AWS_LAMBDA_RUNTIME_API = process.env.AWS_LAMBDA_RUNTIME_API.replace('127.0.0.1', 'localhost');",
        "index.mjs": echo,
        env: { NODE_OPTIONS: "--require ./agent.cjs", LAMBDAD_RUNTIME_CHANNEL_FD: "3" },
      });
      assert.equal(returned(await host.invoke("1")), "1");
    },
  );
});

/** Registers, and waits for its first event; on SIGTERM it flushes for a moment. */
const internalExtension = `
  const base = \`http://\${process.env.EXTENSIONS_API}/2020-01-01/extension\`;
  async function listen() {
    const body = JSON.stringify({ events: [] });
    const headers = { "Lambda-Extension-Name": "internal" };
    const registered = await fetch(\`\${base}/register\`, { method: "POST", headers, body });
    const identifier = registered.headers.get("Lambda-Extension-Identifier");
    await fetch(\`\${base}/event/next\`, { headers: { "Lambda-Extension-Identifier": identifier } });
  }
  listen().catch(() => {});
  process.on("SIGTERM", () => {
    console.log("flushing");
    setTimeout(() => {
      console.log("flushed");
      process.exit(0);
    }, 50);
  });`;

/** Registers everybody, and lets everybody wait for events. */
async function serveExtensions(t: TestContext) {
  const waiting = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    if (request.url?.endsWith("/register") === true) {
      response.writeHead(200, { "Lambda-Extension-Identifier": "id" }).end("{}");
    } else waiting.resolve();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { address: `127.0.0.1:${port}`, waiting: waiting.promise };
}

for (const { name, start } of transports) {
  describe(`an internal extension in the runtime's process (${name})`, () => {
    for (const [where, files, env] of [
      ["an agent", { "agent.cjs": internalExtension, "index.mjs": echo }, "--require ./agent.cjs"],
      ["the function's module", { "index.mjs": `${internalExtension}\n${echo}` }, ""],
    ] as const) {
      test(`runs beside the function, and has time at SIGTERM (${where})`, options, async (t) => {
        const extensions = await serveExtensions(t);
        const host = await start(t, {
          ...files,
          env: { NODE_OPTIONS: env, EXTENSIONS_API: extensions.address },
        });
        assert.equal(returned(await host.invoke("1")), "1");
        await extensions.waiting;
        assert.equal(returned(await host.invoke("2")), "2");
        host.child.kill("SIGTERM");
        assert.deepEqual(await host.exited, { kind: "exited", code: 0, signal: null });
        assert.match(host.output(), /flushing[^]*flushed/);
      });
    }
  });

  test(`has that time also when its host goes before it (${name})`, options, async (t) => {
    const extensions = await serveExtensions(t);
    const host = await start(t, {
      "index.mjs": `${internalExtension}\n${echo}`,
      env: { EXTENSIONS_API: extensions.address },
    });
    assert.equal(returned(await host.invoke("1")), "1");
    host.lose();
    host.child.kill("SIGTERM");
    assert.deepEqual(await host.exited, { kind: "exited", code: 0, signal: null });
    assert.match(host.output(), /flushing[^]*flushed/);
  });

  test(
    `a runtime without extensions of its own ends when its host goes (${name})`,
    options,
    async (t) => {
      const host = await start(t, { "index.mjs": echo });
      assert.equal(returned(await host.invoke("1")), "1");
      host.lose();
      assert.deepEqual(await host.exited, { kind: "exited", code: 1, signal: null });
    },
  );

  test(`SIGTERM ends a runtime whose function does not handle it (${name})`, options, async (t) => {
    const host = await start(t, { "index.mjs": echo });
    assert.equal(returned(await host.invoke("1")), "1");
    host.child.kill("SIGTERM");
    assert.deepEqual(await host.exited, { kind: "exited", code: null, signal: "SIGTERM" });
  });
}
