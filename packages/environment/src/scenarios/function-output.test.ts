import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { waitFor } from "@lambdad/testkit";
import { startRogue } from "../testdata/pool-fixture.ts";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

describe("the output of a function", () => {
  test("comes by lines, with the request id, none lost", async (t) => {
    const { invoke, output } = await startRogue(t, ["lines", "5000"]);
    const requestId = crypto.randomUUID();
    await invoke({}, { requestId, logTail: true });
    assert.equal(output.length, 5000);
    assert.ok(output.every((entry) => entry.requestId === requestId));
    assert.ok(output.every(({ line }) => line.endsWith("\n")));
  });

  test("is in the tail between START and END, in order", async (t) => {
    const { invoke } = await startRogue(t, ["lines", "20"]);
    const result = await invoke({}, { requestId: "id-1", logTail: true });
    const lines = Buffer.from(result.logTail ?? [])
      .toString()
      .split("\n");
    assert.equal(lines[0], "START RequestId: id-1 Version: $LATEST");
    assert.equal(lines.at(-1), "");
    assert.match(lines.at(-2) ?? "", /^REPORT RequestId: id-1\tDuration: /);
    assert.equal(lines.at(-3), "END RequestId: id-1");
    assert.equal(lines.length, 24);
  });

  test("keeps the end of a tail that is longer than 4096 bytes", async (t) => {
    const { invoke } = await startRogue(t, ["lines", "2000"]);
    const result = await invoke({}, { logTail: true });
    assert.equal(result.logTail?.length, 4096);
    assert.match(Buffer.from(result.logTail ?? []).toString(), /REPORT RequestId: [^\n]+\n$/);
  });

  for (const source of ["stdout", "stderr"]) {
    test(`without a newline for 100 MB on ${source} is cut and never kept (RT-21, INV-8)`, async (t) => {
      const { invoke, output, report } = await startRogue(t, ["flood", source], {
        timeoutMs: 60_000,
      });
      const before = process.memoryUsage().external;
      assert.equal((await invoke({})).kind, "returned");
      // What is dropped is garbage at once; when that is collected depends on what else runs.
      collectGarbage();
      assert.ok(process.memoryUsage().external - before < 64 * 1024 * 1024);
      await report();
      const cut = output.filter(({ line }) => line.endsWith("[line cut]\n"));
      assert.equal(cut.length, 1);
      assert.ok((cut[0]?.line.length ?? 0) <= 262_144 + 12);
    });
  }

  test("may be any bytes, and cannot pretend to be the platform's (RT-21)", async (t) => {
    const { invoke, output, events } = await startRogue(t, ["binary-output"]);
    await invoke({}, { logTail: true });
    assert.ok(output.some(({ line }) => line.includes("\0")));
    assert.equal(events.filter(({ type }) => type === "platform.report").length, 1);
  });

  test("may be closed by the function", async (t) => {
    const { invoke, report } = await startRogue(t, ["close-output"]);
    assert.equal((await invoke({})).kind, "returned");
    assert.equal((await report()).invocations, 2);
  });
});

test("each START has its END and REPORT, in order", async (t) => {
  const { invoke, events } = await startRogue(t, ["echo"], { environmentsMax: 3 });
  await Promise.all(Array.from({ length: 50 }, (_, index) => invoke({ index })));
  await waitFor(() => events.filter(({ type }) => type === "platform.report").length === 50);
  const seen = new Map<string, string[]>();
  for (const event of events) {
    if (!("requestId" in event)) continue;
    seen.set(event.requestId, [...(seen.get(event.requestId) ?? []), event.type]);
  }
  assert.equal(seen.size, 50);
  for (const types of seen.values()) {
    assert.deepEqual(types, ["platform.start", "platform.runtimeDone", "platform.report"]);
  }
});
