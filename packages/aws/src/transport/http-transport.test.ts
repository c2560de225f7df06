import assert from "node:assert/strict";
import { test } from "node:test";
import { answering, onRequests, startFixture } from "./transport-fixture.test.ts";

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Two: a\r\n\r\nhello";

test("send() gives the status, the headers in lower case, and the body", async (t) => {
  const fixture = await startFixture(answering(ok));
  t.after(() => fixture.close());
  const outcome = await fixture.send();
  assert.equal(outcome.error, undefined);
  assert.equal(outcome.status, 200);
  assert.equal(outcome.length, 5);
  assert.equal(outcome.body, "hello");
  assert.deepEqual(outcome.headers, ["content-length", "5", "x-two", "a"]);
});

test("send() uses a connection again, the one that was used last first", async (t) => {
  const fixture = await startFixture(answering(ok));
  t.after(() => fixture.close());
  for (let i = 0; i < 5; i++) assert.equal((await fixture.send()).body, "hello");
  assert.equal(fixture.sockets.length, 1);
  assert.deepEqual(fixture.transport.counts(fixture.origin), {
    open: 1,
    idle: 1,
    inUse: 0,
    queued: 0,
  });
});

test("send() opens no more than maxConnections, and the others wait in order", async (t) => {
  const order: string[] = [];
  const fixture = await startFixture(
    (socket) => {
      onRequests(socket, (request) => {
        order.push(request.split(" ")[1] ?? "");
        setImmediate(() => socket.write(ok));
      });
    },
    { maxConnections: 1 },
  );
  t.after(() => fixture.close());
  const all = ["/a", "/b", "/c", "/d"].map((path) => fixture.begin({ path }));
  const { queued } = fixture.transport.counts(fixture.origin);
  assert.equal(queued, 4);
  for (const { recorder } of all) assert.equal((await recorder.ended).status, 200);
  assert.deepEqual(order, ["/a", "/b", "/c", "/d"]);
  assert.equal(fixture.sockets.length, 1);
  assert.ok((all[3]?.exchange.queuedMs ?? 0) > 0);
});

test("send() writes the request as RFC 9112 says, with its own framing", async (t) => {
  const seen: string[] = [];
  const fixture = await startFixture((socket) => {
    onRequests(socket, (request) => {
      seen.push(request);
      socket.write(ok);
    });
  });
  t.after(() => fixture.close());
  const headers = ["host", "h", "content-length", "9", "x-a", "ü"];
  const requests = [
    { body: undefined },
    { method: "PUT", body: undefined },
    { method: "POST", headers, body: "text" },
    { method: "POST", headers, body: "tüxt" },
    { method: "POST", body: "tüxt" },
    { method: "PUT", body: new Uint8Array([65, 66, 255]) },
  ];
  for (const request of requests) assert.equal((await fixture.send(request)).status, 200);
  assert.deepEqual(seen, [
    "GET / HTTP/1.1\r\nhost: test\r\n\r\n",
    "PUT / HTTP/1.1\r\nhost: test\r\ncontent-length: 0\r\n\r\n",
    "POST / HTTP/1.1\r\nhost: h\r\nx-a: Ã¼\r\ncontent-length: 4\r\n\r\ntext",
    "POST / HTTP/1.1\r\nhost: h\r\nx-a: Ã¼\r\ncontent-length: 5\r\n\r\ntÃ¼xt",
    "POST / HTTP/1.1\r\nhost: test\r\ncontent-length: 5\r\n\r\ntÃ¼xt",
    "PUT / HTTP/1.1\r\nhost: test\r\ncontent-length: 3\r\n\r\nABÿ",
  ]);
});
