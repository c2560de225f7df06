import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { payloadText } from "@lambdad/core";
import { CollectingStream } from "@lambdad/testkit";
import { startRogue, textOf } from "../testdata/pool-fixture.ts";

describe("a streamed response", () => {
  test("reaches a streaming caller in order, with back-pressure", async (t) => {
    const { invoke } = await startRogue(t, ["stream", "200", "10000"]);
    const stream = new CollectingStream({ fullAfterBytes: 20_000 });
    const result = await invoke({}, { stream });
    assert.equal(result.kind, "streamed");
    assert.equal(stream.bytes.length, 2_000_000);
    assert.ok(stream.fullCount > 10);
    assert.deepEqual(stream.breaches, []);
  });

  test("is collected for a caller who wants it whole", async (t) => {
    const { invoke } = await startRogue(t, ["stream", "3", "5"]);
    const result = await invoke({});
    assert.equal(result.kind, "returned");
    assert.equal(textOf(result).length, 15);
  });

  test("with a prelude passes through unchanged", async (t) => {
    const { invoke } = await startRogue(t, ["prelude"]);
    const stream = new CollectingStream();
    await invoke({}, { stream });
    assert.equal(stream.contentType, "application/vnd.awslambda.http-integration-response");
    assert.equal(
      stream.bytes.toString(),
      '{"statusCode":201,"headers":{"x-a":"b"},"cookies":["c=1"]}\0\0\0\0\0\0\0\0body',
    );
  });

  test("that fails midway ends with the error of its trailers (RT-20)", async (t) => {
    const { invoke, report } = await startRogue(t, ["stream-error", "Function.Broken"]);
    const stream = new CollectingStream();
    const result = await invoke({}, { stream });
    assert.ok(result.kind === "streamed" && result.error !== undefined);
    assert.equal(result.error.errorType, "Function.Broken");
    assert.ok("errorType" in JSON.parse(payloadText(result.error.payload)));
    assert.ok(stream.bytes.length > 0);
    assert.equal((await report()).invocations, 2);
  });

  test("that fails midway is a failure with what came, for a caller who wants it whole", async (t) => {
    const { invoke } = await startRogue(t, ["stream-error", "Function.Broken"]);
    const result = await invoke({});
    assert.ok(result.kind === "failed");
    assert.equal(result.errorType, "Function.Broken");
    assert.ok(result.payload.byteLength > 0);
  });

  test("with trailers that cannot be read still ends", async (t) => {
    const { invoke } = await startRogue(t, ["stream-bad-trailers"]);
    const result = await invoke({}, { stream: new CollectingStream() });
    assert.equal(result.kind, "streamed");
  });

  test("cut by the runtime's end tells of it after the bytes (RT-20)", async (t) => {
    const { invoke, report } = await startRogue(t, ["stream-exit", "5"]);
    const stream = new CollectingStream();
    const result = await invoke({}, { stream });
    assert.ok(result.kind === "streamed" && result.error !== undefined);
    assert.match(result.error.errorType, /Runtime\.(ExitError|TruncatedResponse)/);
    assert.ok(stream.bytes.length > 0);
    assert.equal((await report()).invocations, 1);
  });

  test("that hangs is cut at the deadline (RT-20, RT-4)", async (t) => {
    const { invoke } = await startRogue(t, ["stream-hang"], { timeoutMs: 500 });
    const stream = new CollectingStream();
    const result = await invoke({}, { stream });
    assert.ok(result.kind === "streamed" && result.error !== undefined);
    assert.equal(result.error.errorType, "Sandbox.Timedout");
  });

  for (const how of ["close", "reset", "framing"]) {
    test(`whose connection breaks (${how}) ends with Runtime.TruncatedResponse (RT-17)`, async (t) => {
      const { invoke } = await startRogue(t, ["stream-cut", how]);
      const result = await invoke({}, { stream: new CollectingStream() });
      assert.ok(result.kind === "streamed" && result.error !== undefined);
      assert.equal(result.error.errorType, "Runtime.TruncatedResponse");
    });
  }

  test("cannot be turned into an error after it has begun", async (t) => {
    const { invoke, report } = await startRogue(t, ["stream-then-error"]);
    const result = await invoke({}, { stream: new CollectingStream() });
    assert.ok(result.kind === "streamed" && result.error === undefined);
    assert.ok((await report()).seen.some(({ status }) => status === 403));
  });
});

test("a whole response reaches a streaming caller too", async (t) => {
  const { invoke } = await startRogue(t, ["echo"]);
  const stream = new CollectingStream();
  const result = await invoke({ a: 1 }, { stream });
  assert.equal(result.kind, "streamed");
  assert.equal(stream.bytes.toString(), '{"a":1}');
  assert.equal(stream.contentType, "application/json");
});

test("an error before the first byte is a failure for a streaming caller", async (t) => {
  const { invoke } = await startRogue(t, ["fail"]);
  const stream = new CollectingStream();
  assert.equal((await invoke({}, { stream })).kind, "failed");
  assert.equal(stream.contentType, undefined);
});
