import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Invocation, payloadOf } from "@lambdad/core";
import { invocationOf, ManualClock } from "@lambdad/testkit";
import { InvocationScope } from "../invocation-scope.ts";
import type { Handler } from "../load-handler.ts";
import { HandlerInvoker } from "./handler-invoker.ts";
import { answerOf, errorOf, testEnvironment } from "./testdata/test-invokers.ts";

const never = new AbortController().signal;

class InvokerFixture {
  readonly clock = new ManualClock({ nowMs: 1000 });
  readonly logged: (readonly [string, unknown])[] = [];
  readonly timedOut: (readonly [string, number])[] = [];
  readonly scope = new InvocationScope(true);
  readonly invoker: HandlerInvoker;

  constructor(handler: unknown, timeoutMs = 3000) {
    this.invoker = new HandlerInvoker({
      handler: handler as Handler,
      timeoutMs,
      environment: testEnvironment,
      scope: this.scope,
      logError: (title, error) => this.logged.push([title, error]),
      timedOut: (requestId, limitMs) => this.timedOut.push([requestId, limitMs]),
      clock: this.clock,
    });
  }

  async answer(members: Partial<Invocation> = {}): Promise<readonly [string, string, string]> {
    return answerOf(await this.invoker.invoke(invocation(members), never));
  }

  invoke(members: Partial<Invocation> = {}): ReturnType<HandlerInvoker["invoke"]> {
    return this.invoker.invoke(invocation(members), never);
  }
}

function invocation(members: Partial<Invocation>): Invocation {
  return { ...invocationOf(Buffer.from("1")), ...members };
}

interface OldContext {
  readonly done: (error?: unknown, result?: unknown) => void;
  readonly succeed: (result?: unknown) => void;
  readonly fail: (error?: unknown) => void;
}

type Callback = (error?: unknown, result?: unknown) => void;

function later(work: () => void): void {
  setTimeout(work, 1);
}

const thenable = {
  // oxlint-disable-next-line unicorn/no-thenable -- handlers return such things
  then(resolve: (value: unknown) => void): void {
    later(() => resolve("thenable"));
  },
};

