import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { waitFor } from "@lambdad/testkit";
import {
  failed,
  platformBody,
  startRogue,
  temporaryFolder,
  textOf,
} from "../testdata/pool-fixture.ts";

describe("a runtime that ends", () => {
  const exits: readonly (readonly [string, string])[] = [
    ["0", "Runtime exited without providing a reason"],
    ["7", "Runtime exited with error: exit status 7"],
    ["SIGKILL", "Runtime exited with error: signal: killed"],
    ["SIGSEGV", "Runtime exited with error: signal: segmentation fault"],
  ];
  for (const [how, text] of exits) {
    test(`with ${how} is answered at once with Runtime.ExitError (RT-2)`, async (t) => {
      const { invoke, ends, pool } = await startRogue(t, ["exit", how], { timeoutMs: 60_000 });
      const requestId = crypto.randomUUID();
      const result = await invoke({}, { requestId });
      assert.equal(failed(result).errorType, "Runtime.ExitError");
      assert.deepEqual(platformBody(result), {
        errorType: "Runtime.ExitError",
        errorMessage: `RequestId: ${requestId} Error: ${text}`,
      });
      await waitFor(() => pool.counts.busy === 0);
      assert.deepEqual(ends, ["exit"]);
    });
  }

  test("leaves the next invocation a runtime that lives (RT-2)", async (t) => {
    const { invoke, report } = await startRogue(t, ["exit", "1"]);
    assert.equal((await invoke({})).kind, "failed");
    assert.equal((await report()).invocations, 1);
  });

  test("after its answer has given a good answer (RT-3)", async (t) => {
    const { invoke, ends } = await startRogue(t, ["exit-after", "3"]);
    for (let index = 0; index < 5; index += 1) {
      const result = await invoke({ index });
      assert.equal(result.kind, "returned");
      assert.deepEqual(JSON.parse(textOf(result)), { index });
    }
    await waitFor(() => ends.length === 5);
  });

  test("is answered at once although a child holds its output open (RT-2)", async (t) => {
    const file = `${await temporaryFolder(t)}/child`;
    const { invoke } = await startRogue(t, ["hold-output", file], { timeoutMs: 60_000 });
    assert.equal(failed(await invoke({})).errorType, "Runtime.ExitError");
  });
});

describe("a runtime that hangs", () => {
  for (const mode of ["hang", "hang-hard"] as const) {
    test(`(${mode}) is answered at the deadline, killed and replaced (RT-4)`, async (t) => {
      const { invoke, ends, report } = await startRogue(t, [mode], { timeoutMs: 1000 });
      const requestId = crypto.randomUUID();
      const result = await invoke({}, { requestId });
      assert.deepEqual(platformBody(result), {
        errorType: "Sandbox.Timedout",
        errorMessage: `RequestId: ${requestId} Error: Task timed out after 1.00 seconds`,
      });
      assert.deepEqual(ends, ["timeout"]);
      assert.equal((await report()).invocations, 1);
    });
  }

  test("after its answer keeps the environment until the deadline, not the caller", async (t) => {
    const { invoke, ends } = await startRogue(t, ["no-next"], { timeoutMs: 500 });
    assert.equal((await invoke({ a: 1 })).kind, "returned");
    assert.deepEqual(ends, []);
    await waitFor(() => ends.length === 1);
    assert.deepEqual(ends, ["timeout"]);
  });

  test("cannot answer after its deadline (RT-4, RT-14)", async (t) => {
    const options = { timeoutMs: 300, environmentsMax: 1 };
    const { invoke } = await startRogue(t, ["late", "600"], options);
    assert.equal(failed(await invoke({ n: 1 })).errorType, "Sandbox.Timedout");
    assert.equal(failed(await invoke({ n: 2 })).errorType, "Sandbox.Timedout");
  });
});

