import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HostError, type InvokeResult, payloadFromChunks, payloadOf } from "@lambdad/core";
import { invocationOf, waitFor } from "@lambdad/testkit";
import { BufferCollector } from "./buffer-collector.ts";

const common = { contentType: "application/json", executedVersion: "1", logTail: undefined };
const { signal } = new AbortController();

function answerOf(bytes: number): InvokeResult {
  const payload = bytes === 0 ? payloadOf("1") : payloadFromChunks([Buffer.alloc(bytes)]);
  return { kind: "returned", payload, ...common };
}

describe("BufferCollector", () => {
  test("passes results and errors on as they are", async () => {
    const collector = new BufferCollector();
    const result = answerOf(0);
    const good = collector.layer({ invoke: () => Promise.resolve(result) });
    assert.equal(await good.invoke(invocationOf(Buffer.from("1")), signal), result);
    const error = new HostError("ServiceUnavailable", "Stopping.");
    const bad = collector.layer({ invoke: () => Promise.reject(error) });
    await assert.rejects(bad.invoke(invocationOf(Buffer.from("1")), signal), error);
  });

  test("frees the buffers of large payloads once it is quiet (INV-8)", async () => {
    const collector = new BufferCollector();
    const invoker = collector.layer({ invoke: () => Promise.resolve(answerOf(1_000_000)) });
    const freed: number[] = [];
    const registry = new FinalizationRegistry<number>((number) => freed.push(number));
    for (let number = 0; number < 10; number += 1) {
      const result = await invoker.invoke(invocationOf(Buffer.alloc(1_000_000, "1")), signal);
      registry.register(result, number);
    }
    await waitFor(() => freed.length >= 9, { what: "the collection" });
  });
});
