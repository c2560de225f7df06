import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import type { WaitOptions } from "../client/client-types.ts";
import { AbortError, ServiceError, TimeoutError, WaiterError } from "../client/errors.ts";
import type { CallOptions } from "../client/options.ts";
import type { Acceptor, WaiterModel } from "../model/model.ts";
import type { Input, Output } from "../protocol/protocol.ts";
import { waitUntil } from "./waiter.ts";

const ACCEPTORS: readonly Acceptor[] = [
  { state: "success", matcher: "path", argument: "State", expected: "ready" },
  { state: "failure", matcher: "path", argument: "State", expected: "broken" },
  { state: "retry", matcher: "error", expected: "NotThereYet" },
];

function model(acceptors = ACCEPTORS): WaiterModel {
  return { operation: "DescribeThing", delay: 5, maxAttempts: 4, acceptors };
}

function serviceError(code: string, statusCode = 400, name = code): ServiceError {
  const error = new ServiceError({
    name,
    code,
    message: "said so",
    fault: "client",
    service: "things",
    operation: "DescribeThing",
    retryable: false,
    throttling: false,
  });
  error.$metadata = { httpStatusCode: statusCode, attempts: 1, totalRetryDelay: 0 };
  return error;
}

/** Answers in turn; the last one for ever. */
function fixture(
  answers: readonly (Output | Error)[],
  given: { readonly model?: WaiterModel; readonly callMs?: number; readonly random?: number } = {},
): {
  wait: (options?: WaitOptions) => ReturnType<typeof waitUntil>;
  calls: CallOptions[];
  inputs: Input[];
  slept: number[];
} {
  const calls: CallOptions[] = [];
  const inputs: Input[] = [];
  const slept: number[] = [];
  let now = 0;
  const state = {
    name: "ThingReady",
    model: given.model ?? model(),
    call: async (input: Input, options: CallOptions): Promise<Output> => {
      const answer = answers[Math.min(calls.length, answers.length - 1)] ?? {};
      inputs.push(input);
      calls.push(options);
      now += given.callMs ?? 0;
      if (answer instanceof Error) throw answer;
      return answer;
    },
    clock: {
      now: () => now,
      random: () => given.random ?? 0.5,
      sleep: async (ms: number) => {
        slept.push(ms);
        now += ms;
      },
    },
  };
  return { wait: (options) => waitUntil(state, { Id: 1 }, options), calls, inputs, slept };
}

describe("waitUntil()", () => {
  test("waits at the model's pace until an answer means success", async () => {
    const { wait, inputs, slept } = fixture([{}, { State: "new" }, { State: "ready", Id: 7 }]);
    assert.deepEqual(await wait(), {
      state: "success",
      reason: { State: "ready", Id: 7 },
      attempts: 3,
    });
    assert.deepEqual(slept, [5000, 5000]);
    assert.deepEqual(inputs, [{ Id: 1 }, { Id: 1 }, { Id: 1 }]);
  });

  test("an error that means to wait is no error", async () => {
    const { wait } = fixture([serviceError("NotThereYet"), { State: "ready" }]);
    assert.equal((await wait()).attempts, 2);
  });

  test("an error can be the wanted state", async () => {
    const acceptors = [{ state: "success", matcher: "error", expected: "Gone" }] as const;
    const error = serviceError("Gone");
    const { wait } = fixture([error], { model: model(acceptors) });
    assert.deepEqual(await wait(), { state: "success", reason: error, attempts: 1 });
  });

  test("an answer that means failure ends it, with the answer at hand but not in logs", async () => {
    const output = { State: "broken", Secret: "hush" };
    await assert.rejects(fixture([{}, output]).wait(), (error: WaiterError) => {
      assert.ok(error instanceof WaiterError);
      assert.equal(
        error.message,
        'Cannot wait for ThingReady: it cannot come any more, State is "broken"',
      );
      assert.equal(error.waiter, "ThingReady");
      assert.equal(error.state, "failure");
      assert.equal(error.attempts, 2);
      assert.equal(error.reason, output);
      assert.doesNotMatch(inspect(error), /hush/);
      return true;
    });
  });

  test("an error of the service that no acceptor knows ends it", async () => {
    const cause = serviceError("AccessDenied");
    await assert.rejects(fixture([cause]).wait(), (error: WaiterError) => {
      assert.ok(error instanceof WaiterError);
      assert.match(error.message, /any more, AccessDenied: said so$/);
      assert.equal(error.cause, cause);
      assert.equal(error.reason, cause);
      return true;
    });
  });

  test("an error that is not the service's is thrown as it is", async () => {
    const error = new Error("no network");
    await assert.rejects(fixture([error]).wait(), error);
  });

  test("ends after the model's attempts, or as many as the option says", async () => {
    for (const [options, attempts] of [
      [{}, 4],
      [{ maxAttempts: 2 }, 2],
      [{ maxAttempts: 6 }, 6],
    ] as const) {
      const { wait, calls } = fixture([{ State: "new" }]);
      await assert.rejects(wait(options), (error: WaiterError) => {
        assert.ok(error instanceof WaiterError);
        assert.equal(error.state, "attempts");
        assert.equal(error.attempts, attempts);
        assert.deepEqual(error.reason, { State: "new" });
        return true;
      });
      assert.equal(calls.length, attempts);
    }
  });
});