describe("HandlerInvoker answers with", () => {
  const answers: readonly (readonly [string, unknown, string])[] = [
    ["what a plain handler returns", (event: unknown) => [event], "[1]"],
    ["null for nothing", () => undefined, "null"],
    ["null for nothing from a handler with a context", (_e: unknown, _c: OldContext) => {}, "null"],
    ["what an async handler returns", async (event: unknown) => ({ event }), '{"event":1}'],
    ["what a promise-like gives", () => thenable, '"thenable"'],
    ["what a callback got", (_e: unknown, _c: unknown, cb: Callback) => cb(null, "now"), '"now"'],
    [
      "what a callback gets later",
      (_e: unknown, _c: unknown, cb: Callback) => later(() => cb(undefined, "later")),
      '"later"',
    ],
    [
      "what a callback gets before the promise is settled",
      async (_e: unknown, _c: unknown, cb: Callback) => {
        cb(null, "callback");
        return "promise";
      },
      '"callback"',
    ],
    [
      "what context.done got",
      (_e: unknown, context: OldContext) => later(() => context.done(null, "done")),
      '"done"',
    ],
    [
      "what context.succeed got",
      (_e: unknown, context: OldContext) => later(() => context.succeed("succeeded")),
      '"succeeded"',
    ],
  ];
  for (const [what, handler, body] of answers) {
    test(what, async () => {
      const fixture = new InvokerFixture(handler);
      assert.deepEqual(await fixture.answer(), ["returned", "application/json", body]);
      assert.equal(fixture.invoker.running, 0);
    });
  }

  test("bytes as bytes", async () => {
    const { invoker } = new InvokerFixture((event: unknown) => event);
    const bytes = { payload: payloadOf("ab"), contentType: "application/octet-stream" };
    const result = await invoker.invoke(invocation(bytes), never);
    assert.deepEqual(answerOf(result), ["returned", "application/octet-stream", "ab"]);
  });

  const failures: readonly (readonly [string, unknown, string, string])[] = [
    [
      "what a plain handler throws",
      () => {
        throw new RangeError('a "quote"\nand a line');
      },
      "RangeError",
      'a "quote"\nand a line',
    ],
    [
      "what a promise is rejected with",
      () => Promise.reject(new TypeError("no")),
      "TypeError",
      "no",
    ],
    [
      "a text that is thrown",
      async () => {
        // oxlint-disable-next-line no-throw-literal, typescript/only-throw-error -- handlers do
        throw "text";
      },
      "string",
      "text",
    ],
    [
      "an error of the callback",
      (_e: unknown, _c: unknown, cb: Callback) => later(() => cb(new Error("called"))),
      "Error",
      "called",
    ],
    [
      "an error of context.fail",
      (_e: unknown, context: OldContext) => context.fail(new Error("failed")),
      "Error",
      "failed",
    ],
    [
      "the failure of context.fail()",
      (_e: unknown, c: OldContext) => c.fail(),
      "string",
      "handled",
    ],
    [
      "an error for what is not JSON",
      () => 1n,
      "Runtime.JSONStringifyError",
      "Unable to stringify response body: Do not know how to serialize a BigInt",
    ],
  ];
  for (const [what, handler, errorType, errorMessage] of failures) {
    test(`${what}, and logs it (conformance vector 12)`, async () => {
      const fixture = new InvokerFixture(handler);
      const result = await fixture.invoke();
      assert.equal(errorOf(result).errorType, errorType);
      assert.equal(errorOf(result).errorMessage, errorMessage);
      assert.equal(result.kind === "failed" && result.errorType, errorType);
      assert.deepEqual(
        fixture.logged.map(([title]) => title),
        ["Invoke Error"],
      );
    });
  }

  test("Runtime.UnmarshalError for bad JSON, without calling the handler", async () => {
    let calls = 0;
    const fixture = new InvokerFixture(() => (calls += 1));
    const result = await fixture.invoke({
      payload: payloadOf("{"),
      contentType: "application/json",
    });
    assert.equal(errorOf(result).errorType, "Runtime.UnmarshalError");
    assert.equal(calls, 0);
  });

  test("Runtime.UnmarshalError as part of its call: the log has the request id", async () => {
    const logged: (string | undefined)[] = [];
    const scope = new InvocationScope(true);
    const invoker = new HandlerInvoker({
      handler: () => 1,
      timeoutMs: 3000,
      environment: testEnvironment,
      scope,
      logError: () => logged.push(scope.current()?.requestId),
      timedOut: () => undefined,
    });
    const bad = invocation({ payload: payloadOf("{"), contentType: "application/json" });
    await invoker.invoke(bad, never);
    assert.deepEqual(logged, [bad.requestId]);
    assert.equal(invoker.running, 0);
  });

  test("an error for a client context that is not JSON", async () => {
    const fixture = new InvokerFixture(() => 1);
    const { errorMessage } = errorOf(await fixture.invoke({ clientContext: "{" }));
    assert.match(errorMessage, /^Cannot parse ClientContext as json/);
    assert.equal(fixture.invoker.running, 0);
  });

  test("the first of several answers", async () => {
    const fixture = new InvokerFixture((_e: unknown, context: OldContext, callback: Callback) => {
      callback(null, 1);
      callback(null, 2);
      context.fail(new Error("late"));
      return 3;
    });
    assert.deepEqual(await fixture.answer(), ["returned", "application/json", "1"]);
    assert.deepEqual(fixture.logged, []);
  });
});

describe("HandlerInvoker gives the handler", () => {
  test("AWS's context, with its members in AWS's order", async () => {
    const fixture = new InvokerFixture((_event: unknown, context: object) => ({
      keys: Object.keys(context),
      context: { ...context },
    }));
    const asked = invocation({
      clientContext: '{"custom":{"a":1}}',
      cognitoIdentity: '{"cognitoIdentityId":"i"}',
      tenantId: "blue",
    });
    const [, , text] = answerOf(await fixture.invoker.invoke(asked, never));
    assert.deepEqual(JSON.parse(text), {
      keys: [
        "callbackWaitsForEmptyEventLoop",
        "succeed",
        "fail",
        "done",
        "functionVersion",
        "functionName",
        "memoryLimitInMB",
        "logGroupName",
        "logStreamName",
        "clientContext",
        "identity",
        "invokedFunctionArn",
        "awsRequestId",
        "tenantId",
        "xRayTraceId",
        "getRemainingTimeInMillis",
      ],
      context: {
        callbackWaitsForEmptyEventLoop: true,
        functionVersion: "$LATEST",
        functionName: "contract",
        memoryLimitInMB: "128",
        logGroupName: "/aws/lambda/contract",
        logStreamName: "2026/11/21/[$LATEST]0",
        clientContext: { custom: { a: 1 } },
        identity: { cognitoIdentityId: "i" },
        invokedFunctionArn: asked.invokedFunctionArn,
        awsRequestId: asked.requestId,
        tenantId: "blue",
        xRayTraceId: asked.traceId,
      },
    });
  });

  const limits = [
    ["the function's timeout", undefined, 3000],
    ["the request's expiration, when that is earlier", 1500, 500],
    ["the function's timeout, when that is earlier", 9000, 3000],
  ] as const;
  for (const [what, expiresAtMs, remainingMs] of limits) {
    test(`the time that remains of ${what}`, async () => {
      const fixture = new InvokerFixture(
        (_event: unknown, context: { getRemainingTimeInMillis: () => number }) =>
          context.getRemainingTimeInMillis(),
      );
      const [, , text] = await fixture.answer({ expiresAtMs });
      assert.equal(Number(text), remainingMs);
    });
  }

  test("the scope of its own call, whatever else runs (INV-9)", async () => {
    let inside = 0;
    const gate = Promise.withResolvers<void>();
    const fixture = new InvokerFixture(async () => {
      const before = fixture.scope.current()?.requestId;
      inside += 1;
      if (inside === 50) gate.resolve();
      await gate.promise;
      return [before, fixture.scope.current()?.requestId];
    });
    const asked = Array.from({ length: 50 }, () => invocation({}));
    const results = await Promise.all(asked.map((one) => fixture.invoker.invoke(one, never)));
    for (const [index, result] of results.entries()) {
      const id = asked[index]?.requestId;
      assert.deepEqual(JSON.parse(answerOf(result)[2]), [id, id]);
    }
  });
});

