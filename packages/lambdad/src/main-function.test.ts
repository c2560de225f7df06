import assert from "node:assert/strict";
import { chmodSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, test } from "node:test";
import { type RogueReport, rogueRuntime, waitFor } from "@lambdad/testkit";
import { folderOf, functionFolder, spawnLambdad, startDaemon } from "./testdata/daemon-process.ts";
import { temporaryFolder } from "./testdata/named-pipe.ts";

const timeout = 60_000;
const echoRuntime = rogueRuntime("echo");
/** A script that becomes the echo runtime. */
const echoScript = `#!/bin/sh\nexec ${echoRuntime.map((word) => `'${word}'`).join(" ")} "$@"\n`;

const secrets = {
  // Nothing listens there.
  AMQP_URI: "amqp://user:hunter2@127.0.0.1:1",
  AMQP_USERNAME: "user",
  AMQP_PASSWORD: "hunter2",
  LAMBDAD_TOKEN: "hunter2",
};

describe("the function's environment", () => {
  test(
    "has no secret of the host, nor have log, errors and arguments (INV-10)",
    { timeout },
    async (t) => {
      const body = `
      console.log(JSON.stringify(process.env), process.argv.join(" "), process.execArgv.join(" "));
      if (event.fail) throw new Error("as told");
      return process.env;`;
      const daemon = await startDaemon(t, ["run", "app.handler"], {
        cwd: functionFolder(t, body),
        env: { ...secrets, MINE: "1" },
      });
      const { json } = await daemon.invoke({});
      const variables = json as Record<string, string>;
      assert.equal(variables["MINE"], "1");
      const hosts = Object.keys(variables).filter((name) => /^(AMQP_|LAMBDAD_)/.test(name));
      assert.deepEqual(hosts, []);
      const failed = await daemon.invoke({ fail: true });
      assert.equal(failed.headers.get("x-amz-function-error"), "Unhandled");
      const answers = JSON.stringify(json) + failed.text;
      assert.doesNotMatch(answers + daemon.stdout + daemon.stderr, /hunter2/);
      // They were seen: one is used, another told of by its name.
      await waitFor(() => daemon.stderr.includes("broker at 127.0.0.1:1"), { what: "the attempt" });
      assert.match(daemon.stderr, /LAMBDAD_TOKEN has no effect/);
    },
  );

  test(
    "has what --env-file says, and only what is promised with --clean-env",
    { timeout },
    async (t) => {
      const cwd = functionFolder(t, "return process.env;");
      writeFileSync(join(cwd, "first.env"), "A=first\nB=first\n");
      writeFileSync(join(cwd, "second.env"), "# a comment\nB='second value'\n");
      const files = ["--env-file=first.env", "--env-file=second.env"];
      const daemon = await startDaemon(t, ["run", "--clean-env", ...files, "app.handler"], {
        cwd,
        env: { A: "inherited", OTHER: "1" },
      });
      const variables = (await daemon.invoke({})).json as Record<string, string>;
      assert.equal(variables["A"], "first");
      assert.equal(variables["B"], "second value");
      assert.equal(variables["OTHER"], undefined);
      assert.equal(variables["AWS_LAMBDA_FUNCTION_NAME"], "app");
    },
  );

  test(
    "refuses a file with a bad line, and tells its number only (HO-13, INV-10)",
    { timeout },
    async (t) => {
      const cwd = functionFolder(t, "return 1;");
      writeFileSync(join(cwd, "bad.env"), "A=1\nhunter2\n");
      const args = ["run", "--env-file=bad.env", "app.handler"];
      const { code, stdout, stderr } = await spawnLambdad(t, args, { cwd }).end;
      assert.equal(code, 2);
      assert.equal(stdout, "");
      assert.match(stderr, /^lambdad: bad\.env:2: /);
      assert.doesNotMatch(stderr, /hunter2|\n\s+at /);
    },
  );

  test("refuses a file that is not there (HO-13)", { timeout }, async (t) => {
    const cwd = functionFolder(t, "return 1;");
    const args = ["run", "--env-file=missing.env", "app.handler"];
    const { code, stderr } = await spawnLambdad(t, args, { cwd }).end;
    // Node looks for such an option behind the script too, and refuses by itself, with status 9.
    assert.ok(code === 2 || code === 9, String(code));
    assert.match(stderr, /missing\.env/);
  });
});

