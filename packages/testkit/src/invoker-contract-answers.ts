import assert from "node:assert/strict";
import { test } from "node:test";

import {
  type InvokeResult,
  limits,
  payloadBytes,
  payloadFromChunks,
  payloadText,
} from "@lambdad/core";

import type { ContractEvent } from "./contract-invocation.ts";
import type { InvokerSuite, StartedInvoker } from "./invoker-contract.ts";

/** Bytes of a good answer. */
export function returnedBytes(result: InvokeResult): Buffer {
  assert.equal(result.kind, "returned");
  return Buffer.from(payloadBytes(result.payload));
}

/** The error that a function ended in, as JSON. */
export function failedError(result: InvokeResult): { errorType: string; errorMessage: string } {
  assert.equal(result.kind, "failed");
  return JSON.parse(payloadText(result.payload)) as { errorType: string; errorMessage: string };
}

/** Fails unless the function still works. */
export async function stillWorks({ invoke }: StartedInvoker): Promise<void> {
  const value = `after ${performance.now()}`;
  const result = await invoke({ do: "echo", value });
  assert.equal(returnedBytes(result).toString(), JSON.stringify(value));
}

const values: readonly unknown[] = [
  null,
  0,
  false,
  "",
  "text",
  "\u0000 and \u001B[31m and \u2028 and \u{1F600}",
  [],
  { "": { nested: [1, 2, { deep: "er" }] } },
];

const rawBytes: readonly (readonly [string, Buffer])[] = [
  ["no bytes", Buffer.alloc(0)],
  ["NUL", Buffer.from([0])],
  ["invalid UTF-8", Buffer.from([0xff, 0xfe, 0xc3, 0x28, 0x80])],
  ["every byte", Buffer.from(Array.from({ length: 256 }, (_, index) => index))],
  ["half a JSON text", Buffer.from('{"a":')],
  ["a byte order mark", Buffer.from([0xef, 0xbb, 0xbf, 0x31])],
];

export function testInvokerAnswers(suite: InvokerSuite): void {
  testReturned(suite);
  testFailed(suite);
  testEnds(suite);
  testInvocation(suite);
}

function testReturned(suite: InvokerSuite): void {
  for (const value of values) {
    test(`invoke() returns ${JSON.stringify(value)} as the function returned it`, async (t) => {
      const { invoke } = await suite.begin(t);
      const result = await invoke({ do: "echo", value });
      assert.equal(returnedBytes(result).toString(), JSON.stringify(value));
      assert.equal(result.executedVersion, "$LATEST");
      assert.equal(result.logTail, undefined);
    });
  }

  test("invoke() hands over an event that comes in many pieces", async (t) => {
    const { invoke } = await suite.begin(t);
    const bytes = Buffer.from(JSON.stringify({ do: "echo", value: "\u00E9\u20AC" }));
    const chunks = Array.from(bytes, (byte) => Uint8Array.of(byte));
    const payload = payloadFromChunks([new Uint8Array(0), ...chunks, new Uint8Array(0)]);
    const result = await invoke({ do: "context" }, { payload });
    assert.equal(returnedBytes(result).toString(), '"\u00E9\u20AC"');
  });

  test("invoke() takes an event and a response of exactly the limit", async (t) => {
    const { invoke } = await suite.begin(t);
    const frame = JSON.stringify({ do: "echo", value: "" }).length;
    const value = "v".repeat(limits.syncPayloadBytesMax - frame);
    const echoed = returnedBytes(await invoke({ do: "echo", value }));
    assert.ok(echoed.equals(Buffer.from(JSON.stringify(value))));
    const largest = returnedBytes(await invoke({ do: "text", size: limits.syncPayloadBytesMax }));
    assert.equal(largest.byteLength, limits.syncPayloadBytesMax);
  });

  if (!suite.can("raw-bytes")) return;
  for (const [what, bytes] of rawBytes) {
    test(`invoke() returns ${what} untouched`, async (t) => {
      const { invoke } = await suite.begin(t);
      const result = await invoke({ do: "bytes", base64: bytes.toString("base64") });
      assert.deepEqual(returnedBytes(result), bytes);
    });
  }
}

