import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, test } from "node:test";
import { type AgentRun, reportedDurations, withAgents } from "./agent-run.ts";
import { freePort, peerCommand } from "./host.ts";
import { invoke, json } from "./invoke.ts";
import { goSigterm, lambdaWebAdapter, rustExtensions, sentry } from "./install/extension-parts.ts";
import { whyNoLayer } from "./layer.ts";
import { fixture } from "./paths.ts";
import { prepare } from "./prepare.ts";
import { rawCommand } from "./runtimes.ts";

const whyNotAtAll: string | false =
  peerCommand === undefined ? false : "lambdad alone: no other host has all of these APIs";
const options = { timeout: 90_000, skip: whyNotAtAll };

/** One event as an agent received and passed it on. */
interface TelemetryEvent {
  readonly time: string;
  readonly type: string;
  readonly record: unknown;
}

const coldAndWarm = [0, 1, 2, 3];

/** A line as a logger in JSON writes it: to schema 2022-07-01 it is text, like any other. */
const jsonLine = (n: number): string => `{"level":"INFO","n":${n}}`;

/** A cold start and three warm invocations, each with two lines of its own; gives their request ids. */
async function callFourTimes({ call }: AgentRun): Promise<string[]> {
  const ids: string[] = [];
  for (const n of coldAndWarm) {
    const { id, result } = await call({ action: "log", lines: [`line ${n}`, jsonLine(n)] });
    assert.equal(result, null);
    ids.push(id);
  }
  return ids;
}

function requestIdOf({ record }: TelemetryEvent): string | undefined {
  return (record as { requestId?: string }).requestId;
}

/** What the Telemetry API's agent passed on, in its order. */
function eventsOf({ backend }: AgentRun): TelemetryEvent[] {
  return backend.received("/telemetry").flat() as TelemetryEvent[];
}

function reportsOf(run: AgentRun): TelemetryEvent[] {
  return eventsOf(run).filter(({ type }) => type === "platform.report");
}

