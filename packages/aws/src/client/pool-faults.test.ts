import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { describe, it } from "node:test";
import { failureOf, json, silence, startServer } from "./client-fixture.test.ts";
import { AbortError, TimeoutError } from "./errors.ts";

const input = { TableName: "t", Key: { id: { S: "1" } } };

describe("CL-16: the pool", { timeout: 60_000 }, () => {
  it("CL-16: ten times its size: each call is answered once, with its own answer", async () => {
    await using server = await startServer(({ body }) => {
      const { Key } = JSON.parse(body.toString()) as { Key: unknown };
      return (socket) => setImmediate(() => socket.write(json({ Item: Key })));
    });
    await using client = server.session().client("dynamodb", { maxConnections: 4 });
    const outputs = await Promise.all(
      Array.from({ length: 400 }, (_, i) =>
        client.getItem({ TableName: "t", Key: { id: { N: String(i) } } }),
      ),
    );
    outputs.forEach(({ Item }, i) => assert.deepEqual(Item, { id: { N: String(i) } }));
    assert.equal(server.requests.length, 400);
    assert.equal(server.mostOpen, 4);
    await client.close();
    await server.closed();
  });

  it("CL-16: waiting in a full pool ends with the limit's name", async () => {
    await using server = await startServer(() => silence);
    await using client = server.session().client("dynamodb", { maxConnections: 1, maxAttempts: 1 });
    const first = failureOf(client.getItem(input));
    await server.arrived(1);
    const error = await failureOf(client.getItem(input, { attemptTimeout: 20 }));
    assert.ok(error instanceof TimeoutError);
    assert.match(error.message, /waited for a free connection \(`maxConnections` is 1\)/);
    client.destroy();
    await first;
  });

  it("CL-16: close waits for calls in flight and leaves no socket", async () => {
    const held: Socket[] = [];
    await using server = await startServer(() => (socket) => held.push(socket));
    const client = server.session().client("dynamodb");
    const calls = [1, 2, 3].map(() => client.getItem(input));
    await server.arrived(3);
    const closed = client.close();
    await assert.rejects(client.getItem(input), { name: "ClientClosedError" });
    held.forEach((socket) => socket.write(json({})));
    await Promise.all([...calls, closed]);
    await server.closed();
  });

  it("CL-16: clients with the same options share connections, also of other sessions", async () => {
    await using server = await startServer(() => json({}));
    const one = server.session().client("dynamodb");
    const other = server.session().client("sqs", { region: "eu-west-1" });
    await one.getItem(input);
    await other.listQueues();
    assert.equal(server.accepted, 1);
    await one.close();
    assert.equal(server.sockets.size, 1);
    await other.close();
    await server.closed();
  });

  it("CL-16: an aborted call leaves the queue; the others are answered", async () => {
    const held: Socket[] = [];
    await using server = await startServer(({ index }) =>
      index === 0 ? (socket): unknown => held.push(socket) : json({}),
    );
    await using client = server.session().client("dynamodb", { maxConnections: 1 });
    const first = client.getItem(input);
    await server.arrived(1);
    const controllers = Array.from({ length: 10 }, () => new AbortController());
    const calls = controllers.map(({ signal }) => client.getItem(input, { signal }));
    const ends = Promise.allSettled(calls);
    controllers.forEach((each, i) => i % 2 === 0 && each.abort(new Error(`no ${i}`)));
    held[0]?.write(json({}));
    await first;
    (await ends).forEach((end, i) => {
      assert.equal(end.status, i % 2 === 0 ? "rejected" : "fulfilled");
      if (end.status === "rejected") assert.ok(end.reason instanceof AbortError);
    });
    assert.equal(server.requests.length, 6);
  });
});
