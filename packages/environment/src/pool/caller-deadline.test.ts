import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HostError } from "@lambdad/core";
import { waitFor } from "@lambdad/testkit";
import { platformBody, startRogue, textOf } from "../testdata/pool-fixture.ts";

/** Of a caller that says how long it waits: one behind a queue. Contract of AMQP-RPC, §9. */
describe("EnvironmentPool and the deadline of a caller", () => {
  test("ends a function when its caller stops waiting, and replaces the environment", async (t) => {
    const { invoke, ends } = await startRogue(t, ["hang-on-demand"], { timeoutMs: 60_000 });
    await invoke({});
    const expiresAtMs = performance.now() + 400;
    const { errorType, errorMessage } = platformBody(
      await invoke({ hang: true }, { expiresAtMs, requestId: "id" }),
    );
    assert.equal(errorType, "Sandbox.Timedout");
    assert.match(errorMessage, /^RequestId: id Error: Task timed out after 0\.[34]\d seconds$/);
    await waitFor(() => ends.length === 1);
    assert.deepEqual(ends, ["timeout"]);
    assert.equal((await invoke({})).kind, "returned");
  });

  test("keeps the function's own timeout when that is shorter", async (t) => {
    const { invoke } = await startRogue(t, ["hang-on-demand"], { timeoutMs: 300 });
    const expiresAtMs = performance.now() + 60_000;
    const result = await invoke({ hang: true }, { expiresAtMs, requestId: "id" });
    assert.match(textOf(result), /Task timed out after 0\.30 seconds/);
  });

  test("does not start what waited for longer than its caller (reliability §10)", async (t) => {
    const { invoke, pool, events } = await startRogue(t, ["hang-on-demand"], { timeoutMs: 800 });
    const first = invoke({ hang: true }, { requestId: "first" });
    await waitFor(() => pool.counts.busy === 1);
    const expiresAtMs = performance.now() + 50;
    await assert.rejects(
      invoke({}, { expiresAtMs, requestId: "second" }),
      (error) => error instanceof HostError && error.code === "TooManyRequestsException",
    );
    await first;
    const started = events.filter(({ type }) => type === "platform.start");
    assert.deepEqual(
      started.map((event) => ("requestId" in event ? event.requestId : undefined)),
      ["first"],
    );
  });
});
