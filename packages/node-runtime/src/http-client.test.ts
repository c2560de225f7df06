import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { HttpClient } from "./http-client.ts";

interface Call {
  readonly line: string;
  readonly port: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

type Reply = readonly [status: number, headers: Record<string, string>, body: string];

/** A Runtime API that answers each call as told, and remembers it. */
async function serve(t: TestContext, reply: (line: string) => Reply) {
  const calls: Call[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => {
      const line = `${request.method} ${request.url}`;
      const { headers, socket } = request;
      calls.push({ line, port: socket.remotePort, headers, body });
      const [status, answerHeaders, text] = reply(line);
      response.writeHead(status, answerHeaders).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { calls, server, address: `127.0.0.1:${port}` };
}

const event: Reply = [
  200,
  {
    "Lambda-Runtime-Aws-Request-Id": "id/1",
    "Lambda-Runtime-Deadline-Ms": "1542409706888",
    "Lambda-Runtime-Invoked-Function-Arn": "arn",
    "Lambda-Runtime-Client-Context": "",
  },
  "{}",
];
const accepted: Reply = [202, {}, '{"status":"OK"}\n'];
const next = "GET /2018-06-01/runtime/invocation/next";

test("HttpClient carries answers and `next` over one connection, in order", async (t) => {
  const host = await serve(t, (line) => (line === next ? event : accepted));
  const client = new HttpClient(host.address, { concurrent: false });
  const first = await client.next();
  client.respond(first.requestId, '"ü"');
  await client.next();
  client.fail("id-2", { errorType: "Bad\nType", errorMessage: "m", trace: [] });
  await client.next();
  assert.deepEqual(
    host.calls.map((call) => call.line),
    [
      next,
      "POST /2018-06-01/runtime/invocation/id%2F1/response",
      next,
      "POST /2018-06-01/runtime/invocation/id-2/error",
      next,
    ],
  );
  assert.equal(new Set(host.calls.map((call) => call.port)).size, 1);
  assert.equal(host.calls[1]?.body, '"ü"');
  assert.equal(host.calls[1]?.headers["content-type"], "application/json");
  assert.equal(host.calls[3]?.headers["lambda-runtime-function-error-type"], "Bad?Type");
  assert.match(String(host.calls[0]?.headers["user-agent"]), /^lambdad-nodejs\/\d+\./);
});

test("HttpClient reads the headers of the event, and an empty one as absent", async (t) => {
  const host = await serve(t, () => event);
  const client = new HttpClient(host.address, { concurrent: false });
  assert.deepEqual(await client.next(), {
    requestId: "id/1",
    deadlineMs: 1542409706888,
    invokedFunctionArn: "arn",
    traceId: undefined,
    clientContext: undefined,
    cognitoIdentity: undefined,
    tenantId: undefined,
    event: "{}",
  });
});

test("HttpClient goes on after an answer that the host refuses", async (t) => {
  const refused: Reply = [413, {}, "{}"];
  const host = await serve(t, (line) => (line === next ? event : refused));
  const client = new HttpClient(host.address, { concurrent: false });
  client.respond("id", "1");
  assert.equal((await client.next()).requestId, "id/1");
});

for (const [what, reply, message] of [
  ["another status", [403, {}, "no\n"], /status 403: no$/],
  ["no request id", [200, { "Lambda-Runtime-Deadline-Ms": "1" }, "{}"], /no request id or no dead/],
  ["no deadline", [200, { "Lambda-Runtime-Aws-Request-Id": "x" }, "{}"], /no request id or no dea/],
] as const) {
  test(`next() fails on ${what}`, async (t) => {
    const host = await serve(t, () => reply);
    const client = new HttpClient(host.address, { concurrent: false });
    await assert.rejects(client.next(), message);
  });
}

test("next() fails when an answer could not be delivered", async (t) => {
  const host = await serve(t, () => event);
  const client = new HttpClient(host.address, { concurrent: false });
  await client.next();
  host.server.closeAllConnections();
  host.server.close();
  client.respond("id", "1");
  await assert.rejects(client.next(), /ECONNREFUSED|ECONNRESET|socket hang up/);
  await client.flush();
});

for (const [address, host, port] of [
  ["[::1]:1", "::1", 1],
  ["127.0.0.1:1", "127.0.0.1", 1],
  ["127.0.0.1", "127.0.0.1", 80],
] as const) {
  test(`HttpClient reads the address '${address}'`, async () => {
    const client = new HttpClient(address, { concurrent: false, connectTriesMax: 1 });
    await assert.rejects(
      client.next(),
      (error: NodeJS.ErrnoException & { port?: number; address?: string }) =>
        error.address === host && error.port === port,
    );
  });
}

for (const [what, call] of [
  ["next()", (client: HttpClient) => client.next()],
  [
    "failInit()",
    (client: HttpClient) => {
      client.failInit({ errorType: "E", errorMessage: "m", trace: [] });
      return client.flush();
    },
  ],
] as const) {
  test(`${what} waits for a proxy that has been started and does not listen yet`, async (t) => {
    const { calls, server, address } = await serve(t, () => event);
    await new Promise((resolve) => server.close(resolve));
    const called = call(new HttpClient(address, { concurrent: false }));
    const hasty = new HttpClient(address, { concurrent: false, connectTriesMax: 1 });
    await assert.rejects(hasty.next(), { code: "ECONNREFUSED" });
    server.listen(Number(address.split(":")[1]), "127.0.0.1");
    await called;
    assert.equal(calls.length, 1);
  });
}
