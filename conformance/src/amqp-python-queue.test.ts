// Several hosts on one queue, ours beside one in Python: who may join, who gets what, and what is left.
import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { type AmqpBatch, type AmqpMessage, base64, bodyText, PythonCaller } from "./amqp-python.ts";
import { prepareBroker } from "./amqp-python-broker.ts";
import {
  type AmqpHostKind,
  daemonHost,
  pythonHost,
  runtimeHost,
  uniqueQueue,
} from "./amqp-python-hosts.ts";
import type { DaemonProcess } from "./daemon-process.ts";
import { pika } from "./install/parts.ts";
import { prepare } from "./prepare.ts";

const options = { timeout: 90_000 };
const waitMs = 30_000;
/** Longer than all fast calls together take on a busy machine. */
const slowMs = 4000;

interface Requested {
  readonly answered?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

function batch(
  queue: string,
  events: readonly ({ readonly event: unknown } & Requested)[],
): AmqpBatch {
  const requests = events.map(({ event, answered = true, headers = {} }, index) => ({
    queue,
    body: base64(JSON.stringify(event)),
    answered,
    mandatory: true,
    properties: { contentType: "application/json", correlationId: String(index), headers },
  }));
  return { reply: "exclusive", requests, waitMs };
}

function sleeping(ms: number): { readonly event: unknown } {
  return { event: { action: "sleep", ms } };
}

function contents(replies: readonly AmqpMessage[]): readonly unknown[] {
  return replies.map((message) => JSON.parse(bodyText(message)) as unknown);
}

const folder = await prepare(pika);
const brokerUri = folder === undefined ? undefined : await prepareBroker();

if (folder !== undefined && brokerUri !== undefined) {
  const python = pythonHost(folder);

  const start = async (
    t: TestContext,
    kind: AmqpHostKind,
    queue: string,
  ): Promise<DaemonProcess> => {
    const host = await kind.start(queue, { brokerUri, concurrency: 1 });
    t.after(() => host.stop());
    return host;
  };

  const startCaller = (t: TestContext): PythonCaller => {
    const caller = new PythonCaller(folder, "asyncio", brokerUri);
    t.after(() => caller.stop());
    return caller;
  };

  const joining: readonly (readonly [AmqpHostKind, AmqpHostKind])[] = [
    [daemonHost, python],
    [python, daemonHost],
    [runtimeHost, python],
    [python, runtimeHost],
    [python, python],
  ];
  for (const [first, second] of joining) {
    test(`vector 5: ${second.name} joins the queue of ${first.name}`, options, async (t) => {
      const [queue, caller] = [uniqueQueue(), startCaller(t)];
      const leaving = await start(t, first, queue);
      const staying = await start(t, second, queue);
      const both = await caller.call(batch(queue, [{ event: "a" }, { event: "b" }]));
      assert.deepEqual(new Set(contents(both.replies)), new Set(["a", "b"]));
      // The queue is still there when the first one has gone, and the other serves it.
      await leaving.stop();
      const alone = await caller.call(batch(queue, [{ event: "c" }]));
      assert.deepEqual([contents(alone.replies), alone.returned], [["c"], []]);
      // Not "406" alone: ids and durations have any digits.
      assert.doesNotMatch(staying.output.text, /PRECONDITION|exists with other flags/);
    });
  }

  for (const kind of [daemonHost, runtimeHost]) {
    describe(kind.name, () => {
      test("vector 6: a request without reply_to runs, nothing is published, and it is acknowledged", async (t) => {
        const [queue, caller] = [uniqueQueue(), startCaller(t)];
        const host = await start(t, kind, queue);
        // The answer to the second request is behind anything that the first one would have caused.
        const both = await caller.call(
          batch(queue, [
            { event: { action: "log", lines: ["it runs"] }, answered: false },
            { event: "after" },
          ]),
        );
        assert.deepEqual(contents(both.replies), ["after"]);
        assert.deepEqual(both.returned, []);
        await host.output.waitFor(/it runs/, waitMs);
        // What was not acknowledged would go to the next host when the first one is gone.
        const next = await start(t, python, queue);
        host.kill("SIGKILL");
        await host.exited;
        const last = await caller.call(batch(queue, [{ event: "last" }]));
        assert.deepEqual(contents(last.replies), ["last"]);
        assert.equal(next.output.text.match(/^delivered /gm)?.length, 1, next.output.text);
      });

      test("vector 6: nothing goes to the queue that a subject header names", async (t) => {
        const [queue, caller] = [uniqueQueue(), startCaller(t)];
        const subject = uniqueQueue();
        await start(t, kind, queue);
        const trap = await start(t, python, subject);
        const headers = { "x-amqp-0-9-1.subject": subject };
        const both = await caller.call(
          batch(queue, [{ event: "event", answered: false, headers }, { event: "after" }]),
        );
        assert.deepEqual(contents(both.replies), ["after"]);
        const sentinel = await caller.call(batch(subject, [{ event: "sentinel" }]));
        assert.deepEqual(contents(sentinel.replies), ["sentinel"]);
        assert.equal(trap.output.text.match(/^delivered /gm)?.length, 1, trap.output.text);
      });

      test("vector 11: with two hosts of one worker each the fast requests are not behind the slow one", async (t) => {
        const [queue, caller] = [uniqueQueue(), startCaller(t)];
        await start(t, kind, queue);
        await start(t, kind, queue);
        // Both have started what they need, and have one request each.
        const warm = await caller.call(batch(queue, [sleeping(1000), sleeping(1000)]));
        const pids = contents(warm.replies).map((reply) => (reply as { pid: number }).pid);
        assert.equal(new Set(pids).size, 2);
        const fast = Array.from({ length: 6 }, () => sleeping(10));
        const { replies } = await caller.call(batch(queue, [sleeping(slowMs), ...fast]));
        const slept = contents(replies).map((reply) => (reply as { slept: number }).slept);
        assert.deepEqual(slept, [...fast.map(() => 10), slowMs]);
      });

      test("a request whose host is killed runs on the host in Python", async (t) => {
        const [queue, caller] = [uniqueQueue(), startCaller(t)];
        const host = await start(t, kind, queue);
        const calling = caller.call(batch(queue, [sleeping(2 * slowMs), { event: "behind" }]));
        // The first host holds the first request alone, so the one that joins gets the second.
        const next = await start(t, python, queue);
        await next.output.waitFor(/^delivered 1 False$/m, waitMs);
        host.kill("SIGKILL");
        assert.deepEqual(contents((await calling).replies), ["behind", { slept: 2 * slowMs }]);
        assert.match(next.output.text, /^delivered 0 True$/m);
      });
    });
  }
}
