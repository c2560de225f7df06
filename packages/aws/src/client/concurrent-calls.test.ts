import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { failure, json, response, startServer } from "./client-fixture.test.ts";
import { startAll } from "./concurrent-calls.ts";

type Start = (signal: AbortSignal, index: number) => Promise<number>;

/** Never ends but by the signal. */
const untilAborted: Start = (signal) =>
  new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error));
  });

async function* items(): AsyncGenerator<{ TableName: string; Key: { n: { N: string } } }> {
  for (let i = 0; i < 300; i++) yield { TableName: "t", Key: { n: { N: String(i) } } };
}

function broken(): never {
  throw new Error("at once");
}

describe("startAll", { timeout: 60_000 }, () => {
  it("gives the results in the order of the calls, however they end", async () => {
    const calls = Array.from({ length: 200 }, (_, i): Start => async () => {
      for (let turns = (i * 7) % 11; turns > 0; turns--) await setImmediate();
      return i;
    });
    assert.deepEqual(
      await startAll(calls, { concurrency: 16 }),
      calls.map((_, i) => i),
    );
  });

  for (const concurrency of [1, 3, 64, 100, Infinity]) {
    it(`has at most ${concurrency} in flight, and as many when there are enough`, async () => {
      let inFlight = 0;
      let most = 0;
      let made = 0;
      const call: Start = async () => {
        most = Math.max(most, ++inFlight);
        await setImmediate();
        await setImmediate();
        return --inFlight;
      };
      await startAll(
        (function* () {
          for (; made < 500; made++) yield call;
        })(),
        { concurrency },
      );
      assert.equal(made, 500);
      assert.ok(most <= concurrency);
      assert.ok(most >= Math.min(concurrency, 100), String(most));
    });
  }

  for (const concurrency of [0, -1, Number.NaN]) {
    it(`refuses the concurrency ${concurrency}`, async () => {
      await assert.rejects(startAll([], { concurrency }), RangeError);
    });
  }

  it("makes nothing of nothing", async () => {
    assert.deepEqual(await startAll([]), []);
    assert.deepEqual(await startAll([], { settle: true }), []);
    assert.deepEqual(await startAll((async function* () {})()), []);
  });

  it("makes 100,000 quick calls, from a list and a generator", async () => {
    const list = Array.from(
      { length: 100_000 },
      (_, i): Start =>
        () =>
          Promise.resolve(i),
    );
    assert.equal((await startAll(list, { concurrency: 64 })).at(-1), 99_999);
    const results = await startAll(
      (async function* () {
        for (const each of list) yield each;
      })(),
      { concurrency: 1000 },
    );
    assert.equal(results.length, 100_000);
    assert.ok(results.every((value, i) => value === i));
  });

  it("the first failure aborts the rest, and they are waited for", async () => {
    let ended = 0;
    let started = 0;
    const failing: Start = async () => {
      started++;
      await setImmediate();
      throw new Error("first");
    };
    const slow: Start = async (signal) => {
      started++;
      await untilAborted(signal, 0).catch(() => undefined);
      await setImmediate();
      ended++;
      throw new Error("second");
    };
    const calls = [slow, failing, slow, slow, slow];
    await assert.rejects(startAll(calls, { concurrency: 3 }), /first/);
    assert.equal(started, 3);
    assert.equal(ended, 2);
  });

  it("with settle every outcome is there, in order", async () => {
    const calls = Array.from({ length: 20 }, (_, i): Start => async () => {
      await setImmediate();
      if (i % 3 === 0) throw new Error(`no ${i}`);
      return i;
    });
    const outcomes = await startAll(calls, { settle: true, concurrency: 4 });
    outcomes.forEach((outcome, i) => {
      assert.equal(outcome.status, i % 3 === 0 ? "rejected" : "fulfilled");
      if (outcome.status === "fulfilled") assert.equal(outcome.value, i);
      else assert.equal((outcome.reason as Error).message, `no ${i}`);
    });
  });

  it("a generator that throws ends all with its error, and is left", async () => {
    let isLeft = false;
    let aborted = 0;
    const calls = (async function* (): AsyncGenerator<Start> {
      try {
        yield (signal, i) => untilAborted(signal, i).finally(() => aborted++);
        throw new Error("no more");
      } finally {
        isLeft = true;
      }
    })();
    await assert.rejects(startAll(calls, { settle: true }), /no more/);
    assert.ok(isLeft);
    assert.equal(aborted, 1);
  });

  it("a generator is left early after a failure", async () => {
    let isLeft = false;
    let made = 0;
    const calls = (function* (): Generator<Start> {
      try {
        for (;;) {
          made++;
          yield () => Promise.reject(new Error("no"));
        }
      } finally {
        isLeft = true;
      }
    })();
    await assert.rejects(startAll(calls, { concurrency: 2 }), /no/);
    assert.ok(isLeft);
    assert.ok(made <= 4);
  });

  it("a generator that waits for its own input does not delay a failure", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let isLeft = false;
    const calls = (async function* (): AsyncGenerator<Start> {
      try {
        yield () => Promise.reject(new Error("no"));
        await promise;
      } finally {
        isLeft = true;
      }
    })();
    await assert.rejects(startAll(calls), /no/);
    assert.ok(!isLeft);
    resolve();
    await setImmediate();
    assert.ok(isLeft);
  });

  it("a call that throws at once is a call that fails", async () => {
    await assert.rejects(startAll([broken]), /at once/);
    const [outcome] = await startAll([broken], { settle: true });
    assert.equal(outcome?.status, "rejected");
  });

  it("the signal ends all with AbortError and its reason, and keeps no listener", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const run = startAll([untilAborted, untilAborted], { signal });
    controller.abort("reason");
    await assert.rejects(run, { name: "AbortError", cause: "reason" });
    assert.equal(getEventListeners(signal, "abort").length, 0);
    let made = 0;
    const call = (): Promise<number> => Promise.resolve(made++);
    await assert.rejects(startAll([call], { signal }), { name: "AbortError", cause: "reason" });
    assert.equal(made, 0);
    const other = new AbortController();
    await startAll([call], { signal: other.signal });
    assert.equal(getEventListeners(other.signal, "abort").length, 0);
  });

  it("reports progress; a report that throws ends all", async () => {
    const calls = Array.from(
      { length: 5 },
      (_, i): Start =>
        () =>
          Promise.resolve(i),
    );
    const seen: number[] = [];
    await startAll(calls, { onProgress: (done) => void seen.push(done) });
    assert.deepEqual(seen, [1, 2, 3, 4, 5]);
    await assert.rejects(startAll([...calls, untilAborted], { onProgress: broken }), /at once/);
  });
});