describe("a runtime that answers wrongly", () => {
  test("twice is refused with 403, and the first answer counts (RT-13)", async (t) => {
    const { invoke, report, rejects } = await startRogue(t, ["answer-twice"]);
    assert.deepEqual(JSON.parse(textOf(await invoke({ a: 1 }))), { a: 1 });
    const { seen, invocations } = await report();
    assert.equal(invocations, 2);
    const refused = seen.find(({ status }) => status === 403);
    assert.match(
      refused?.body ?? "",
      /State transition from RuntimeResponseSentState to InvocationResponse failed for runtime/,
    );
    assert.ok(rejects.includes("invalid_state"));
  });

  for (const mode of ["wrong-id", "empty-id", "stale-id"] as const) {
    test(`with a ${mode} is refused with 400, and nobody sees it (RT-12)`, async (t) => {
      const { invoke, report } = await startRogue(t, [mode]);
      for (const index of [1, 2]) {
        assert.deepEqual(JSON.parse(textOf(await invoke({ index }))), { index });
      }
      const { seen } = await report();
      assert.ok(
        seen.some(({ status, body }) => status === 400 && body?.includes("InvalidRequestID")),
        JSON.stringify(seen),
      );
    });
  }

  test("not at all, but asks again, gets the same event again (RT-15)", async (t) => {
    const { invoke, report, rejects } = await startRogue(t, ["repeat-next", "3"]);
    assert.deepEqual(JSON.parse(textOf(await invoke({ a: 1 }))), { a: 1 });
    assert.equal(rejects.filter((reason) => reason === "repeat_next").length, 3);
    assert.equal((await report()).invocations, 2);
  });

  test("with init/error while it runs is refused with 403", async (t) => {
    const { invoke, report } = await startRogue(t, ["init-error-late"]);
    assert.deepEqual(JSON.parse(textOf(await invoke({ a: 1 }))), { a: 1 });
    assert.ok((await report()).seen.some(({ status }) => status === 403));
  });

  test("with a response mode that does not exist fails with an empty payload (RT-19)", async (t) => {
    const { invoke, report } = await startRogue(t, ["bad-mode"]);
    const result = failed(await invoke({}));
    assert.equal(result.errorType, "Runtime.InvalidResponseModeHeader");
    assert.equal(result.text, "");
    const { seen, invocations } = await report();
    assert.equal(invocations, 2);
    assert.ok(seen.some(({ body }) => body?.includes("InvalidFunctionResponseMode")));
  });

  for (const mode of ["oversize-length", "oversize-chunked", "oversize-declared"] as const) {
    test(`with too much (${mode}) fails, and the runtime stays warm (RT-18)`, async (t) => {
      const { invoke, report } = await startRogue(t, [mode]);
      const result = failed(await invoke({}));
      assert.equal(result.errorType, "Function.ResponseSizeTooLarge");
      assert.match(result.text, /exceeded maximum allowed payload size \(6291556 bytes\)/);
      const { seen, invocations } = await report();
      assert.equal(invocations, 2);
      const refused = seen.some(({ status, line }) => status === 413 || line?.includes(" 413 "));
      assert.ok(refused, JSON.stringify(seen));
    });
  }

  const truncations: readonly (readonly ["truncated-length" | "truncated-chunk", string])[] = [
    ["truncated-length", "close"],
    ["truncated-length", "reset"],
    ["truncated-chunk", "close"],
    ["truncated-chunk", "reset"],
    ["truncated-chunk", "framing"],
  ];
  for (const [mode, how] of truncations) {
    test(`cut off (${mode} by ${how}) fails and delivers no part of it (RT-17)`, async (t) => {
      const { invoke, report } = await startRogue(t, [mode, how]);
      const result = failed(await invoke({}));
      assert.equal(result.errorType, "Runtime.TruncatedResponse");
      assert.equal(platformBody(result).errorType, "Runtime.TruncatedResponse");
      // After a reset the runtime's next call may overtake it, and is refused: then it is replaced.
      const { invocations } = await report();
      if (how !== "reset") assert.equal(invocations, 2);
    });
  }

  test("cut off by its own end fails once (RT-17)", async (t) => {
    const { invoke, report } = await startRogue(t, ["truncated-length", "exit"]);
    assert.match(failed(await invoke({})).errorType, /TruncatedResponse|ExitError/);
    assert.equal((await report()).invocations, 1);
  });

  test("with garbage on its port disturbs no invocation (RT-16)", async (t) => {
    const { invoke, report } = await startRogue(t, ["garbage"]);
    assert.deepEqual(JSON.parse(textOf(await invoke({ a: 1 }))), { a: 1 });
    const { seen } = await report();
    assert.ok(seen.length > 3);
    for (const { line, step } of seen) assert.match(line ?? "", /^HTTP\/1\.1 [45]|^$/, step);
  });

  test("with half a head on fifty connections disturbs no invocation (RT-16)", async (t) => {
    const { invoke } = await startRogue(t, ["half-heads", "50"]);
    for (const index of [1, 2, 3]) {
      assert.deepEqual(JSON.parse(textOf(await invoke({ index }))), { index });
    }
  });
});

describe("a runtime that reports an error", () => {
  for (const form of ["text", "binary"]) {
    test(`has its ${form} bytes passed on unchanged (RT-1)`, async (t) => {
      const { invoke, report } = await startRogue(t, ["fail", "Function.Failed", form]);
      const result = failed(await invoke({}));
      assert.equal(result.errorType, "Function.Failed");
      assert.ok(result.payload.byteLength > 0);
      assert.equal((await report()).invocations, 2);
    });
  }

  test("may send an X-Ray cause of almost 1 MiB", async (t) => {
    const { invoke } = await startRogue(t, ["fail-cause", "1000000"]);
    assert.equal((await invoke({})).kind, "failed");
  });
});
