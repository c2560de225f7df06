import assert from "node:assert/strict";
import { test } from "node:test";

import { payloadText } from "@lambdad/core";

import { CollectingStream } from "./collecting-stream.ts";
import { failedError, returnedBytes, stillWorks } from "./invoker-contract-answers.ts";
import type { InvokerSuite } from "./invoker-contract.ts";

const pieceBytes = 65_536;
const pieceCount = 48;

/** What a stream of `pieceCount` pieces must amount to. */
function expectedPieces(): Buffer {
  return Buffer.concat(
    Array.from({ length: pieceCount }, (_, index) => Buffer.alloc(pieceBytes, index)),
  );
}

/** Answers piece by piece. */
export function testInvokerStreams(suite: InvokerSuite): void {
  testWhole(suite);
  testBroken(suite);
}

function testWhole(suite: InvokerSuite): void {
  test("invoke() passes the pieces of a streamed response on, in order", async (t) => {
    const { invoke } = await suite.begin(t);
    const stream = new CollectingStream();
    const result = await invoke({ do: "stream", pieces: ["one,", "two,", "three"] }, { stream });
    assert.equal(result.kind, "streamed");
    assert.equal(result.error, undefined);
    assert.equal(stream.bytes.toString(), "one,two,three");
    assert.notEqual(stream.contentType, undefined);
    assert.deepEqual(stream.breaches, []);
  });

  test("invoke() waits while the stream is full", async (t) => {
    const { invoke } = await suite.begin(t);
    const stream = new CollectingStream({ fullAfterBytes: 100_000 });
    const event = { do: "stream", count: pieceCount, size: pieceBytes } as const;
    const result = await invoke(event, { stream });
    assert.equal(result.kind, "streamed");
    assert.ok(stream.fullCount > 5, `full ${stream.fullCount} times`);
    assert.deepEqual(stream.breaches, []);
    assert.ok(stream.bytes.equals(expectedPieces()));
  });

  test("invoke() streams a response that the function returned whole", async (t) => {
    const { invoke } = await suite.begin(t);
    const stream = new CollectingStream();
    const result = await invoke({ do: "echo", value: { whole: true } }, { stream });
    assert.equal(result.kind, "streamed");
    assert.equal(stream.bytes.toString(), '{"whole":true}');
    assert.deepEqual(stream.breaches, []);
  });

  test("invoke() collects a streamed response for a caller that wants it whole", async (t) => {
    const { invoke } = await suite.begin(t);
    const event = { do: "stream", count: pieceCount, size: pieceBytes } as const;
    assert.ok(returnedBytes(await invoke(event)).equals(expectedPieces()));
  });

  test("invoke() keeps streams apart that run at once (INV-5)", async (t) => {
    const { invoke } = await suite.begin(t);
    const wanted = Array.from({ length: 12 }, (_, index) =>
      Array.from({ length: 20 }, (__, piece) => `${index}.${piece} `),
    );
    await Promise.all(
      wanted.map(async (pieces) => {
        const stream = new CollectingStream({ fullAfterBytes: 16 });
        await invoke({ do: "stream", pieces }, { stream });
        assert.equal(stream.bytes.toString(), pieces.join(""));
        assert.deepEqual(stream.breaches, []);
      }),
    );
  });
}

function testBroken(suite: InvokerSuite): void {
  test("invoke() gives a failure before the first byte as a failed result", async (t) => {
    const started = await suite.begin(t);
    const stream = new CollectingStream();
    const event = { do: "fail", type: "Early", message: "m" } as const;
    const result = await started.invoke(event, { stream });
    assert.equal(failedError(result).errorType, "Early");
    assert.equal(stream.contentType, undefined);
    assert.deepEqual(stream.chunks, []);
    await stillWorks(started);
  });

  test("invoke() tells of a stream that the function broke off (RT-20)", async (t) => {
    const started = await suite.begin(t);
    const stream = new CollectingStream();
    const error = { type: "Function.Late", message: "broke" };
    const result = await started.invoke({ do: "stream", pieces: ["some"], error }, { stream });
    assert.equal(result.kind, "streamed");
    assert.ok(result.error !== undefined);
    assert.notEqual(result.error.errorType, "");
    const body = JSON.parse(payloadText(result.error.payload)) as Record<string, unknown>;
    assert.equal(body["errorType"], "Function.Late");
    assert.equal(body["errorMessage"], "broke");
    assert.equal(stream.bytes.toString(), "some");
    await stillWorks(started);
  });
}
