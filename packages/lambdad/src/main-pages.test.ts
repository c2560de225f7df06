import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { waitFor } from "@lambdad/testkit";
import { functionFolder, startDaemon } from "./testdata/daemon-process.ts";
import { temporaryFolder } from "./testdata/named-pipe.ts";
import { readMetrics } from "./testdata/metrics-text.ts";

const timeout = 60_000;

function sampleOf(what: string): string {
  return `lambdad_${what}{function="app"}`;
}

function invocationsOf(result: string): string {
  return `lambdad_invocations_total{function="app",type="RequestResponse",result="${result}"}`;
}

describe("the pages of the daemon", () => {
  test(
    "tell that it is ready and alive, and no metrics unless they are on",
    { timeout },
    async (t) => {
      const cwd = functionFolder(t, "return 1;");
      const daemon = await startDaemon(t, ["run", "app.handler"], { cwd });
      assert.deepEqual(await daemon.get("/health"), { status: 200, text: "ok\n" });
      assert.deepEqual(await daemon.get("/health/live"), { status: 200, text: "ok\n" });
      assert.equal((await daemon.get("/metrics")).status, 404);
      assert.equal((await daemon.get("/")).status, 404);
    },
  );

  test("/health is 503 while it drains, /health/live is not (HO-8)", { timeout }, async (t) => {
    const body = `
      const { existsSync } = await import("node:fs");
      while (!existsSync(event.gate)) await new Promise((resolve) => setTimeout(resolve, 10));
      return 1;`;
    const gate = join(temporaryFolder(t), "gate");
    const options = ["--timeout=60", "--drain-timeout=60"];
    const daemon = await startDaemon(t, ["run", ...options, "app.handler"], {
      cwd: functionFolder(t, body),
    });
    const running = daemon.invoke({ gate });
    await waitFor(() => daemon.stderr.includes("START RequestId"), { what: "its start" });
    daemon.child.kill("SIGTERM");
    await waitFor(() => daemon.stderr.includes("Stopping"), { what: "the stop" });
    assert.deepEqual(await daemon.get("/health"), { status: 503, text: "draining\n" });
    assert.equal((await daemon.get("/health/live")).status, 200);
    writeFileSync(gate, "");
    assert.equal((await running).json, 1);
    assert.equal((await daemon.end).code, 0);
  });

  test("count what happened with --metrics", { timeout }, async (t) => {
    const body = `
      if (event.fail) throw new Error("as told");
      if (event.hang) await new Promise((resolve) => setTimeout(resolve, 60_000));
      return 1;`;
    const options = ["--metrics", "--timeout=3"];
    const daemon = await startDaemon(t, ["run", ...options, "app.handler"], {
      cwd: functionFolder(t, body),
    });
    const read = async (): Promise<ReadonlyMap<string, number>> => {
      return readMetrics((await daemon.get("/metrics")).text).samples;
    };
    assert.equal((await read()).get('lambdad_environments{function="app",state="idle"}'), 0);
    for (const event of [{}, {}, { fail: true }, { hang: true }]) await daemon.invoke(event);
    await fetch(`${daemon.url}/2015-03-31/functions/nobody/invocations`, { method: "POST" });
    const done = 'lambdad_invocation_seconds_count{function="app"}';
    await waitFor(async () => (await read()).get(done) === 4, { what: "four reports" });
    const samples = await read();
    for (const [name, value] of [
      [invocationsOf("success"), 2],
      [invocationsOf("error"), 1],
      [invocationsOf("timeout"), 1],
      ['lambdad_environment_ends_total{function="app",reason="timeout"}', 1],
      ['lambdad_http_rejects_total{status="404",reason="ResourceNotFoundException"}', 1],
      ['lambdad_init_seconds_count{function="app"}', 1],
      ['lambdad_queue_seconds_count{function="app"}', 4],
      ["lambdad_queue_length", 0],
      ["lambdad_body_bytes_in_flight", 0],
      ["lambdad_log_dropped_total", 0],
    ] as const) {
      assert.equal(samples.get(name), value, name);
    }
  });
});

describe("events with --events=memory", () => {
  test("are answered with 202, run, and balance the books (INV-2)", { timeout }, async (t) => {
    const body = `
      console.log("ran", event.number, context.awsRequestId);
      if (event.number === 2) throw new Error("as told");`;
    const options = ["--events=memory", "--event-retries=0", "--metrics"];
    const daemon = await startDaemon(t, ["run", ...options, "app.handler"], {
      cwd: functionFolder(t, body),
    });
    assert.match(daemon.stderr, / WARN Events are kept in memory/);
    const ids: string[] = [];
    for (const number of [1, 2, 3]) {
      const answer = await daemon.invoke({ number }, { "X-Amz-Invocation-Type": "Event" });
      assert.equal(answer.status, 202);
      assert.equal(answer.text, "");
      ids.push(answer.headers.get("x-amzn-requestid") ?? "");
    }
    const samples = await waitFor(
      async () => {
        const found = readMetrics((await daemon.get("/metrics")).text).samples;
        return found.get(sampleOf("events_pending")) === 0 ? found : undefined;
      },
      { what: "the end of the events" },
    );
    assert.equal(samples?.get(sampleOf("events_accepted_total")), 3);
    assert.equal(samples.get(sampleOf("events_succeeded_total")), 2);
    assert.equal(samples.get(sampleOf("failed_shelf")), 1);
    const failed = 'lambdad_events_failed_total{function="app",condition="RetriesExhausted"}';
    assert.equal(samples.get(failed), 1);
    await waitFor(() => ids.every((id, index) => daemon.stdout.includes(`ran ${index + 1} ${id}`)));
  });

  test("that were not run are counted as lost at the end", { timeout }, async (t) => {
    const body = `throw new Error("as told");`;
    const daemon = await startDaemon(t, ["run", "--events=memory", "app.handler"], {
      cwd: functionFolder(t, body),
    });
    await daemon.invoke({}, { "X-Amz-Invocation-Type": "Event" });
    await waitFor(() => daemon.stderr.includes("An event will be tried again"));
    daemon.child.kill("SIGTERM");
    const { code, stderr } = await daemon.end;
    assert.equal(code, 0);
    assert.match(stderr, / ERROR Events that had not been run are lost: .* pending=1\n/);
  });
});