const rust = await prepare(rustExtensions);
if (rust !== undefined) {
  describe(
    "an agent on lambda-extension, whose parser refuses what it does not know",
    options,
    () => {
      const agent = { "telemetry-agent": join(rust, "telemetry-agent") };
      // With JSON, records would be objects to a newer schema.
      for (const format of ["Text", "JSON"]) {
        test(`gets init, every line and every platform event of four invocations, log format ${format}`, () =>
          withAgents(
            { extensions: agent, args: [`--log-format=${format}`, ...rawCommand] },
            async (run) => {
              const ids = await callFourTimes(run);
              await run.backend.waitFor("the last report", () => reportsOf(run)[3]);
              const all = eventsOf(run);
              const beforeStart = all.slice(
                0,
                all.findIndex(({ type }) => type === "platform.start"),
              );
              assert.deepEqual(
                beforeStart.map(({ type }) => type).filter((type) => type.startsWith("platform.")),
                [
                  "platform.initStart",
                  "platform.telemetrySubscription",
                  "platform.initRuntimeDone",
                  "platform.extension",
                  "platform.initReport",
                ],
              );
              for (const [n, id] of ids.entries()) {
                const types = all
                  .filter((event) => requestIdOf(event) === id)
                  .map(({ type }) => type);
                const ends = ["platform.start", "platform.runtimeDone", "platform.report"];
                assert.deepEqual(types, ends);
                const [start = -1, done = -1] = ends.map((type) =>
                  all.findIndex((event) => event.type === type && requestIdOf(event) === id),
                );
                const lines = all.slice(start, done).filter(({ type }) => type === "function");
                assert.deepEqual(
                  lines.map(({ record }) => record),
                  [`line ${n}\n`, `${jsonLine(n)}\n`],
                );
              }
              assert.deepEqual(run.backend.received("/invoke"), ids);
              await run.stop();
              assert.deepEqual(run.backend.received("/shutdown"), ["spindown"]);
            },
          ));
      }

      test("holds an invocation until its runtimeDone is there, and not for the second of a default buffer", () =>
        withAgents(
          { extensions: agent, args: rawCommand, env: { AGENT_HOLDS: "1" } },
          async (run) => {
            const ids = await callFourTimes(run);
            await run.stop();
            const durations = reportedDurations(run.daemon);
            assert.deepEqual([...durations.keys()], ids);
            // The best of them: a machine that is busy makes any of them long.
            assert.ok(Math.min(...durations.values()) < 700, JSON.stringify([...durations]));
            assert.deepEqual(
              eventsOf(run)
                .filter(({ type }) => type === "platform.runtimeDone")
                .map(requestIdOf),
              ids,
            );
          },
        ));

      test("is told of a time-out and of a crash, and is there again in the next environment", () =>
        withAgents({ extensions: agent, args: ["--timeout=3", ...rawCommand] }, async (run) => {
          await run.call({});
          for (const [event, reason, status] of [
            [{ action: "sleep", ms: 20_000 }, "timeout", "timeout"],
            [{ action: "exit", status: 7 }, "failure", "error"],
          ] as const) {
            const answer = await invoke(run.daemon, JSON.stringify(event));
            assert.equal(answer.headers["x-amz-function-error"], "Unhandled");
            await run.backend.waitFor(`SHUTDOWN for ${reason}`, () =>
              run.backend.received("/shutdown").includes(reason) ? true : undefined,
            );
            await run.backend.waitFor(`a report with status ${status}`, () =>
              eventsOf(run).find(
                ({ type, record }) =>
                  type === "platform.report" && (record as { status: string }).status === status,
              ),
            );
            assert.deepEqual((await run.call({ after: reason })).result, { after: reason });
          }
          await run.stop([/ invoke\.timeout /, / runtime\.exit status=7 /]);
          assert.deepEqual(run.backend.received("/shutdown"), ["timeout", "failure", "spindown"]);
          const starts = eventsOf(run).filter(({ type }) => type === "platform.initStart");
          assert.equal(starts.length, 3);
        }));

      test("is shut down with an idle environment, and started with the next", () =>
        withAgents(
          { extensions: agent, args: ["--idle-timeout=1", ...rawCommand] },
          async (run) => {
            await run.call({});
            await run.backend.waitFor("SHUTDOWN", () => run.backend.received("/shutdown")[0]);
            await run.call({});
            await run.stop();
            assert.deepEqual(run.backend.received("/shutdown"), ["spindown", "spindown"]);
          },
        ));
    },
  );

  describe("an agent on the Logs API", options, () => {
    test("gets the lines and reports, and the end is in time though it stays after SHUTDOWN", () => {
      const setup = {
        extensions: { "logs-agent": join(rust, "logs-agent") },
        args: rawCommand,
      };
      return withAgents(setup, async (run) => {
        const ids = await callFourTimes(run);
        await run.stop();
        const records = run.backend.received("/logs").flat() as string[];
        assert.deepEqual(
          records.filter((record) => record.startsWith("Function(")),
          coldAndWarm.flatMap((n) => [
            `Function(${JSON.stringify(`line ${n}\n`)})`,
            `Function(${JSON.stringify(`${jsonLine(n)}\n`)})`,
          ]),
        );
        for (const id of ids) {
          const own = records
            .filter((record) => record.includes(id))
            .map((text) => /^\w+/.exec(text)?.[0]);
          assert.deepEqual(own, [
            "PlatformStart",
            "PlatformRuntimeDone",
            "PlatformEnd",
            "PlatformReport",
          ]);
        }
        assert.deepEqual(run.backend.received("/shutdown"), ["spindown"]);
      });
    });
  });

  describe("aws-lambda-runtime-proxy, as the wrapper of a function", options, () => {
    for (const [name, args] of [
      ["in JavaScript by lambdad run", ["run", fixture("node", "function.handler")]],
      ["with a runtime of its own", [join(rust, "runtime-proxy"), ...rawCommand]],
    ] as const) {
      test(`carries each call of a function ${name}`, async () => {
        const env = {
          AWS_LAMBDA_RUNTIME_PROXY_PORT: String(await freePort()),
          ...(args[0] === "run" ? { AWS_LAMBDA_EXEC_WRAPPER: join(rust, "runtime-proxy") } : {}),
        };
        await withAgents({ args, env }, async (run) => {
          await callFourTimes(run);
          assert.match(run.daemon.output.text, /runtime-proxy serves the runtime/);
          await run.stop();
        });
      });
    }
  });

  testSigterm("lambda_runtime (Rust)", join(rust, "graceful-function"), "rust");
}

const go = await prepare(goSigterm);
if (go !== undefined) testSigterm("aws-lambda-go", join(go, "function"), "go");

