import assert from "node:assert/strict";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { RawConnection, waitFor } from "@lambdad/testkit";
import {
  failed,
  platformBody,
  startPool,
  startRogue,
  temporaryFolder,
  textOf,
} from "../testdata/pool-fixture.ts";

/** Ways in which an environment could be lost: neither free, nor replaced (INV-6). */
describe("EnvironmentPool keeps its places", () => {
  test("when an environment that runs several is idle in none of them", async (t) => {
    const { invoke, ends, pool } = await startRogue(t, ["workers", "4", "700"], {
      concurrency: 4,
      idleTimeoutMs: 100,
    });
    assert.equal((await invoke({ a: 1 })).kind, "returned");
    assert.deepEqual(ends, []);
    await waitFor(() => ends.length === 1);
    assert.deepEqual(ends, ["idle"]);
    assert.equal(pool.counts.idle, 0);
  });

  test("when the kernel refuses a command at once (RT-7)", async (t) => {
    const { invoke, pool } = await startPool(t, ["/bin/true", "x".repeat(200_000)]);
    for (let index = 0; index < 2; index += 1) {
      const { errorType, errorMessage } = platformBody(await invoke({}));
      assert.equal(errorType, "Runtime.InvalidEntrypoint");
      assert.match(errorMessage, /fork\/exec \/bin\/true: E2BIG$/);
    }
    assert.deepEqual(pool.counts, { starting: 0, idle: 0, busy: 0, waiting: 0 });
  });

  for (const [what, command, reason] of [
    ["a command is a link to itself", (loop: string) => [loop], /^fork\/exec .*\/loop: ELOOP$/],
    [
      "the search path has one",
      () => ["loop"],
      /^exec: "loop": executable file not found in \$PATH$/,
    ],
  ] as const) {
    test(`when ${what} (RT-7)`, async (t) => {
      const folder = await temporaryFolder(t);
      const loop = join(folder, "loop");
      await symlink(loop, loop);
      const variables = { PATH: folder };
      const { invoke, pool } = await startPool(t, command(loop), { variables });
      for (let index = 0; index < 2; index += 1) {
        const { errorType, errorMessage } = platformBody(await invoke({}, { requestId: "id" }));
        assert.equal(errorType, "Runtime.InvalidEntrypoint");
        assert.match(errorMessage.replace("RequestId: id Error: ", ""), reason);
      }
      assert.deepEqual(pool.counts, { starting: 0, idle: 0, busy: 0, waiting: 0 });
    });
  }

  test("when an idle runtime does not ask for work any more", async (t) => {
    const idleRuntime = [process.execPath, "-e", "setInterval(() => {}, 1000)"];
    const { pool, invoke, ends } = await startPool(t, idleRuntime, { timeoutMs: 500 });
    const port = Number(pool.runtimeApiAddress.split(":")[1]);
    const result = invoke({});
    await waitFor(() => pool.counts.starting === 1);
    const runtime = await RawConnection.open(port);
    const next = "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: localhost\r\n\r\n";
    runtime.send(next);
    const id = (await runtime.readResponse())?.headers["lambda-runtime-aws-request-id"] ?? "";
    runtime.send(
      `POST /2018-06-01/runtime/invocation/${id}/response HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}`,
    );
    await runtime.readResponse();
    await result;
    runtime.send(next);
    await waitFor(() => pool.counts.idle === 1);
    runtime.destroy();
    await waitFor(() => ends.length === 1);
    assert.deepEqual(ends, ["timeout"]);
    assert.equal(pool.counts.idle, 0);
  });

  test("when the start of one that runs several hangs inside an invocation (RT-5)", async (t) => {
    const { invoke, ends, pool } = await startRogue(t, ["init-hang"], {
      concurrency: 2,
      initTimeoutMs: 100,
      timeoutMs: 300,
    });
    assert.equal(failed(await invoke({})).errorType, "Sandbox.Timedout");
    await waitFor(() => ends.length === 2);
    assert.equal(pool.counts.starting, 0);
  });

  test("when the pool stops while a port is being opened (INV-12)", async (t) => {
    const { invoke, pool, events } = await startRogue(t, ["echo"], { environmentsMax: 3 });
    const calls = Promise.allSettled([invoke(1), invoke(2), invoke(3)]);
    await pool.stop(0);
    for (const { status } of await calls) assert.equal(status, "rejected");
    assert.equal(events.filter(({ type }) => type === "platform.initStart").length, 1);
  });

  test("when a start is bound to an invocation: the next one gets its own", async (t) => {
    const { invoke } = await startRogue(t, ["hang-on-demand"], {
      environmentsMax: 2,
      timeoutMs: 2_000,
    });
    await invoke({ hang: true });
    let isHanging = true;
    // Started inside this invocation, as an environment was lost before it.
    const hanging = invoke({ hang: true }).then((result) => {
      isHanging = false;
      return result;
    });
    assert.deepEqual(JSON.parse(textOf(await invoke({ b: 2 }))), { b: 2 });
    assert.ok(isHanging);
    assert.equal(failed(await hanging).errorType, "Sandbox.Timedout");
  });
});

test("an invocation that the host gives up has an END and a REPORT", async (t) => {
  const { invoke, pool, events } = await startRogue(t, ["hang-hard"], { timeoutMs: 60_000 });
  const running = assert.rejects(invoke({}), { code: "ServiceUnavailable" });
  await waitFor(() => pool.counts.busy === 1);
  await pool.stop(0);
  await running;
  const reports = events.filter((event) => event.type === "platform.report");
  assert.deepEqual(
    reports.map(({ status }) => status),
    ["failure"],
  );
});

test("two invocations with one request id are never in one environment (INV-5)", async (t) => {
  const { invoke } = await startRogue(t, ["workers", "4", "200"], { concurrency: 4 });
  await invoke({ warm: true });
  const requestId = crypto.randomUUID();
  const first = invoke({ a: 1 }, { requestId });
  await assert.rejects(invoke({ b: 2 }, { requestId }), { code: "InvalidParameterValueException" });
  assert.deepEqual(JSON.parse(textOf(await first)).event, { a: 1 });
});