function testFailed(suite: InvokerSuite): void {
  test("invoke() gives the function's error as a result (RT-1)", async (t) => {
    const started = await suite.begin(t);
    const result = await started.invoke({ do: "fail", type: "Oddity", message: "m \u20AC" });
    const error = failedError(result);
    assert.equal(error.errorType, "Oddity");
    assert.equal(error.errorMessage, "m \u20AC");
    assert.equal(result.executedVersion, "$LATEST");
    await stillWorks(started);
  });

  if (!suite.can("raw-errors")) return;
  for (const [what, bytes] of rawBytes) {
    test(`invoke() gives an error of ${what} untouched (RT-1)`, async (t) => {
      const { invoke } = await suite.begin(t);
      const result = await invoke({ do: "fail", base64: bytes.toString("base64") });
      assert.equal(result.kind, "failed");
      assert.deepEqual(Buffer.from(payloadBytes(result.payload)), bytes);
    });
  }
}

function testEnds(suite: InvokerSuite): void {
  test("invoke() fails with Function.ResponseSizeTooLarge, and the function goes on (RT-18)", async (t) => {
    const started = await suite.begin(t);
    const result = await started.invoke({ do: "oversize" });
    const error = failedError(result);
    assert.equal(error.errorType, "Function.ResponseSizeTooLarge");
    assert.match(error.errorMessage, /exceeded maximum allowed payload size \(6291556 bytes\)/);
    assert.equal(result.kind === "failed" && result.errorType, "Function.ResponseSizeTooLarge");
    await stillWorks(started);
  });

  test("invoke() fails with Sandbox.Timedout at the deadline (RT-4)", async (t) => {
    const started = await suite.begin(t);
    const { timeoutMs } = started.fixture;
    if (timeoutMs === undefined) return t.skip("the fixture's timeout is too long to wait for");
    const result = await started.invoke({ do: "sleep", ms: timeoutMs + 2000 });
    const error = failedError(result);
    assert.equal(error.errorType, "Sandbox.Timedout");
    assert.ok(error.errorMessage.includes(`timed out after ${(timeoutMs / 1000).toFixed(2)} s`));
    await stillWorks(started);
  });

  if (!suite.can("exit")) return;
  const exits = [
    [0, "Runtime exited without providing a reason"],
    [7, "Runtime exited with error: exit status 7"],
  ] as const;
  for (const [code, text] of exits) {
    test(`invoke() fails with Runtime.ExitError when the process ends with ${code} (RT-2)`, async (t) => {
      const started = await suite.begin(t);
      const error = failedError(await started.invoke({ do: "exit", code }));
      assert.equal(error.errorType, "Runtime.ExitError");
      assert.ok(error.errorMessage.endsWith(` Error: ${text}`), error.errorMessage);
      await stillWorks(started);
    });
  }
}

function testInvocation(suite: InvokerSuite): void {
  test("invoke() gives the function the client context", async (t) => {
    const { invoke } = await suite.begin(t);
    const clientContext = '{"custom":{"key":"v\u00E9"},"env":{},"client":{}}';
    const told = returnedBytes(await invoke({ do: "context" }, { clientContext }));
    const { clientContext: seen } = JSON.parse(told.toString()) as {
      clientContext: { custom?: unknown };
    };
    assert.deepEqual(seen.custom, { key: "v\u00E9" });
  });

  if (suite.can("request-id")) {
    test("invoke() gives the function the request id and the ARN of the invocation", async (t) => {
      const { fixture, invocation } = await suite.begin(t);
      const asked = invocation({ do: "context" });
      const told = returnedBytes(await fixture.invoker.invoke(asked, t.signal));
      const seen = JSON.parse(told.toString()) as Record<string, string>;
      assert.equal(seen["awsRequestId"], asked.requestId);
      assert.equal(seen["invokedFunctionArn"], asked.invokedFunctionArn);
    });
  }

  if (!suite.can("log-tail")) return;
  test("invoke() gives the end of this invocation's log when it is asked for", async (t) => {
    const { invoke } = await suite.begin(t);
    await invoke({ do: "log", text: "of the one before" }, { logTail: true });
    const event: ContractEvent = { do: "log", text: `a line of ${"x".repeat(80)}`, times: 100 };
    const { logTail } = await invoke(event, { logTail: true });
    assert.ok(logTail !== undefined);
    assert.ok(logTail.byteLength <= limits.logTailBytes);
    const text = Buffer.from(logTail).toString();
    assert.ok(text.includes("a line of xxx"), text);
    assert.ok(!text.includes("of the one before"), text);
  });
}