describe("HandlerInvoker at the deadline", () => {
  test("answers with Sandbox.Timedout, and drops what comes later (RT-4, RT-14)", async () => {
    const answer = Promise.withResolvers<string>();
    const fixture = new InvokerFixture(() => answer.promise);
    const asked = invocation({});
    const result = fixture.invoker.invoke(asked, never);
    fixture.clock.tick(2999);
    assert.equal(fixture.invoker.running, 1);
    fixture.clock.tick(1);
    assert.deepEqual(errorOf(await result), {
      errorType: "Sandbox.Timedout",
      errorMessage: `RequestId: ${asked.requestId} Error: Task timed out after 3.00 seconds`,
    });
    assert.deepEqual(fixture.timedOut, [[asked.requestId, 3000]]);
    assert.equal(fixture.invoker.running, 0);
    answer.resolve("late");
    await fixture.clock.advance(0);
    assert.equal(fixture.invoker.running, 0);
  });

  test("counts from the request's expiration, when that is earlier", async () => {
    const fixture = new InvokerFixture(() => new Promise(() => undefined));
    const result = fixture.invoke({ expiresAtMs: 1250 });
    fixture.clock.tick(250);
    assert.match(errorOf(await result).errorMessage, /timed out after 0\.25 seconds$/);
  });

  test("refuses what a handler returns that has blocked the event loop past it (RT-4)", async () => {
    const fixture = new InvokerFixture(() => {
      fixture.clock.tick(3000);
      return "late";
    });
    assert.equal(errorOf(await fixture.invoke()).errorType, "Sandbox.Timedout");
    assert.equal(fixture.timedOut.length, 1);
  });
});

describe("HandlerInvoker.failCurrent()", () => {
  test("fails the call that the error belongs to, and no other", async () => {
    let fail: (() => boolean) | undefined;
    const fixture = new InvokerFixture(async (event: unknown) => {
      if (event === 2) fail = () => fixture.invoker.failCurrent(new Error("mine"));
      if (event === 2) await new Promise((resolve) => setImmediate(resolve));
      assert.ok(fail !== undefined);
      if (event === 2) fail();
      await Promise.withResolvers<never>().promise;
    });
    const other = fixture.invoke({ payload: payloadOf("2") });
    void fixture.invoke({ payload: payloadOf("3") });
    assert.equal(errorOf(await other).errorMessage, "mine");
    assert.equal(fixture.invoker.running, 1);
  });

  test("fails the only call that runs, wherever the error comes from", async () => {
    const fixture = new InvokerFixture(() => new Promise(() => undefined));
    const result = fixture.invoke();
    assert.equal(fixture.invoker.failCurrent(new Error("nobody's")), true);
    assert.equal(errorOf(await result).errorMessage, "nobody's");
  });

  test("fails nothing when it cannot be told whose the error is", () => {
    const fixture = new InvokerFixture(() => new Promise(() => undefined));
    void fixture.invoke();
    void fixture.invoke();
    assert.equal(fixture.invoker.failCurrent(new Error("nobody's")), false);
    assert.equal(fixture.invoker.running, 2);
  });
});
