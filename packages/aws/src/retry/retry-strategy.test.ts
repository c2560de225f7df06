import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { RETRY_TOKENS_MAX } from "./retry-quota.ts";
import {
  createRetryStrategy,
  isLongPolling,
  type FailedAttempt,
  type RetryDecision,
  type RetryOptions,
} from "./retry-strategy.ts";
import { StandardRetryStrategy } from "./standard-retry-strategy.ts";

const top = (): number => 1;

function delays(options: RetryOptions, failure: Partial<FailedAttempt> = {}): number[] {
  const strategy = createRetryStrategy({ random: top, ...options });
  const found: number[] = [];
  for (let attempt = 1; ; attempt++) {
    const decision = strategy.failed({ category: "transient", ...failure, attempt }, 0);
    if (decision.kind === "stop") return found;
    found.push(decision.delayMs);
  }
}

const longest: readonly [string, RetryOptions, Partial<FailedAttempt>, number[]][] = [
  ["standard", { service: "s3" }, {}, [50, 100]],
  ["standard, throttled", { service: "s3" }, { category: "throttling" }, [1000, 2000]],
  ["standard, DynamoDB", { service: "dynamodb" }, {}, [25, 50, 100]],
  ["standard, DynamoDB Streams", { service: "dynamodbstreams" }, {}, [25, 50, 100]],
  ["standard, not retryable (CL-3)", { service: "s3" }, { category: "none" }, []],
  [
    "standard, seven attempts, throttled: the cap",
    { service: "s3", maxAttempts: 7 },
    { category: "throttling" },
    [1000, 2000, 4000, 8000, 16_000, 20_000],
  ],
  ["standard, one attempt", { service: "s3", maxAttempts: 1 }, {}, []],
  ["a call with its own limit", { service: "s3" }, { maxAttempts: 2 }, [50]],
  [
    "other base and cap",
    { service: "s3", baseDelayMs: 10, maxDelayMs: 15 },
    { category: "throttling" },
    [10, 15],
  ],
  ["the service's wish (CL-2)", { service: "s3" }, { retryAfterMs: 3000 }, [3000, 3000]],
  ["too long a wish (CL-2)", { service: "s3" }, { retryAfterMs: 60_000 }, [5050, 5100]],
  ["too short a wish (CL-2)", { service: "s3" }, { retryAfterMs: 1 }, [50, 100]],
  ["adaptive", { service: "s3", mode: "adaptive" }, {}, [50, 100]],
  ["legacy", { service: "s3", mode: "legacy" }, {}, [1000, 2000, 4000, 8000]],
  [
    "legacy, DynamoDB",
    { service: "dynamodb", mode: "legacy", random: () => 0 },
    {},
    [50, 100, 200, 400, 800, 1600, 3200, 6400, 12_800],
  ],
];

for (const [name, options, failure, expected] of longest) {
  test(`createRetryStrategy(): longest delays of ${name} (CL-1)`, () => {
    assert.deepEqual(delays(options, failure), expected);
  });
}

test("LegacyRetryStrategy has no cap but that of timers", () => {
  const found = delays({ service: "s3", mode: "legacy", maxAttempts: 2000 });
  assert.equal(found.length, 1999);
  assert.equal(found.at(-1), 2 ** 31 - 1);
});

