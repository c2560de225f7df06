import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Exchange } from "../transport/transport.ts";
import { BodyChannel, type BodySink } from "./body-channel.ts";

/** An exchange that keeps the books of its pauses. */
class FakeExchange implements Exchange {
  isPaused = false;
  isAborted = false;
  readonly queuedMs = 0;

  pause(): void {
    assert.ok(!this.isPaused, "it is paused already");
    this.isPaused = true;
  }

  resume(): void {
    assert.ok(this.isPaused, "it is not paused");
    this.isPaused = false;
  }

  abort(): void {
    assert.ok(!this.isAborted, "it is aborted already");
    this.isAborted = true;
  }
}

const ends = ["end", "fail", "cancel", "give up", "return"] as const;

describe("BodyChannel", () => {
  it("gives each byte once, in order, then the end that it had, and closes once", async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 200_000 }), { maxLength: 12 });
    const reads = fc.array(fc.boolean(), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(sizes, reads, fc.constantFrom(...ends), fc.boolean(), async (...drawn) => {
        const [pushes, order, end, isKnown] = drawn;
        const total = pushes.reduce((sum, size) => sum + size, 0);
        let closed = 0;
        const channel = new BodyChannel(isKnown ? total : undefined, undefined, () => closed++);
        const exchange = new FakeExchange();
        channel.attach(exchange);
        const results: Promise<IteratorResult<Buffer, undefined> | Error>[] = [];
        let waiting: Promise<unknown> | undefined;
        const read = (): void => {
          if (waiting !== undefined) return;
          const result = channel.next().catch((error: unknown) => error as Error);
          waiting = result;
          void result.then(() => (waiting = undefined));
          results.push(result);
        };
        let marker = 0;
        const turns = [...order];
        for (const size of pushes) {
          // The transport brings nothing while it is paused.
          while (exchange.isPaused) {
            read();
            await Promise.resolve();
            await Promise.resolve();
          }
          if (turns.shift() === true) read();
          channel.push(Buffer.alloc(size, marker++));
          await Promise.resolve();
          await Promise.resolve();
        }
        const failure = new Error("the connection is gone");
        if (end === "end") channel.end();
        else if (end === "fail") channel.fail(failure);
        else if (end === "cancel") channel.cancel(failure);
        else if (end === "give up") channel.cancel();
        else await channel.return();
        let last: IteratorResult<Buffer, undefined> | Error | undefined;
        const chunks: Buffer[] = [];
        const take = (result: IteratorResult<Buffer, undefined> | Error): boolean => {
          last = result;
          if (result instanceof Error || result.done === true) return false;
          chunks.push(result.value);
          return true;
        };
        let isOpen = true;
        for (const each of results) if (isOpen) isOpen = take(await each);
        while (isOpen) {
          isOpen = take(await channel.next().catch((error: unknown) => error as Error));
        }
        assert.deepEqual(
          chunks.map((chunk) => [chunk[0], chunk.length]),
          pushes.slice(0, chunks.length).map((size, i) => [i % 256, size]),
        );
        if (end === "end") assert.equal(chunks.length, pushes.length);
        if (end === "fail") assert.equal(chunks.length, pushes.length);
        assert.equal(last === failure, end === "fail" || end === "cancel");
        assert.deepEqual(await channel.next(), { done: true, value: undefined });
        // What is drained closes when it has ended.
        if (closed === 0) channel.end();
        assert.equal(closed, 1);
      }),
      { numRuns: 300 },
    );
  });

  it("hands a sink each byte once, also what has come before, and pauses when it says so", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 200_000 }), { maxLength: 12 });
    const holds = fc.array(fc.boolean(), { minLength: 30, maxLength: 30 });
    fc.assert(
      fc.property(sizes, fc.nat(12), holds, fc.constantFrom(...ends), (...drawn) => {
        const [pushes, before, held, end] = drawn;
        let closed = 0;
        const channel = new BodyChannel(undefined, undefined, () => closed++);
        const exchange = new FakeExchange();
        channel.attach(exchange);
        const got: number[][] = [];
        const outcomes: unknown[] = [];
        const turns = [...held];
        const sink: BodySink = {
          onData(chunk) {
            got.push([chunk[0] ?? -1, chunk.length]);
            if (turns.shift() === true) channel.pause();
            else channel.resume();
          },
          onEnd: () => void outcomes.push("end"),
          onError: (error) => void outcomes.push(error),
        };
        const finish = (): void => {
          if (end === "end") channel.end();
          else if (end === "fail") channel.fail(failure);
          else if (end === "cancel") channel.cancel(failure);
          else if (end === "give up") channel.cancel();
          else void channel.return();
        };
        const failure = new Error("the connection is gone");
        let pushed = 0;
        for (const [at, size] of pushes.entries()) {
          // A connection that is paused brings nothing.
          if (at === before || exchange.isPaused) {
            if (at <= before && got.length === 0) channel.consume(sink);
            if (exchange.isPaused) channel.resume();
          }
          channel.push(Buffer.alloc(size, at));
          pushed++;
        }
        const isLate = got.length === 0;
        if (isLate && end !== "end" && end !== "fail") channel.consume(sink);
        finish();
        if (isLate && (end === "end" || end === "fail")) channel.consume(sink);
        assert.deepEqual(
          got,
          pushes.slice(0, pushed).map((size, at) => [at, size]),
        );
        assert.deepEqual(outcomes, end === "end" ? ["end"] : end === "fail" ? [failure] : []);
        assert.equal(closed, 1);
      }),
      { numRuns: 300 },
    );
  });

  it("refuses two readers at once", async () => {
    const channel = new BodyChannel(10, undefined, () => {});
    void channel.next();
    await assert.rejects(channel.next(), /twice at once/);
  });
});