describe("callAll, invokeAll and session.all", { timeout: 30_000 }, () => {
  it("give outputs in the order of inputs, from any iterable", async () => {
    await using server = await startServer(({ body }) =>
      json({ Item: (JSON.parse(body.toString()) as { Key: unknown }).Key }),
    );
    await using client = server.session().client("dynamodb", { maxConnections: 4 });
    const outputs = await client.callAll("getItem", items(), { concurrency: 32 });
    outputs.forEach(({ Item }, i) => assert.deepEqual(Item, { n: { N: String(i) } }));
    assert.equal(outputs.length, 300);
    assert.ok(server.mostOpen <= 4);
  });

  it("invokeAll: settled failures beside results; a function's error is a result", async () => {
    await using server = await startServer(({ path, body }) => {
      if (path.includes("/missing/")) return failure("ResourceNotFoundException", 404);
      const headers: Record<string, string> =
        body.toString() === "7" ? { "x-amz-function-error": "Unhandled" } : {};
      return response(200, body, headers);
    });
    await using client = server.session().client("lambda");
    const requests = Array.from({ length: 20 }, (_, i) => ({
      FunctionName: i === 3 ? "missing" : "f",
      Payload: String(i),
    }));
    const outcomes = await client.invokeAll(requests, { settle: true, concurrency: 5 });
    outcomes.forEach((outcome, i) => {
      assert.equal(outcome.status, i === 3 ? "rejected" : "fulfilled");
      if (outcome.status === "rejected") return;
      assert.equal(Buffer.from(outcome.value.Payload ?? "").toString(), String(i));
      assert.equal(outcome.value.FunctionError, i === 7 ? "Unhandled" : undefined);
    });
    await assert.rejects(client.invokeAll(requests), { name: "ResourceNotFoundException" });
    await client.close();
    await server.closed();
  });

  it("session.all passes a signal that ends the other calls", async () => {
    await using server = await startServer(({ path }) =>
      path.startsWith("/slow") ? (): void => {} : response(404),
    );
    await using session = server.session();
    const s3 = session.client("s3", { forcePathStyle: true });
    const run = session.all<unknown>([
      (signal) => s3.headBucket({ Bucket: "slow" }, { signal }),
      async (signal) => {
        await server.arrived(1);
        return s3.headBucket({ Bucket: "none" }, { signal });
      },
    ]);
    await assert.rejects(run, { name: "NotFound" });
    await s3.close();
    await server.closed();
  });

  it("a thousand calls share one signal without a warning", async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on("warning", onWarning);
    await using server = await startServer(() => json({}));
    await using client = server.session().client("dynamodb");
    const { signal } = new AbortController();
    const inputs = Array.from({ length: 1000 }, () => ({ TableName: "t", Key: {} }));
    await client.callAll("getItem", inputs, { signal, concurrency: 500 });
    await Promise.all(inputs.slice(0, 100).map((each) => client.getItem(each, { signal })));
    await setImmediate();
    process.off("warning", onWarning);
    assert.deepEqual(warnings, []);
  });
});
