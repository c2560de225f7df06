// @lambdad/aws against lambdad: many calls at once, streams as they are written, calls that are given up.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Session } from "@lambdad/aws";
import { rawCommand } from "./runtimes.ts";
import { type Daemon, startLambdad } from "./start-lambdad.ts";

const FunctionName = "conformance";
const callsMany = 300;

function payloadOf(value: unknown): string {
  return JSON.stringify(value);
}

function valueOf(payload: Uint8Array | undefined): unknown {
  return JSON.parse(Buffer.from(payload ?? []).toString());
}

describe("@lambdad/aws and lambdad", () => {
  let daemon: Daemon;
  let session: Session;

  before(async () => {
    daemon = await startLambdad(["--max-concurrency=4", "--timeout=60", ...rawCommand], {});
    const credentials = { accessKeyId: "conformance", secretAccessKey: "conformance" };
    session = new Session({ endpoint: daemon.invokeUrl, region: "us-east-1", credentials });
  });
  after(async () => {
    await session?.close();
    await daemon?.stop();
  });

  test("invokeAll gives the results in the order of the requests", async () => {
    const inputs = Array.from({ length: callsMany }, (_, index) => ({
      FunctionName,
      Payload: payloadOf({ index }),
    }));
    const results = await session.client("lambda").invokeAll(inputs, { concurrency: 16 });
    assert.deepEqual(
      results.map(({ Payload }) => valueOf(Payload)),
      inputs.map((_, index) => ({ index })),
    );
    assert.ok(results.every(({ StatusCode }) => StatusCode === 200));
  });

  test("invokeAll ends at the first failure, or tells every outcome", async () => {
    const lambda = session.client("lambda");
    const names = [FunctionName, "no-such-function", FunctionName];
    const inputs = names.map((name) => ({ FunctionName: name, Payload: "{}" }));
    await assert.rejects(lambda.invokeAll(inputs), { name: "ResourceNotFoundException" });
    const outcomes = await lambda.invokeAll(inputs, { settle: true });
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ["fulfilled", "rejected", "fulfilled"],
    );
  });

  test("a streamed response is read while it is written", async () => {
    const gate = join(tmpdir(), `lambdad-conformance-${randomUUID()}`);
    const chunks = ["first ü ", "second ", "third"];
    try {
      const Payload = payloadOf({ action: "stream", chunks, gate });
      const answer = await session
        .client("lambda")
        .invokeWithResponseStream({ FunctionName, Payload });
      let text = "";
      let isComplete = false;
      for await (const { PayloadChunk, InvokeComplete } of answer.EventStream ?? []) {
        text += Buffer.from(PayloadChunk?.Payload ?? []).toString();
        // The function writes its second chunk only after this end has seen the first.
        if (text.includes("first ü")) await writeFile(gate, "");
        if (InvokeComplete !== undefined) isComplete = InvokeComplete.ErrorCode === undefined;
      }
      assert.ok(text.endsWith(chunks.join("")), text);
      assert.ok(isComplete);
    } finally {
      await rm(gate, { force: true });
    }
  });

  test("a call that is given up ends with its reason, and the next one works", async () => {
    const lambda = session.client("lambda");
    const aborted = new AbortController();
    const Payload = payloadOf({ action: "sleep", ms: 2_000 });
    const call = lambda.invoke({ FunctionName, Payload }, { signal: aborted.signal });
    const reason = new Error("no longer wanted");
    setTimeout(() => aborted.abort(reason), 50);
    await assert.rejects(call, (error: unknown) => {
      assert.ok(error instanceof Error);
      assert.equal(error.name, "AbortError");
      assert.equal(error.cause, reason);
      return true;
    });
    const limited = lambda.invoke({ FunctionName, Payload }, { timeout: 50 });
    await assert.rejects(limited, { name: "TimeoutError", limit: "timeout" });
    const next = await lambda.invoke({ FunctionName, Payload: payloadOf({ next: true }) });
    assert.deepEqual(valueOf(next.Payload), { next: true });
  });
});
