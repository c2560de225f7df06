import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { waitFor } from "@lambdad/testkit";
import { type DaemonProcess, functionFolder, startDaemon } from "./testdata/daemon-process.ts";

const timeout = 60_000;

/** Ends the daemon, so that all it had to say is there, and gives the lines of both streams. */
async function linesOf(daemon: DaemonProcess): Promise<{ stdout: string[]; stderr: string[] }> {
  daemon.child.kill("SIGTERM");
  const { code, stdout, stderr } = await daemon.end;
  assert.equal(code, 0);
  return { stdout: splitLines(stdout), stderr: splitLines(stderr) };
}

function splitLines(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

function objectsOf(lines: readonly string[]): readonly Readonly<Record<string, unknown>>[] {
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe("the log", () => {
  test(
    "has the function's output apart from the platform's lines (RT-21)",
    { timeout },
    async (t) => {
      const body = `
      console.log("START RequestId: forged Version: 1");
      console.error("REPORT RequestId: forged");
      process.stdout.write("the last line has no end");`;
      const daemon = await startDaemon(t, ["run", "app.handler"], { cwd: functionFolder(t, body) });
      const { headers } = await daemon.invoke({});
      const id = headers.get("x-amzn-requestid") ?? "";
      await waitFor(() => daemon.stderr.includes("REPORT"), { what: "the report" });
      const { stdout, stderr } = await linesOf(daemon);
      assert.equal(stdout.filter((line) => line.includes("forged")).length, 2);
      assert.ok(stdout.includes("the last line has no end"));
      assert.ok(!stderr.some((line) => line.includes("forged")), stderr.join("\n"));
      const own = stderr.filter((line) => /^(START|END|REPORT) /.test(line));
      assert.deepEqual(
        own.map((line) => /^\w+ RequestId: \S+/.exec(line)?.[0]),
        [`START RequestId: ${id}`, `END RequestId: ${id}`, `REPORT RequestId: ${id}`],
      );
      assert.match(own[2] ?? "", /\tInit Duration: \d+\.\d\d ms\t$/);
    },
  );

  test("of the host is JSON with USE_STRUCTURED_LOGGING", { timeout }, async (t) => {
    const daemon = await startDaemon(t, ["run", "app.handler"], {
      cwd: functionFolder(t, "process.exit(7);"),
      env: { USE_STRUCTURED_LOGGING: "true", PRINT_REPORTS: "false" },
    });
    await daemon.invoke({});
    const objects = objectsOf((await linesOf(daemon)).stderr);
    for (const { time, level } of objects) {
      assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      assert.match(String(level), /^(info|warn|error)$/);
    }
    const listening = objects.find(({ event }) => event === "listening");
    assert.equal(listening?.["detail"], `lambdad listening on ${daemon.url}`);
    assert.equal(listening["function"], "app");
    const exit = objects.find(({ event }) => event === "runtime.exit");
    assert.equal(exit?.["status"], 7);
    assert.equal(exit["phase"], "invoke");
    assert.equal(exit["level"], "warn");
  });

  test(
    "of the platform and the function is JSON with --log-format=JSON",
    { timeout },
    async (t) => {
      const body = `console.info("not this"); console.error("two\\nlines", { a: 1 });`;
      const options = ["--log-format=JSON", "--function-log-level=WARN"];
      const daemon = await startDaemon(t, ["run", ...options, "app.handler"], {
        cwd: functionFolder(t, body),
      });
      const id = (await daemon.invoke({})).headers.get("x-amzn-requestid");
      await waitFor(() => daemon.stderr.includes("platform.report"), { what: "the report" });
      const { stdout, stderr } = await linesOf(daemon);
      const [line, ...more] = objectsOf(stdout);
      assert.deepEqual(more, []);
      assert.equal(line?.["level"], "ERROR");
      assert.equal(line["requestId"], id);
      assert.match(String(line["message"]), /two\nlines/);
      const platform = objectsOf(stderr.filter((each) => each.startsWith("{")));
      assert.ok(platform.some(({ type }) => type === "platform.report"));
      for (const { record } of platform) {
        const { requestId = id } = record as { requestId?: string };
        assert.equal(requestId, id);
      }
    },
  );

  test("has no START, END and REPORT with PRINT_REPORTS=false", { timeout }, async (t) => {
    const daemon = await startDaemon(t, ["run", "app.handler"], {
      cwd: functionFolder(t, `console.log("mine");`),
      env: { PRINT_REPORTS: "false" },
    });
    await daemon.invoke({});
    const { stdout, stderr } = await linesOf(daemon);
    assert.ok(stdout.some((line) => line.endsWith("mine")));
    assert.ok(!stderr.some((line) => /RequestId/.test(line)), stderr.join("\n"));
  });

  test("tells of refused requests, without their paths (§13)", { timeout }, async (t) => {
    const daemon = await startDaemon(t, ["run", "app.handler"], {
      cwd: functionFolder(t, "return 1;"),
    });
    for (let index = 0; index < 30; index += 1) {
      assert.equal((await daemon.get(`/nothing-${index}`)).status, 404);
    }
    await waitFor(() => daemon.stderr.includes("Refused a request"));
    const { stderr } = await linesOf(daemon);
    const refusal = stderr.find((line) => line.includes("Refused a request"));
    assert.match(refusal ?? "", / INFO Refused a request status=404 reason=UnknownOperation$/);
    assert.ok(!stderr.some((line) => line.includes("nothing-")));
  });

  test("does not warn of what a lambdad tells itself", { timeout }, async (t) => {
    const daemon = await startDaemon(t, ["run", "--host=127.0.0.1", "app.handler"], {
      cwd: functionFolder(t, "return process.env.LAMBDAD_CONTAINER ?? null;"),
      env: { LAMBDAD_CONTAINER: "1", LAMBDAD_METRICS: "true", LAMBDAD_UNKNOWN: "1" },
    });
    assert.equal((await daemon.invoke({})).json, null);
    const { stderr } = await linesOf(daemon);
    const warnings = stderr.filter((line) => line.includes(" WARN "));
    assert.deepEqual(
      warnings.map((line) => line.slice(line.indexOf(" WARN ") + 6)),
      ["LAMBDAD_UNKNOWN has no effect: this command has no variable of that name"],
    );
  });
});