describe("waitUntil() time", () => {
  test("with maxWaitTime the time counts and not the attempts", async () => {
    const { wait, calls, slept } = fixture([{ State: "new" }], { callMs: 10 });
    await assert.rejects(wait({ maxWaitTime: 33_000, delay: 3000 }), (error: TimeoutError) => {
      assert.ok(error instanceof TimeoutError);
      assert.equal(error.limit, "maxWaitTime");
      assert.equal(error.ms, 33_000);
      assert.deepEqual(error.reason, { State: "new" });
      return true;
    });
    assert.equal(calls.length, 11);
    assert.ok(slept.reduce((sum, ms) => sum + ms, 0) <= 33_000);
    assert.equal(calls[0]?.timeout, 33_000);
    assert.equal(calls[1]?.timeout, 33_000 - 3010);
  });

  test("a call that takes all the time that is left is a time-out of the waiter", async () => {
    const answers = [{ State: "new" }, new TimeoutError("late", "timeout", 5)];
    await assert.rejects(fixture(answers).wait({ maxWaitTime: 60_000 }), (error: TimeoutError) => {
      assert.equal(error.limit, "maxWaitTime");
      assert.deepEqual(error.reason, { State: "new" });
      return true;
    });
  });

  test("maxAttempts is the waiter's: calls keep the client's number of attempts", async () => {
    const { wait, calls } = fixture([{ State: "ready" }]);
    await wait({ maxAttempts: 40, attemptTimeout: 7 });
    assert.equal(calls[0]?.maxAttempts, undefined);
    assert.equal(calls[0]?.attemptTimeout, 7);
  });

  test("a call's own limits stay its own", async () => {
    const own = new TimeoutError("late", "timeout", 5);
    const { wait, calls } = fixture([own]);
    await assert.rejects(wait({ maxWaitTime: 60_000, timeout: 5 }), own);
    assert.equal(calls[0]?.timeout, 5);
    const head = new TimeoutError("late", "attemptTimeout", 5);
    await assert.rejects(fixture([head]).wait({ maxWaitTime: 60_000 }), head);
  });

  test("exponential pauses grow at random between the delay and 120 s", async () => {
    const options = { backoff: "exponential", delay: 2000, maxAttempts: 9 } as const;
    for (const [random, expected] of [
      [0, [2000, 2000, 2000, 2000, 2000, 2000, 2000, 2000]],
      [0.5, [2000, 3000, 5000, 9000, 17_000, 33_000, 61_000, 61_000]],
      [1, [2000, 4000, 8000, 16_000, 32_000, 64_000, 120_000, 120_000]],
    ] as const) {
      const { wait, slept } = fixture([{}], { random });
      await assert.rejects(wait(options), WaiterError);
      assert.deepEqual(slept, expected);
    }
  });

  for (const options of [
    { delay: -1 },
    { maxAttempts: 0 },
    { maxWaitTime: Number.NaN },
    { backoff: "wild" as "fixed" },
  ]) {
    test(`refuses ${inspect(options)}`, async () => {
      await assert.rejects(fixture([{}]).wait(options), RangeError);
    });
  }
});

describe("waitUntil() abort", () => {
  test("ends a pause at once", async () => {
    const controller = new AbortController();
    const call = async (): Promise<Output> => {
      setImmediate(() => controller.abort("enough"));
      return {};
    };
    const state = { name: "ThingReady", model: { ...model(), delay: 3600 }, call };
    await assert.rejects(
      waitUntil(state, {}, { signal: controller.signal }),
      (error) => error instanceof AbortError && error.cause === "enough",
    );
  });

  test("a signal that has aborted allows the call to say so, and no pause", async () => {
    const { wait, calls } = fixture([{}]);
    await assert.rejects(wait({ abortSignal: AbortSignal.abort("before") }), AbortError);
    assert.equal(calls[0]?.abortSignal?.aborted, true);
  });

  test("a short real pause ends by itself", async () => {
    const answers = [{}, { State: "ready" }];
    const call = async (): Promise<Output> => answers.shift() ?? {};
    const { attempts } = await waitUntil({ name: "x", model: model(), call }, {}, { delay: 1 });
    assert.equal(attempts, 2);
  });
});