/** An internal extension without events exists for this alone. */
function testSigterm(name: string, command: string, told: string): void {
  describe(`${name} with the extension that asks for SIGTERM`, options, () => {
    test("serves, and has its say before an idle environment ends and at the daemon's stop", () =>
      withAgents({ args: ["--idle-timeout=1", command] }, async (run) => {
        for (const n of coldAndWarm) {
          assert.deepEqual((await run.call({ n })).result, { n });
        }
        await run.backend.waitFor("SIGTERM", () => run.backend.received("/sigterm")[0]);
        await run.call({});
        await run.stop();
        assert.deepEqual(run.backend.received("/sigterm"), [told, told]);
      }));
  });
}

const adapter = await prepare(lambdaWebAdapter);
if (adapter !== undefined) {
  describe(
    "AWS Lambda Web Adapter, an extension that itself asks for the invocations",
    options,
    () => {
      const files = { "lambda-adapter": join(adapter, "bin", "lambda-adapter") };
      const args = [process.execPath, fixture("web-app", "server.mjs")];

      test("brings events to a web application, which gets SIGTERM at the end", async () => {
        const env = { AWS_LWA_PORT: String(await freePort()) };
        await withAgents({ extensions: files, args, env }, async (run) => {
          for (const n of coldAndWarm) {
            const { result } = await run.call({ n });
            assert.deepEqual(result, { path: "/events", body: JSON.stringify({ n }) });
          }
          await run.stop();
          assert.match(run.daemon.output.text, /POST \/events {"n":3}/);
          assert.deepEqual(run.backend.received("/sigterm"), ["web-app"]);
        });
      });

      const skip = rust === undefined ? "needs rust-extensions" : whyNotAtAll;
      test("works beside an agent, which gets the lines of the application", { skip }, async () => {
        const env = { AWS_LWA_PORT: String(await freePort()) };
        const extensions = { ...files, "telemetry-agent": join(rust ?? "", "telemetry-agent") };
        await withAgents({ extensions, args, env }, async (run) => {
          for (const n of coldAndWarm) await run.call({ n });
          await run.stop();
          const records = eventsOf(run).filter(({ type }) => type === "function");
          assert.deepEqual(
            records.map(({ record }) => record),
            coldAndWarm.map((n) => `POST /events {"n":${n}}\n`),
          );
          assert.equal(reportsOf(run).length, coldAndWarm.length);
          assert.deepEqual(run.backend.received("/shutdown"), ["spindown"]);
        });
      });
    },
  );
}

/** Its extension listens there, and nowhere else. */
const sentryPort = 9000;

async function whyNoSentry(): Promise<string | false> {
  if (whyNotAtAll !== false) return whyNotAtAll;
  const server = createServer();
  server.listen(sentryPort);
  try {
    await once(server, "listening");
  } catch {
    return `port ${sentryPort}, at which Sentry's extension listens, is taken`;
  }
  server.close();
  await once(server, "close");
  return whyNoLayer();
}

const sentryFolder = await prepare(sentry);
if (sentryFolder !== undefined) {
  const skip = await whyNoSentry();
  describe("Sentry's SDK, loaded by a wrapper, and its extension", { ...options, skip }, () => {
    test("report a function's errors, through the extension", () => {
      const build = join(sentryFolder, "node_modules", "@sentry", "aws-serverless", "build");
      const folder = join(build, "lambda-extension");
      const setup = {
        extensions: { "sentry-extension": join(folder, "sentry-extension") },
        layer: { name: "sentry-extension", folder },
        args: ["run", "function.handler"],
        cwd: sentryFolder,
        env: { AWS_LAMBDA_EXEC_WRAPPER: join(sentryFolder, "wrapper") },
        backendEnv: (address: string) => ({ SENTRY_DSN: `http://key@${address}/1` }),
      };
      return withAgents(setup, async (run) => {
        assert.deepEqual((await run.call({ fine: true })).result, { fine: true });
        for (const n of [1, 2, 3]) {
          const answer = await invoke(run.daemon, JSON.stringify({ fail: `broken ${n}` }));
          assert.equal((json(answer) as { errorMessage: string }).errorMessage, `broken ${n}`);
          await run.backend.waitFor(`the error ${n}`, () =>
            run.backend.requests.find(
              ({ path, body }) =>
                path.startsWith("/api/1/envelope/") && body.includes(`"value":"broken ${n}"`),
            ),
          );
        }
        // It does not look at SHUTDOWN, and asks for the next event again.
        await run.stop();
      });
    });
  });
}
