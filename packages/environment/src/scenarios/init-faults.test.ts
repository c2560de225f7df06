import assert from "node:assert/strict";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { waitFor } from "@lambdad/testkit";
import {
  failed,
  platformBody,
  startPool,
  startRogue,
  temporaryFolder,
  textOf,
} from "../testdata/pool-fixture.ts";

describe("an initialisation that fails", () => {
  test("by /init/error gives the caller the runtime's bytes (RT-6)", async (t) => {
    const { invoke, ends, faults } = await startRogue(t, ["init-error", "Runtime.HandlerNotFound"]);
    const result = failed(await invoke({}));
    assert.equal(result.errorType, "Runtime.HandlerNotFound");
    assert.ok("errorMessage" in JSON.parse(result.text));
    assert.deepEqual(ends, ["init"]);
    assert.ok(faults.some(({ event }) => event === "init.error"));
  });

  test("by /init/error is tried again by the next invocation (RT-6)", async (t) => {
    const file = `${await temporaryFolder(t)}/starts`;
    const { invoke } = await startRogue(t, ["init-error-times", "1", file]);
    assert.equal((await invoke({})).kind, "failed");
    assert.deepEqual(JSON.parse(textOf(await invoke({ a: 1 }))), { a: 1 });
  });

  const exits: readonly (readonly [string, RegExp])[] = [
    ["0", /Runtime exited without providing a reason$/],
    ["3", /Runtime exited with error: exit status 3$/],
    ["SIGKILL", /Runtime exited with error: signal: killed$/],
  ];
  for (const [how, text] of exits) {
    test(`by an exit with ${how} is answered at once (RT-2)`, async (t) => {
      const { invoke } = await startRogue(t, ["init-exit", how]);
      const body = platformBody(await invoke({}));
      assert.equal(body.errorType, "Runtime.ExitError");
      assert.match(body.errorMessage, text);
    });
  }

  test("by taking too long is repeated inside the invocation (RT-5)", async (t) => {
    const file = `${await temporaryFolder(t)}/starts`;
    const { invoke, events } = await startRogue(t, ["init-hang-times", "1", file], {
      initTimeoutMs: 300,
    });
    assert.deepEqual(JSON.parse(textOf(await invoke({ a: 1 }))), { a: 1 });
    const phases = events.flatMap((event) =>
      event.type === "platform.initReport" ? [[event.phase, event.status]] : [],
    );
    assert.deepEqual(phases, [
      ["init", "timeout"],
      ["invoke", "success"],
    ]);
    await waitFor(() => events.some(({ type }) => type === "platform.report"));
    const report = events.find(({ type }) => type === "platform.report");
    assert.ok(report?.type === "platform.report" && report.initDurationMs === undefined);
  });

  test("by taking too long twice is a time-out of the function (RT-5)", async (t) => {
    const { invoke, events } = await startRogue(t, ["init-hang"], {
      initTimeoutMs: 200,
      timeoutMs: 400,
    });
    const requestId = crypto.randomUUID();
    assert.deepEqual(platformBody(await invoke({}, { requestId })), {
      errorType: "Sandbox.Timedout",
      errorMessage: `RequestId: ${requestId} Error: Task timed out after 0.40 seconds`,
    });
    const starts = events.filter(({ type }) => type === "platform.start");
    const reports = events.filter(({ type }) => type === "platform.report");
    assert.deepEqual([starts.length, reports.length], [1, 1]);
  });

  test("again and again does not start a storm of processes (RT-8)", async (t) => {
    const file = `${await temporaryFolder(t)}/starts`;
    const { invoke, ends } = await startRogue(t, ["init-exit-times", "1000", file], {
      environmentsMax: 2,
      waitMsMax: 1_000,
    });
    const results = await Promise.all(Array.from({ length: 40 }, () => invoke({})));
    for (const result of results) {
      assert.equal(platformBody(result).errorType, "Runtime.ExitError");
    }
    const ids = results.map((result) => platformBody(result).errorMessage.slice(0, 47));
    assert.equal(new Set(ids).size, 40, "each caller gets a body of its own");
    const starts = (await readFile(file, "utf8")).trim().split("\n").length;
    assert.ok(starts <= 8, `${starts} starts for 40 calls`);
    assert.equal(ends.length, starts);
  });

  test("refuses what comes after /init/error", async (t) => {
    const { invoke } = await startRogue(t, ["init-error", "Runtime.X", "next"]);
    assert.equal(failed(await invoke({})).errorType, "Runtime.Unknown");
  });

  test("by its restore hook gives the caller the runtime's error", async (t) => {
    const { invoke } = await startRogue(t, ["restore", "error"]);
    assert.equal((await invoke({})).kind, "failed");
  });
});

test("a runtime that restores serves like any other", async (t) => {
  const { invoke } = await startRogue(t, ["restore"]);
  assert.deepEqual(JSON.parse(textOf(await invoke({ a: 1 }))), { a: 1 });
});

describe("a command that cannot be started (RT-7)", () => {
  test("because it does not exist names its path", async (t) => {
    const { invoke, faults } = await startPool(t, ["/no/such/runtime"]);
    assert.deepEqual(platformBody(await invoke({}, { requestId: "id" })), {
      errorType: "Runtime.InvalidEntrypoint",
      errorMessage: "RequestId: id Error: fork/exec /no/such/runtime: no such file or directory",
    });
    assert.ok(faults.some(({ event }) => event === "spawn.error"));
  });

  test("because no folder of PATH has it names it", async (t) => {
    const { invoke } = await startPool(t, ["no-such-program"]);
    assert.match(
      platformBody(await invoke({})).errorMessage,
      /exec: "no-such-program": executable file not found in \$PATH$/,
    );
  });

  test("because it is not executable says so", async (t) => {
    const file = `${await temporaryFolder(t)}/bootstrap`;
    await writeFile(file, "#!/bin/sh\n");
    const { invoke } = await startPool(t, [file]);
    assert.match(platformBody(await invoke({})).errorMessage, /bootstrap: permission denied$/);
  });

  test("because the kernel refuses it says so", async (t) => {
    const file = `${await temporaryFolder(t)}/bootstrap`;
    await writeFile(file, "#!/no/such/interpreter\n");
    await chmod(file, 0o755);
    const { invoke } = await startPool(t, [file]);
    const { errorType, errorMessage } = platformBody(await invoke({}));
    assert.equal(errorType, "Runtime.InvalidEntrypoint");
    assert.match(errorMessage, /ENOENT/);
  });

  test("because its folder does not exist is Runtime.InvalidWorkingDir", async (t) => {
    const { invoke } = await startRogue(t, ["echo"], { cwd: "/no/such/folder" });
    assert.equal(platformBody(await invoke({})).errorType, "Runtime.InvalidWorkingDir");
  });
});
