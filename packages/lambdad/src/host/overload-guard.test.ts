import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { HostError } from "@lambdad/core";
import { OverloadGuard } from "./overload-guard.ts";

/** A histogram that says what the test wants. */
function startGuard(t: TestContext): {
  readonly guard: OverloadGuard;
  readonly changes: { readonly overloaded: boolean; readonly delayMs: number }[];
  /** One window passes in which the loop was this late. */
  readonly window: (delayMs: number) => void;
} {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const changes: { overloaded: boolean; delayMs: number }[] = [];
  let tickMs = 0;
  const guard = new OverloadGuard((overloaded, delayMs) => changes.push({ overloaded, delayMs }), {
    enable: () => true,
    disable: () => true,
    reset: () => {
      tickMs = 0;
    },
    percentile: (percent) => {
      assert.equal(percent, 99);
      return 1e6 * tickMs;
    },
  });
  guard.start();
  t.after(() => guard.stop());
  return {
    guard,
    changes,
    window: (delayMs) => {
      // The histogram measures from tick to tick, which are 10 ms apart.
      tickMs = 10 + delayMs;
      t.mock.timers.tick(2_000);
    },
  };
}

describe("OverloadGuard (reliability §10)", () => {
  test("admits all at first, and tells the delay of the last window", (t) => {
    const { guard, window, changes } = startGuard(t);
    assert.equal(guard.admit(), undefined);
    assert.equal(guard.delayMs, 0);
    window(30);
    assert.equal(guard.delayMs, 30);
    assert.equal(guard.admit(), undefined);
    assert.deepEqual(changes, []);
  });

  test("refuses with 503 above 250 ms until it is below 100 ms", (t) => {
    const { guard, window, changes } = startGuard(t);
    window(250);
    assert.equal(guard.admit(), undefined);
    window(251);
    const error = guard.admit();
    assert.ok(error instanceof HostError);
    assert.equal(error.code, "ServiceUnavailable");
    window(101);
    assert.ok(guard.admit() instanceof HostError);
    window(100);
    assert.equal(guard.admit(), undefined);
    window(101);
    assert.equal(guard.admit(), undefined);
    assert.deepEqual(changes, [
      { overloaded: true, delayMs: 251 },
      { overloaded: false, delayMs: 100 },
    ]);
  });

  test("looks no more when it is stopped", (t) => {
    const { guard, window } = startGuard(t);
    guard.stop();
    window(1_000);
    assert.equal(guard.admit(), undefined);
  });

  test("measures the event loop itself", (t) => {
    const guard = new OverloadGuard(() => {});
    guard.start();
    t.after(() => guard.stop());
    assert.equal(guard.delayMs, 0);
    assert.equal(guard.admit(), undefined);
  });
});
