import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { describe, test } from "node:test";
import { returned } from "../testdata/answers.ts";
import { startFakeChannelHost } from "../testdata/fake-channel-host.ts";
import { caller, RuntimeHost, uniqueQueue } from "./testdata/runtime-host.ts";

const importLaunch = 'import { launch } from "@lambdad/node-runtime";';

describe("launch()", () => {
  const forms = [
    [
      "awaited after the handler is exported",
      "app.mjs",
      `${importLaunch} export const handler = (event) => ["exported", event]; await launch();`,
      "exported",
    ],
    [
      "not awaited",
      "app.mjs",
      `${importLaunch} launch(); export const handler = (event) => ["exported", event];`,
      "exported",
    ],
    [
      "with a handler",
      "app.mjs",
      `${importLaunch} await launch({ handler: (event) => ["given", event] });`,
      "given",
    ],
    [
      "in TypeScript",
      "app.ts",
      `${importLaunch} export const handler = (event: unknown): unknown[] => ["typed", event];
       await launch();`,
      "typed",
    ],
    [
      "in a CommonJS module",
      "app.cjs",
      `const { launch } = require("@lambdad/node-runtime");
       exports.handler = (event) => ["common", event]; launch();`,
      "common",
    ],
    [
      "with lambda_handler",
      "app.mjs",
      `${importLaunch} export const lambda_handler = (event) => ["python", event]; await launch();`,
      "python",
    ],
  ] as const;
  for (const [what, file, source, result] of forms) {
    for (const args of [[], ["--threads", "2"]]) {
      test(`${what} serves the function ${args.join(" ")}`, async (t) => {
        const host = await RuntimeHost.start(t, { source, file, args, isLaunched: true });
        const rpc = await caller(t);
        assert.deepEqual(await rpc.invoke(host.queue, 7), [result, 7]);
        host.child.kill("SIGTERM");
        assert.equal((await host.output.end).code, 0);
      });
    }
  }

  test("takes QUEUE_NAME of the module", async (t) => {
    const queue = uniqueQueue();
    const source = `${importLaunch} export const QUEUE_NAME = ${JSON.stringify(queue)};
      export const handler = () => "constant"; await launch();`;
    await RuntimeHost.start(t, { source, queue: null, isLaunched: true });
    assert.equal(await (await caller(t)).invoke(queue, {}), "constant");
  });

  test("resolves with a handler when the queue is consumed, and takes options", async (t) => {
    const queue = uniqueQueue();
    const source = `${importLaunch}
      await launch({ handler: () => "x", queue: ${JSON.stringify(queue)}, concurrency: 3 });
      console.log("after launch");`;
    const host = await RuntimeHost.start(t, { source, queue: null, isLaunched: true });
    await host.said("after launch");
    assert.match(host.output.stderr, /up to 3 calls at once/);
    assert.equal(await (await caller(t)).invoke(queue, {}), "x");
  });

  const servers = [
    ["exported", "export const handler = (event) => ['exported', event]; await launch();"],
    ["given", "await launch({ handler: (event) => ['given', event] });"],
  ] as const;
  for (const [form, code] of servers) {
    for (const args of [[], ["--threads", "1"]]) {
      test(`does nothing under lambda-runtime, which serves the ${form} handler ${args.join(" ")}`, async (t) => {
        const host = await RuntimeHost.start(t, { source: `${importLaunch} ${code}`, args });
        assert.deepEqual(await (await caller(t)).invoke(host.queue, 7), [form, 7]);
      });
    }
  }

  test("does nothing in a function that lambdad runs", async (t) => {
    const url = new URL("./launch.ts", import.meta.url).href;
    const source = `import { launch } from "${url}"; export const handler = () => 1; await launch();`;
    const host = await startFakeChannelHost(t, { "index.mjs": source });
    assert.equal(returned(await host.invoke("{}")), "1");
  });

  const failures = [
    ["a module without a handler", "await launch();", [], 1, /Runtime\.HandlerNotFound/],
    ["a MODULE", "await launch();", ["other.mjs"], 2, /MODULE is not an option .* 'other\.mjs'/],
    ["an option that is wrong", "await launch();", ["--threads", "x"], 2, /--threads must be/],
    [
      "a handler that is not a function",
      "await launch({ handler: 'app.handler' });",
      [],
      1,
      /TypeError: Cannot launch: handler must be a function, and it is 'app\.handler'/,
    ],
    ["a second call", "await launch(); await launch();", [], 1, /serves a function already/],
  ] as const;
  for (const [what, code, args, exitCode, message] of failures) {
    test(`ends the process with ${exitCode} for ${what}`, async (t) => {
      const source = `${importLaunch} ${code}`;
      const host = await RuntimeHost.spawn(t, { source, args, isLaunched: true });
      const { code: ended, stderr } = await host.output.end;
      assert.equal(ended, exitCode, stderr);
      assert.match(stderr, message);
    });
  }

  test("prints the help of lambda-runtime for --help", async (t) => {
    const source = `${importLaunch} await launch();`;
    const host = await RuntimeHost.spawn(t, { source, args: ["--help"], isLaunched: true });
    const { code, stdout } = await host.output.end;
    assert.equal(code, 0);
    assert.match(stdout, /^Usage: lambda-runtime /);
  });
});

test("lambda-runtime -t exports spans of what it served", async (t) => {
  const bodies: Buffer[] = [];
  const collector = createServer((request, response) => {
    request.on("data", (chunk: Buffer) => bodies.push(chunk));
    request.on("end", () => response.writeHead(200).end());
  }).listen(0, "127.0.0.1");
  await once(collector, "listening");
  t.after(() => collector.close().closeAllConnections());
  const { port } = collector.address() as AddressInfo;
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` };
  const host = await RuntimeHost.start(t, { args: ["-t"], env });
  assert.equal(await (await caller(t)).invoke(host.queue, "traced"), "traced");
  host.child.kill("SIGTERM");
  const { code, stderr } = await host.output.end;
  assert.equal(code, 0, stderr);
  assert.ok(Buffer.concat(bodies).includes(host.queue));
});