describe("StandardRetryStrategy's quota", () => {
  const transient = { category: "transient", attempt: 1 } as const;
  const quota: RetryDecision = { kind: "stop", reason: "quota", delayMs: 0 };

  function drained(options: Partial<RetryOptions> = {}): StandardRetryStrategy {
    const strategy = new StandardRetryStrategy({ service: "sqs", random: top, ...options });
    while (strategy.failed(transient).kind === "retry");
    return strategy;
  }

  test("ends retries when it is empty (CL-4)", () => {
    let retries = 0;
    const strategy = new StandardRetryStrategy({ service: "s3" });
    while (strategy.failed(transient).kind === "retry") retries += 1;
    assert.equal(retries, Math.floor(500 / 14));
    assert.deepEqual(strategy.failed(transient), quota);
    assert.equal(strategy.tokens, 500 - 35 * 14);
  });

  test("costs 14 for a retry and 5 for one after throttling, and gives that back (CL-1, CL-2)", () => {
    const strategy = new StandardRetryStrategy({ service: "s3" });
    const first = strategy.failed(transient);
    assert.equal(strategy.tokens, 486);
    const second = strategy.failed({ category: "throttling", attempt: 2 });
    assert.equal(strategy.tokens, 481);
    strategy.succeeded(second.kind === "retry" ? second.cost : 0);
    assert.equal(strategy.tokens, 486);
    strategy.succeeded(0);
    assert.equal(strategy.tokens, 487);
    strategy.succeeded(first.kind === "retry" ? first.cost : 0);
    assert.equal(strategy.tokens, 500);
  });

  test("is not asked, and costs nothing, when the attempts are made or the error is final", () => {
    const strategy = new StandardRetryStrategy({ service: "s3" });
    strategy.failed({ category: "none", attempt: 1 });
    strategy.failed({ category: "transient", attempt: 3 });
    assert.equal(strategy.tokens, 500);
  });

  test("lets long polling wait before it fails", () => {
    const strategy = drained();
    const failure = { ...transient, longPolling: isLongPolling("sqs", "ReceiveMessage") };
    assert.deepEqual(strategy.failed(failure), { ...quota, delayMs: 50 });
    assert.deepEqual(strategy.failed({ ...failure, longPolling: false }), quota);
  });

  test("stops nothing with quota false, nor in adaptive mode", () => {
    for (const options of [{ quota: false }, { mode: "adaptive" }] as const) {
      const found = delays({ service: "s3", maxAttempts: 200, ...options });
      assert.equal(found.length, 199);
    }
    assert.equal(delays({ service: "s3", maxAttempts: 200 }).length, 35);
    assert.equal(
      delays({ service: "s3", maxAttempts: 200, mode: "adaptive", quota: true }).length,
      35,
    );
  });
});

test("StandardRetryStrategy keeps its books for any run of calls (CL-1)", () => {
  const event = fc.record({
    category: fc.constantFrom("transient", "throttling", "none"),
    attempt: fc.integer({ min: 1, max: 60 }),
    retryAfterMs: fc.option(fc.integer({ min: 0, max: 100_000 }), { nil: undefined }),
    successes: fc.integer({ min: 0, max: 3 }),
  });
  fc.assert(
    fc.property(
      fc.array(event, { maxLength: 300 }),
      fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
      (events, randoms) => {
        const random = (): number => randoms.next().value;
        const strategy = new StandardRetryStrategy({ service: "s3", maxAttempts: 50, random });
        for (const { category, attempt, retryAfterMs, successes } of events) {
          const before = strategy.tokens;
          const decision = strategy.failed({ category, attempt, retryAfterMs });
          if (decision.kind === "retry") {
            assert.notEqual(category, "none");
            assert.ok(attempt < 50);
            assert.equal(strategy.tokens, before - decision.cost);
            assert.ok(decision.delayMs >= 0 && decision.delayMs <= 25_000);
          } else {
            assert.equal(strategy.tokens, before);
          }
          const cost = decision.kind === "retry" ? decision.cost : 0;
          for (let count = 0; count < successes; count++) strategy.succeeded(cost);
          assert.ok(strategy.tokens >= 0 && strategy.tokens <= RETRY_TOKENS_MAX);
        }
      },
    ),
  );
});

for (const options of [
  { maxAttempts: 0 },
  { maxAttempts: 1.5 },
  { baseDelayMs: -1 },
  { maxDelayMs: Number.NaN },
  { mode: "eager" as "legacy" },
]) {
  test(`createRetryStrategy() refuses ${JSON.stringify(options)}`, () => {
    assert.throws(() => createRetryStrategy({ service: "s3", ...options }), RangeError);
  });
}
