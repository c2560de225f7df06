import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type Answer, header, invoke, json, logTail } from "./invoke.ts";
import { fixture } from "./paths.ts";
import { prepare } from "./prepare.ts";
import { type Runtime, runtimes } from "./runtimes.ts";
import { type Daemon, startLambdad } from "./start-lambdad.ts";
import { eventsOf, type TelemetryEvent } from "./telemetry-file.ts";

/** The runtimes that log to `_LAMBDA_TELEMETRY_LOG_FD`, and the words at which their text has them. */
const levelWords: Readonly<Record<string, readonly string[]>> = {
  "awslambdaric (Python)": ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"],
  "aws-lambda-ric (Node)": ["DEBUG", "INFO", "WARN", "ERROR", "FATAL"],
};
const levels = ["debug", "info", "warn", "error", "fatal"];

const folder = fixture("log-descriptor");
const defaultEnv = { AWS_LAMBDA_FUNCTION_TIMEOUT: "20", FIXTURE_TELEMETRY: "/dev/null" };
const tailWanted = { headers: { "X-Amz-Log-Type": "Tail" } };

function start(
  runtime: Runtime,
  installed: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Daemon> {
  const command = runtime.command(installed, "handler");
  return startLambdad(command, { ...defaultEnv, ...env }, { cwd: folder });
}

function requestIdOf(answer: Answer): string {
  return header(answer, "X-Amzn-RequestId") ?? "";
}

/** What the function has logged: the texts of its events. */
function logged(events: readonly TelemetryEvent[]): string[] {
  return events.filter(({ type }) => type === "function").map(({ record }) => String(record));
}

for (const runtime of runtimes) {
  const words = levelWords[runtime.name];
  if (words === undefined) continue;
  const installed = await prepare(runtime.part);
  if (installed === undefined) continue;

  describe(`the log descriptor and ${runtime.name}`, () => {
    let daemon: Daemon;
    let telemetry = "";
    before(async () => {
      telemetry = join(await mkdtemp(join(tmpdir(), "lambdad-")), "telemetry");
      daemon = await start(runtime, installed, {
        LAMBDAD_EXTENSIONS_DIR: join(folder, "extensions"),
        FIXTURE_TELEMETRY: telemetry,
        // As it is in the variables of a daemon that itself runs in an environment.
        _LAMBDA_TELEMETRY_LOG_FD: "1",
      });
    });
    after(async () => {
      await daemon.stop();
      await rm(join(telemetry, ".."), { recursive: true });
    });

    test("a text of several lines is one event", async () => {
      const answer = await invoke(daemon, '{"action":"levels"}');
      const texts = logged(await eventsOf(telemetry, requestIdOf(answer)));
      assert.equal(texts.length, 5);
      for (const [index, text] of texts.entries()) {
        assert.ok(text.endsWith(`\tat ${levels[index]}\nand more\n`), text);
        assert.match(text, new RegExp(`\\b${words[index]}\\b`));
      }
    });

    test("an event has the time at which it was logged", async () => {
      const answer = await invoke(daemon, '{"action":"levels"}');
      const events = await eventsOf(telemetry, requestIdOf(answer));
      const timeOf = (wanted: string): string =>
        events.find(({ type }) => type === wanted)?.time ?? "";
      for (const { type, time, record } of events) {
        if (type !== "function") continue;
        const [own = ""] = /\d{4}-\d\d-\d\dT[\d:.]+Z/.exec(String(record)) ?? [];
        // Python takes one time for its text, and a little later one for the frame.
        assert.ok(own <= time && time <= timeOf("platform.runtimeDone"), `${own} ${time}`);
        assert.ok(runtime.name !== "aws-lambda-ric (Node)" || own === time, `${own} ${time}`);
      }
    });

    test("an error of the function is one event", async () => {
      const answer = await invoke(daemon, '{"action":"fail"}');
      assert.equal(header(answer, "X-Amz-Function-Error"), "Unhandled");
      const texts = logged(await eventsOf(telemetry, requestIdOf(answer)));
      assert.equal(texts.length, 2);
      assert.match(texts[0] ?? "", /before\nthe failure\n$/);
      assert.match(texts[1] ?? "", /FixtureError[^]*one(\n|\\n)two[^]*handler/);
    });

    test("all that was logged and printed comes before END, a hundred times", async () => {
      const texts = Array.from({ length: 8 }, (_, index) => `logged ${index}\nand more\n`);
      const prints = Array.from({ length: 8 }, (_, index) => `printed ${index}\n`);
      for (let count = 0; count < 100; count += 1) {
        const answer = await invoke(daemon, '{"action":"mixed","count":8}', tailWanted);
        const tail = logTail(answer);
        // The two come on ways of their own: only of each the order is certain.
        assert.deepEqual(tail.match(/logged \d\nand more\n/g), texts, tail);
        assert.deepEqual(tail.match(/printed \d\n/g), prints, tail);
        assert.match(tail, /^START [^]*(printed 7|and more)\nEND [^\n]*\nREPORT [^\n]*\n$/);
      }
    });

    test("a text that is too long is cut, and the next is whole (RT-21)", async () => {
      const answer = await invoke(daemon, '{"action":"large","bytes":1000000}', tailWanted);
      assert.match(logTail(answer), /x{2000} \[line cut\]\n[^\n]*after\nit\nEND /);
    });

    test("the function's own processes and standard error are logged as well", async () => {
      const answer = await invoke(daemon, '{"action":"processes"}', tailWanted);
      const tail = logTail(answer);
      assert.match(tail, /^from a process$/m);
      assert.match(tail, /^from standard error$/m);
      assert.match(tail, /from the function\nand more\n/);
    });

    test("the last words of a process that exits come before END", async () => {
      const answer = await invoke(daemon, '{"action":"exit"}', tailWanted);
      assert.equal((json(answer) as { errorType: string }).errorType, "Runtime.ExitError");
      assert.match(logTail(answer), /last\nwords\nEND /);
    });

    test("the function does not see the variable", async () => {
      assert.deepEqual(json(await invoke(daemon, '{"action":"none"}')), { variable: null });
    });
  });

  describe(`the log descriptor and ${runtime.name}, by itself`, () => {
    test("AWS_LAMBDA_LOG_FORMAT=JSON gives an object a line, with its level", async (t) => {
      const daemon = await start(runtime, installed, { AWS_LAMBDA_LOG_FORMAT: "JSON" });
      t.after(() => daemon.stop());
      const tail = logTail(await invoke(daemon, '{"action":"levels"}', tailWanted));
      const lines = tail.trimEnd().split("\n");
      const records = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
      const own = records.filter((record) => "message" in record);
      assert.deepEqual(
        own.map(({ level, message }) => [level, message]),
        words.map((word, index) => [word, `at ${levels[index]}\nand more`]),
      );
      assert.equal(records.at(-1)?.["type"], "platform.report");
    });

    test("what a failed start has logged is there", async (t) => {
      const daemon = await start(runtime, installed, { FIXTURE_INIT: "fail" });
      t.after(() => daemon.stop());
      await invoke(daemon, "{}");
      await daemon.output.waitFor(/Cannot begin:\nno reason\n/, 5_000);
      await daemon.output.waitFor(/ERROR[^]*FixtureError[^]*Init failed on purpose/, 5_000);
    });

    test("several invocations at once log to standard output", async (t) => {
      const daemon = await start(runtime, installed, {
        AWS_LAMBDA_MAX_CONCURRENCY: "2",
        AWS_LAMBDA_LOG_FORMAT: "JSON",
        AWS_LAMBDA_NODEJS_WORKER_COUNT: "2",
      });
      t.after(() => daemon.stop());
      const answer = await invoke(daemon, '{"action":"levels"}', tailWanted);
      assert.equal(answer.status, 200);
      assert.match(logTail(answer), /"message": ?"at fatal\\nand more"/);
    });
  });
}