describe("lambdad run", () => {
  test("gives a Python handler its name, its root and its variables", { timeout }, async (t) => {
    const bin = folderOf(t, {
      // The check for the package, and then the runtime.
      python3: `#!/bin/sh\nif [ "$1" = -c ]; then exit 0; fi\n${echoScript}`,
    });
    chmodSync(join(bin, "python3"), 0o755);
    const cwd = folderOf(t, { "a/app.py": "" });
    const daemon = await startDaemon(t, ["run", "./a/app.handler"], {
      cwd,
      env: { PATH: `${bin}:${process.env["PATH"]}`, LAMBDA_TASK_ROOT: "/elsewhere" },
    });
    const report = (await daemon.invoke({ report: true })).json as RogueReport;
    assert.match(report.argv.at(-1) ?? "", /python-bootstrap\.py$/);
    assert.equal(report.cwd, cwd);
    assert.equal(report.environment["_HANDLER"], "a/app.handler");
    assert.equal(report.environment["LAMBDA_TASK_ROOT"], cwd);
    assert.equal(report.environment["AWS_LAMBDA_FUNCTION_NAME"], "app");
  });

  test("says how to install what a Python handler needs", { timeout }, async (t) => {
    const bin = folderOf(t, { python3: "#!/bin/sh\nexit 86\n" });
    chmodSync(join(bin, "python3"), 0o755);
    const { code, stderr } = await spawnLambdad(t, ["run", "app.handler"], {
      cwd: folderOf(t, { "app.py": "" }),
      env: { PATH: `${bin}:${process.env["PATH"]}` },
    }).end;
    assert.equal(code, 2);
    assert.match(stderr, /^lambdad: .*python3 -m pip install awslambdaric\n/);
  });

  test(
    "runs the bootstrap of a folder, with the handler that was given",
    { timeout },
    async (t) => {
      const cwd = folderOf(t, { "f/bootstrap": echoScript });
      chmodSync(join(cwd, "f/bootstrap"), 0o755);
      const daemon = await startDaemon(t, ["run", "--handler=function.handler", "f"], { cwd });
      const report = (await daemon.invoke({ report: true })).json as RogueReport;
      assert.equal(report.cwd, join(cwd, "f"));
      assert.equal(report.environment["_HANDLER"], "function.handler");
      assert.equal(report.environment["LAMBDA_TASK_ROOT"], join(cwd, "f"));
      assert.deepEqual((await daemon.invoke({ a: 1 })).json, { a: 1 });
    },
  );

  for (const [args, pattern] of [
    [["run"], /^lambdad: HANDLER is missing/],
    [["run", "nothing.handler"], /^lambdad: Cannot run 'nothing\.handler': there is no file /],
    [
      ["run", "app.mjs"],
      /^lambdad: Cannot run 'app\.mjs': it is a file\. .* e\.g\. app\.handler\n/,
    ],
    [["run", "--timeout=soon", "--port=x", "app.handler"], /--timeout.*'soon'[^]*--port.*'x'/],
    [[], /^lambdad: COMMAND is missing/],
    [["--nosuch", "x"], /--nosuch/],
  ] as const) {
    test(`refuses '${args.join(" ")}' and says what to type (HO-13)`, { timeout }, async (t) => {
      const cwd = functionFolder(t, "return 1;");
      const { code, stdout, stderr } = await spawnLambdad(t, args, { cwd }).end;
      assert.equal(code, 2);
      assert.equal(stdout, "");
      assert.match(stderr, pattern);
      assert.match(stderr, /\nType 'lambdad .*--help' for help\.\n$/);
      assert.doesNotMatch(stderr, /\n\s+at /);
    });
  }
});

test("under the name aws-lambda-rie every word is the runtime's", { timeout }, async (t) => {
  const folder = temporaryFolder(t);
  const program = join(folder, "aws-lambda-rie");
  symlinkSync(fileURLToPath(new URL("main.ts", import.meta.url)), program);
  writeFileSync(join(folder, "run"), echoScript);
  chmodSync(join(folder, "run"), 0o755);
  const daemon = await startDaemon(t, ["run", "app.handler"], {
    program,
    cwd: folder,
    env: { PATH: `${folder}:${process.env["PATH"]}` },
  });
  const report = (await daemon.invoke({ report: true })).json as RogueReport;
  assert.equal(report.environment["_HANDLER"], "app.handler");
  assert.equal(report.argv.at(-1), "app.handler");
});

/** Each waits until all the others run too. */
function meetings(folder: string): readonly { mine: string; all: readonly string[] }[] {
  const all = [1, 2, 3].map((number) => join(folder, `meeting-${number}`));
  return all.map((mine) => ({ mine, all }));
}

describe("invocations at once", () => {
  const countRunning = `
    globalThis.running = (globalThis.running ?? 0) + 1;
    const { existsSync, writeFileSync } = await import("node:fs");
    writeFileSync(event.mine, "");
    const untilMs = Date.now() + 20_000;
    while (!event.all.every((file) => existsSync(file)) && Date.now() < untilMs) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return { pid: process.pid, running, met: Date.now() < untilMs };`;
  for (const [what, args, env, processes] of [
    ["in environments of their own with --max-concurrency", ["--max-concurrency=3"], {}, 3],
    ["in one with AWS_LAMBDA_MAX_CONCURRENCY", [], { AWS_LAMBDA_MAX_CONCURRENCY: "3" }, 1],
  ] as const) {
    test(`run ${what}`, { timeout }, async (t) => {
      const cwd = functionFolder(t, countRunning);
      const daemon = await startDaemon(t, ["run", "--timeout=60", ...args, "app.handler"], {
        cwd,
        env,
      });
      const events = meetings(temporaryFolder(t));
      const answers = await Promise.all(events.map((event) => daemon.invoke(event)));
      const results = answers.map(({ json }) => json as { pid: number; met: boolean });
      assert.deepEqual(
        results.map(({ met }) => met),
        [true, true, true],
      );
      assert.equal(new Set(results.map(({ pid }) => pid)).size, processes);
    });
  }
});
