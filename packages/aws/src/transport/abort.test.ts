import assert from "node:assert/strict";
import { once } from "node:events";
import type { Socket } from "node:net";
import { test } from "node:test";
import { deadlinesRun } from "./deadlines.ts";
import { answering, onRequests, startFixture, type Fixture } from "./transport-fixture.test.ts";

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
const nothing = { open: 0, idle: 0, inUse: 0, queued: 0 };

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function closeOf(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => {
    socket.once("close", resolve);
  });
}

async function nextSocket(fixture: Fixture): Promise<Socket> {
  while (fixture.sockets.length === 0) await turn();
  return fixture.sockets[0] as Socket;
}

test("abort() frees the socket at once, before it is connected (CL-16)", async (t) => {
  const fixture = await startFixture(answering(ok));
  t.after(() => fixture.close());
  const { exchange, recorder } = fixture.begin();
  exchange.abort();
  assert.deepEqual(fixture.transport.counts(fixture.origin), nothing);
  assert.equal(deadlinesRun(), false);
  await turn();
  assert.equal(recorder.isEnded, false);
});

test("abort() leaves the queue, and the others keep their order (CL-16)", async (t) => {
  const seen: string[] = [];
  const fixture = await startFixture(
    (socket) => {
      onRequests(socket, (request) => {
        seen.push(request.split(" ")[1] ?? "");
        socket.write(ok);
      });
    },
    { maxConnections: 1 },
  );
  t.after(() => fixture.close());
  const all = ["/a", "/b", "/c", "/d"].map((path) => fixture.begin({ path }));
  all[1]?.exchange.abort();
  all[3]?.exchange.abort();
  assert.equal(fixture.transport.counts(fixture.origin).queued, 2);
  await Promise.all([all[0]?.recorder.ended, all[2]?.recorder.ended]);
  assert.deepEqual(seen, ["/a", "/c"]);
  assert.equal(all[1]?.recorder.isEnded, false);
});

for (const [stage, answer] of [
  ["before the answer", ""],
  ["in the head", "HTTP/1.1 200 OK\r\nContent"],
] as const) {
  test(`abort() frees the socket at once ${stage} (CL-16)`, async (t) => {
    const fixture = await startFixture(answering(answer));
    t.after(() => fixture.close());
    const { exchange, recorder } = fixture.begin();
    const socket = await nextSocket(fixture);
    await once(socket, "data");
    const closed = closeOf(socket);
    exchange.abort();
    assert.deepEqual(fixture.transport.counts(fixture.origin), nothing);
    await closed;
    assert.equal(recorder.isEnded, false);
  });
}

for (const event of ["head", "data"] as const) {
  test(`abort() inside of the call for ${event} is the last that is heard (CL-16)`, async (t) => {
    const fixture = await startFixture(answering(ok));
    t.after(() => fixture.close());
    const { exchange, recorder } = fixture.begin();
    const heard: string[] = [];
    await new Promise<void>((resolve) => {
      recorder.hook = (what) => {
        heard.push(what);
        if (what !== event) return;
        exchange.abort();
        resolve();
      };
    });
    assert.deepEqual(fixture.transport.counts(fixture.origin), nothing);
    await turn();
    assert.equal(heard.at(-1), event);
    assert.equal(recorder.isEnded, false);
    assert.equal((await fixture.send()).body, "hello");
  });
}

test("abort() after the end does nothing, not even to a connection that serves another", async (t) => {
  const fixture = await startFixture(answering(ok));
  t.after(() => fixture.close());
  const first = fixture.begin();
  await first.recorder.ended;
  const second = fixture.begin();
  first.exchange.abort();
  first.exchange.pause();
  assert.equal((await second.recorder.ended).body, "hello");
  assert.equal(fixture.sockets.length, 1);
});

test("an aborted exchange that held the only connection lets the next one go", async (t) => {
  const fixture = await startFixture(
    (socket, index) => {
      if (index > 0) answering(ok)(socket);
    },
    { maxConnections: 1 },
  );
  t.after(() => fixture.close());
  const first = fixture.begin();
  await nextSocket(fixture);
  const second = fixture.begin();
  first.exchange.abort();
  assert.equal((await second.recorder.ended).body, "hello");
});

test("close() ends idle connections now, and the others with their exchange (CL-16)", async (t) => {
  const fixture = await startFixture(answering(ok), { maxConnections: 2 });
  t.after(() => fixture.close());
  await Promise.all([fixture.send(), fixture.send()]);
  const { recorder } = fixture.begin();
  const [first, second] = fixture.sockets;
  const closed = Promise.all([closeOf(first as Socket), closeOf(second as Socket)]);
  fixture.transport.close();
  assert.equal((await recorder.ended).body, "hello");
  await closed;
  assert.equal(deadlinesRun(), false);
});

test("thousands of exchanges, a third of them aborted anywhere, leave nothing behind", async (t) => {
  const fixture = await startFixture(answering(ok), { maxConnections: 16 });
  t.after(() => fixture.close());
  let ended = 0;
  for (let round = 0; round < 100; round++) {
    const all = Array.from({ length: 30 }, () => fixture.begin());
    const aborted = all.filter((_, index) => index % 3 === round % 3);
    for (const [index, { exchange, recorder }] of aborted.entries()) {
      if (index < 3) exchange.abort();
      else if (index < 6) recorder.hook = () => exchange.abort();
      else setImmediate(() => exchange.abort());
    }
    for (const { recorder } of all.filter((one) => !aborted.includes(one))) {
      assert.equal((await recorder.ended).body, "hello");
      ended++;
    }
    while (fixture.transport.counts(fixture.origin).inUse > 0) await turn();
  }
  assert.equal(ended, 2000);
  const { open, idle, queued } = fixture.transport.counts(fixture.origin);
  assert.ok(open <= 16);
  assert.equal(idle, open);
  assert.equal(queued, 0);
  fixture.transport.close();
  while (fixture.sockets.some((socket) => !socket.destroyed)) await turn();
  assert.equal(deadlinesRun(), false);
});
