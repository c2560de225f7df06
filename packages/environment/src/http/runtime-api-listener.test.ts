import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RawConnection, rawRequest, waitFor } from "@lambdad/testkit";
import { RuntimeApiListener } from "./runtime-api-listener.ts";
import { startPool } from "../testdata/pool-fixture.ts";

/** A runtime that does nothing, so that the test can be the runtime. */
const idleRuntime = [process.execPath, "-e", "setInterval(() => {}, 1000)"];
const nextRequest = "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: localhost\r\n\r\n";

describe("the Runtime API", () => {
  test("gives no event to a call of /next whose connection has gone", async (t) => {
    const { pool, invoke, events } = await startPool(t, idleRuntime, { timeoutMs: 20_000 });
    const port = Number(pool.runtimeApiAddress.split(":")[1]);
    const result = invoke({ a: 1 });
    await waitFor(() => pool.counts.starting === 1);
    const first = await RawConnection.open(port);
    first.send(nextRequest);
    const delivered = await first.readResponse();
    const id = delivered?.headers["lambda-runtime-aws-request-id"] ?? "";
    const answer = `POST /2018-06-01/runtime/invocation/${id}/response HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}`;
    first.send(answer);
    assert.equal((await first.readResponse())?.status, 202);
    assert.equal((await result).kind, "returned");

    first.send(nextRequest);
    await waitFor(() => pool.counts.idle === 1);
    await waitFor(() => events.some(({ type }) => type === "platform.report"));
    first.destroy();
    const second = await RawConnection.open(port);
    t.after(() => second.destroy());
    second.send(nextRequest);
    const unanswered = assert.rejects(invoke({ b: 2 }), { code: "ServiceUnavailable" });
    assert.equal((await second.readResponse())?.body.toString(), '{"b":2}');
    await pool.stop(0);
    await unanswered;
  });

  const refusals: readonly (readonly [string, string, number])[] = [
    ["an unknown path", "GET /2018-06-01/nothing HTTP/1.1\r\nHost: localhost", 404],
    [
      "an unknown action",
      "POST /2018-06-01/runtime/invocation/x/y HTTP/1.1\r\nHost: localhost",
      404,
    ],
    [
      "a wrong method",
      "DELETE /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: localhost",
      405,
    ],
    [
      "a Host of elsewhere (DNS rebinding)",
      "GET /2018-06-01/ping HTTP/1.1\r\nHost: evil.example",
      403,
    ],
    [
      "a Host that begins like an address (DNS rebinding)",
      "GET /2018-06-01/ping HTTP/1.1\r\nHost: 169.254.evil.example",
      403,
    ],
    ["a web page", "GET /2018-06-01/ping HTTP/1.1\r\nHost: localhost\r\nOrigin: null", 403],
    [
      "a web page's image",
      "GET /2018-06-01/ping HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: cross-site",
      403,
    ],
    ["two Hosts", "GET /2018-06-01/ping HTTP/1.1\r\nHost: localhost\r\nHost: localhost", 400],
    ["no environment behind it", nextRequest.trimEnd(), 500],
  ];
  for (const [name, head, status] of refusals) {
    test(`answers ${name} with ${status} (RT-16)`, async (t) => {
      const { pool } = await startPool(t, idleRuntime);
      const port = Number(pool.runtimeApiAddress.split(":")[1]);
      const response = await rawRequest(port, `${head}\r\n\r\n`);
      assert.equal(response?.status, status);
    });
  }

  for (const host of ["localhost:9001", "127.0.0.1", "169.254.100.1:9001", "[::1]:9001"]) {
    test(`answers a ping for the host ${host}`, async (t) => {
      const { pool } = await startPool(t, idleRuntime);
      const port = Number(pool.runtimeApiAddress.split(":")[1]);
      const request = `GET /2018-06-01/ping HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
      const response = await rawRequest(port, request);
      assert.equal(response?.status, 200);
      assert.equal(response.body.toString(), "pong");
    });
  }
});

test("the Runtime API refuses more connections than it has descriptors for (HO-6)", async (t) => {
  const listener = new RuntimeApiListener({ host: "127.0.0.1", port: 0, connectionsMax: 2 });
  await listener.start();
  t.after(() => listener.stop());
  const port = Number(listener.address.split(":")[1]);
  const ping = "GET /2018-06-01/ping HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const connections = [await RawConnection.open(port), await RawConnection.open(port)];
  for (const connection of connections) {
    connection.send(ping);
    assert.equal((await connection.readResponse())?.status, 200);
  }
  assert.equal((await rawRequest(port, ping))?.status, 503);
  for (const connection of connections) connection.destroy();
});
