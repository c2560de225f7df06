import assert from "node:assert/strict";
import { describe, mock, test } from "node:test";
import * as fc from "fast-check";
import { type PendingCall, PendingCalls } from "./pending-calls.ts";

class Call implements PendingCall {
  readonly byteLength = 10;
  readonly expiresAtMs: number;
  expired = 0;

  constructor(expiresAtMs = Infinity) {
    this.expiresAtMs = expiresAtMs;
  }

  expire(): void {
    this.expired += 1;
  }
}

describe("PendingCalls", () => {
  test("gives a call for its id, once", () => {
    const calls = new PendingCalls<Call>();
    const call = new Call();
    const id = calls.add(call);
    assert.ok(Buffer.byteLength(id) <= 255);
    assert.equal(calls.size, 1);
    assert.equal(calls.take(id), call);
    assert.equal(calls.take(id), undefined);
    assert.equal(calls.size, 0);
  });

  test("knows a late reply from a reply to the call that has its place now", () => {
    const calls = new PendingCalls<Call>();
    const first = calls.add(new Call());
    calls.take(first);
    const second = new Call();
    const id = calls.add(second);
    assert.notEqual(id, first);
    assert.equal(calls.take(first), undefined);
    assert.equal(calls.take(id), second);
  });

  test("has ids that no other caller has", () => {
    const [one, other] = [new PendingCalls<Call>(), new PendingCalls<Call>()];
    const id = one.add(new Call());
    other.add(new Call());
    assert.equal(other.take(id), undefined);
  });

  for (const id of [undefined, null, 7, "", ".", "x.0.1", {}, Buffer.from("x"), "__proto__"]) {
    test(`has no call for ${JSON.stringify(id)}`, () => {
      const calls = new PendingCalls<Call>();
      calls.add(new Call());
      assert.equal(calls.take(id), undefined);
      assert.equal(calls.size, 1);
    });
  }

  test("has no call for an id that only looks like one", () => {
    const calls = new PendingCalls<Call>();
    const id = calls.add(new Call());
    for (const other of [`${id}0`, id.slice(0, -1), `${id}.`, id.toUpperCase(), ` ${id}`]) {
      if (other !== id) assert.equal(calls.take(other), undefined, other);
    }
    assert.notEqual(calls.take(id), undefined);
  });

  test("leaves a call that is not accepted", () => {
    const calls = new PendingCalls<Call>();
    const id = calls.add(new Call());
    assert.equal(
      calls.takeIf(id, () => false),
      undefined,
    );
    assert.notEqual(
      calls.takeIf(id, () => true),
      undefined,
    );
  });

  test("gives each call to its own id, whatever the order", () => {
    fc.assert(
      fc.property(fc.array(fc.nat()), (picks) => {
        const calls = new PendingCalls<Call>();
        const waiting: [string, Call][] = [];
        const seen = new Set<string>();
        for (const pick of picks) {
          if (pick % 3 === 0 && waiting.length > 0) {
            const [[id, call] = assert.fail()] = waiting.splice(pick % waiting.length, 1);
            assert.equal(calls.take(id), call);
          } else {
            const call = new Call();
            const id = calls.add(call);
            assert.ok(!seen.has(id));
            seen.add(id);
            waiting.push([id, call]);
          }
          assert.equal(calls.size, waiting.length);
          assert.equal(calls.byteLength, 10 * waiting.length);
        }
        assert.deepEqual(new Set(calls.takeAll()), new Set(waiting.map(([, call]) => call)));
        assert.equal(calls.size, 0);
      }),
    );
  });

  test("expires each call at its time, and not before", (t) => {
    mock.timers.enable({ apis: ["setTimeout"] });
    t.after(() => mock.timers.reset());
    let nowMs = 1_000;
    t.mock.method(performance, "now", () => nowMs);
    const pass = (ms: number): void => {
      for (let step = 0; step < ms; step += 1) {
        nowMs += 1;
        mock.timers.tick(1);
      }
    };
    const calls = new PendingCalls<Call>();
    const [late, never, early] = [new Call(1_500), new Call(), new Call(1_100)];
    for (const call of [late, never, early]) calls.add(call);
    pass(99);
    assert.deepEqual([early.expired, late.expired], [0, 0]);
    pass(10);
    assert.deepEqual([early.expired, late.expired], [1, 0]);
    pass(380);
    assert.equal(late.expired, 0);
    // One that is added while the clock runs for a later one.
    const next = new Call(1_495);
    calls.add(next);
    pass(20);
    assert.deepEqual([next.expired, late.expired, never.expired], [1, 1, 0]);
    assert.equal(calls.size, 1);
    calls.close();
  });
});
