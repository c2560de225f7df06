import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { peerCommand } from "./host.ts";
import { holdInvocation, type HeldInvocation } from "./held-invocation.ts";
import { get, header, invoke, json } from "./invoke.ts";
import { rawRequest } from "./raw-request.ts";
import { rawCommand } from "./runtimes.ts";
import { type Daemon, startLambdad } from "./start-lambdad.ts";

const skip = peerCommand === undefined ? false : "lambdad alone";
const path = "/2015-03-31/functions/conformance/invocations";
const host = "Host: 127.0.0.1";

/** Requests that must be refused, and must not reach the function. */
const refused: readonly {
  readonly title: string;
  readonly bytes: string;
  readonly status: number;
}[] = [
  {
    title: "an event that is no JSON (HT-8)",
    bytes: `POST ${path} HTTP/1.1\r\n${host}\r\nContent-Length: 5\r\n\r\n{"a":`,
    status: 400,
  },
  {
    title: "an event that is no UTF-8 (HT-8)",
    bytes: `POST ${path} HTTP/1.1\r\n${host}\r\nContent-Length: 4\r\n\r\n"\u0080""`,
    status: 400,
  },
  {
    title: "an event over the limit, by its Content-Length (HT-5)",
    bytes: `POST ${path} HTTP/1.1\r\n${host}\r\nContent-Length: 6291557\r\n\r\n"`,
    status: 413,
  },
  {
    title: "an event over the limit, in chunks (HT-6)",
    bytes: `POST ${path} HTTP/1.1\r\n${host}\r\nTransfer-Encoding: chunked\r\n\r\n${`100000\r\n${" ".repeat(0x10_00_00)}\r\n`.repeat(7)}`,
    status: 413,
  },
  {
    title: "an unknown function (HT-10)",
    bytes: `POST /2015-03-31/functions/nobody/invocations HTTP/1.1\r\n${host}\r\nContent-Length: 2\r\n\r\n{}`,
    status: 404,
  },
  {
    title: "a name that is none (HT-10)",
    bytes: `POST /2015-03-31/functions/a%20b/invocations HTTP/1.1\r\n${host}\r\nContent-Length: 2\r\n\r\n{}`,
    status: 400,
  },
  {
    title: "a wrong method (HT-16)",
    bytes: `PUT ${path} HTTP/1.1\r\n${host}\r\nContent-Length: 2\r\n\r\n{}`,
    status: 405,
  },
  {
    title: "two lengths (HT-14)",
    bytes: `POST ${path} HTTP/1.1\r\n${host}\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{} `,
    status: 400,
  },
  {
    title: "a length and chunks (HT-14)",
    bytes: `POST ${path} HTTP/1.1\r\n${host}\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    status: 400,
  },
  {
    title: "two hosts (HT-14)",
    bytes: `POST ${path} HTTP/1.1\r\n${host}\r\n${host}\r\n\r\n`,
    status: 400,
  },
  { title: "bytes that are no HTTP (HT-14)", bytes: "\0\u0001\u0002 hello\r\n\r\n", status: 400 },
  {
    title: "a head without an end (HT-14)",
    bytes: `POST ${path} HTTP/1.1\r\n${host}\r\nX-Slow: `,
    status: 408,
  },
  {
    title: "a head over 16 KiB (HT-14)",
    bytes: `POST ${path} HTTP/1.1\r\n${host}\r\nX-Large: ${"x".repeat(20_000)}\r\n\r\n`,
    status: 431,
  },
  {
    title: "a body that stops coming",
    bytes: `POST ${path} HTTP/1.1\r\n${host}\r\nContent-Length: 20\r\n\r\n{"a":`,
    status: 408,
  },
  {
    title: "a client context that is no base64 (HT-9)",
    bytes: `POST ${path} HTTP/1.1\r\n${host}\r\nX-Amz-Client-Context: ***\r\nContent-Length: 2\r\n\r\n{}`,
    status: 400,
  },
  {
    title: "a page of another site",
    bytes: `POST ${path} HTTP/1.1\r\n${host}\r\nOrigin: http://example.com\r\nContent-Length: 2\r\n\r\n{}`,
    status: 403,
  },
];

/** Asks until so many invocations wait; the test's own limit ends it. */
async function queueLength(daemon: Daemon, length: number): Promise<void> {
  const line = `\nlambdad_queue_length ${length}\n`;
  while (!(await get(daemon, "/metrics")).body.includes(line)) await sleep(10);
}

describe("a bad request gets a clear answer, and touches nothing else", { skip }, () => {
  let daemon: Daemon;
  let held: HeldInvocation;
  before(async () => {
    const args = [
      "--metrics",
      "--max-concurrency=2",
      "--timeout=60",
      "--head-timeout=0.5",
      "--body-timeout=0.5",
    ];
    daemon = await startLambdad([...args, ...rawCommand], {});
    held = await holdInvocation(daemon);
  });
  after(() => daemon?.stop());

  for (const { title, bytes, status } of refused) {
    test(`${title} is ${status}`, { timeout: 60_000 }, async () => {
      const startsBefore = daemon.output.text.split("START RequestId").length;
      const answer = await rawRequest(daemon.invokeUrl, Buffer.from(bytes, "latin1"));
      assert.equal(answer.status, status, answer.text);
      assert.equal(daemon.output.text.split("START RequestId").length, startsBefore);
      const next = await invoke(daemon, '{"next":true}');
      assert.deepEqual(json(next), { next: true });
    });
  }

  test("a body that is cut is never started (HT-7)", { timeout: 60_000 }, async () => {
    const mark = randomUUID();
    const event = JSON.stringify({ action: "log", lines: [mark] });
    const head = `POST ${path} HTTP/1.1\r\n${host}\r\nContent-Length: ${event.length + 1}\r\n\r\n`;
    await rawRequest(daemon.invokeUrl, head + event, { leave: true });
    assert.deepEqual(json(await invoke(daemon, "1")), 1);
    assert.ok(!daemon.output.text.includes(mark));
  });

  test(
    "a caller that leaves does not end its invocation, and the environment goes on (HT-2)",
    { timeout: 60_000 },
    async () => {
      const context = JSON.stringify({ action: "context" });
      const warm = json(await invoke(daemon, context)) as { pid: number };
      const leaving = new AbortController();
      const left = await holdInvocation(daemon, { signal: leaving.signal });
      leaving.abort();
      await assert.rejects(left.answer);
      await left.release();
      const next = json(await invoke(daemon, context)) as { pid: number };
      assert.equal(next.pid, warm.pid);
    },
  );

  test(
    "a caller that leaves while it waits is never started (HT-1)",
    { timeout: 60_000 },
    async () => {
      const second = await holdInvocation(daemon);
      const mark = randomUUID();
      const leaving = new AbortController();
      const event = JSON.stringify({ action: "log", lines: [mark] });
      const waiting = invoke(daemon, event, { signal: leaving.signal });
      await queueLength(daemon, 1);
      leaving.abort();
      await assert.rejects(waiting);
      await queueLength(daemon, 0);
      await second.finish();
      assert.deepEqual(json(await invoke(daemon, "2")), 2);
      assert.ok(!daemon.output.text.includes(mark));
    },
  );

  test(
    "a caller that leaves a stream does not break the function (HT-3)",
    { timeout: 60_000 },
    async () => {
      const leaving = new AbortController();
      const chunks = Array.from({ length: 64 }, () => "x".repeat(65_536));
      const event = JSON.stringify({ action: "stream", chunks });
      const onPiece = (): void => leaving.abort();
      await assert.rejects(
        invoke(daemon, event, { stream: true, signal: leaving.signal, onPiece }),
      );
      assert.deepEqual(json(await invoke(daemon, "3")), 3);
    },
  );

  test("the invocation that ran all the while is undisturbed", { timeout: 60_000 }, () =>
    held.finish(),
  );

  test(
    "an event that nothing would keep is 503 with the remedy (AS-11)",
    { timeout: 60_000 },
    async () => {
      const headers = { "X-Amz-Invocation-Type": "Event" };
      const answer = await invoke(daemon, "{}", { headers });
      assert.equal(answer.status, 503);
      assert.equal(header(answer, "x-amzn-ErrorType"), "ServiceException");
      assert.match(answer.body.toString(), /--events=memory/);
    },
  );
});
