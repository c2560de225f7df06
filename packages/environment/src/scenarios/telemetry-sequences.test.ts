import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import {
  rogueExtension,
  type RogueExtensionOptions,
  type RogueMode,
  telemetryProblems,
  type TelemetryRecord,
  type TelemetrySchemaVersion,
  TelemetrySink,
} from "@lambdad/testkit";
import {
  type PoolFixture,
  type PoolFixtureOptions,
  startRogue,
  temporaryFolder,
} from "../testdata/pool-fixture.ts";

/**
 * What a subscriber gets, in order, for each way in which an environment lives: spec telemetry-api §7.
 * A line per event: its type without `platform.`, its status or state, its phase, its error type.
 */
interface Golden {
  readonly name: string;
  readonly mode: readonly [RogueMode, ...string[]];
  readonly options?: PoolFixtureOptions;
  readonly extension?: RogueExtensionOptions;
  readonly run: (fixture: PoolFixture) => Promise<void>;
  readonly expected: string;
  /** Of the Logs API, version 2021-03-18. */
  readonly logs: string;
}

const coldStart =
  "initStart init, telemetrySubscription Subscribed, initRuntimeDone success init, extension Ready, initReport success init";
const invoked = "start, runtimeDone success, report success";
const logsColdStart = "logsSubscription Subscribed, extension Ready";
const logsInvoked = "start, runtimeDone success, end, report";

async function invokeOnce({ invoke }: PoolFixture): Promise<void> {
  await invoke({});
}

const goldens: readonly Golden[] = [
  {
    name: "a cold start, two invocations and the end",
    mode: ["echo"],
    run: async ({ invoke }) => {
      await invoke({});
      await invoke({});
    },
    expected: `${coldStart}, ${invoked}, ${invoked}`,
    logs: `${logsColdStart}, ${logsInvoked}, ${logsInvoked}`,
  },
  {
    name: "a time-out, with the init of the next environment inside its invocation",
    mode: ["hang-on-demand"],
    options: { timeoutMs: 1_000 },
    run: async ({ invoke }) => {
      await invoke({ hang: true });
      await invoke({});
    },
    expected: `${coldStart}, start, runtimeDone timeout, report timeout, start, initStart invoke, telemetrySubscription Subscribed, initRuntimeDone success invoke, extension Ready, initReport success invoke, runtimeDone success, report success`,
    logs: `${logsColdStart}, start, runtimeDone timeout, end, report, start, logsSubscription Subscribed, extension Ready, runtimeDone success, end, report`,
  },
  {
    name: "an init that takes too long, and once more inside the invocation",
    mode: ["init-hang"],
    options: { timeoutMs: 800, initTimeoutMs: 400 },
    run: invokeOnce,
    expected:
      "initStart init, telemetrySubscription Subscribed, initRuntimeDone timeout init Sandbox.Timedout, extension Ready, initReport timeout init Sandbox.Timedout, start, initStart invoke, telemetrySubscription Subscribed, initRuntimeDone timeout invoke Sandbox.Timedout, extension Ready, initReport timeout invoke Sandbox.Timedout, report timeout",
    logs: `${logsColdStart}, start, ${logsColdStart}, end, report`,
  },
  {
    name: "a crash of the runtime in an invocation",
    mode: ["exit", "7"],
    run: invokeOnce,
    expected: `${coldStart}, start, runtimeDone error Runtime.ExitError, report error Runtime.ExitError`,
    logs: `${logsColdStart}, start, fault, runtimeDone failure, end, report`,
  },
  {
    name: "an error that the function reports",
    mode: ["fail"],
    run: invokeOnce,
    expected: `${coldStart}, start, runtimeDone error Function.Failed, report error Function.Failed`,
    logs: `${logsColdStart}, start, runtimeDone failure, end, report`,
  },
  {
    name: "an init that the runtime reports as failed",
    mode: ["init-error"],
    run: invokeOnce,
    expected:
      "initStart init, telemetrySubscription Subscribed, initRuntimeDone error init Runtime.ImportModuleError, extension Ready, initReport error init Runtime.ImportModuleError",
    logs: logsColdStart,
  },
  {
    name: "a crash of the runtime in its init",
    mode: ["init-exit", "3"],
    run: invokeOnce,
    expected:
      "initStart init, telemetrySubscription Subscribed, initRuntimeDone error init Runtime.ExitError, extension Ready, initReport error init Runtime.ExitError",
    logs: logsColdStart,
  },
  {
    name: "an extension that reports an error in an invocation",
    mode: ["echo"],
    extension: { invoke: ["sleep 300", "exit/error Extension.NoDisk", "sleep 5000"] },
    run: invokeOnce,
    expected: `${coldStart}, start, runtimeDone success, report error Extension.ExitError`,
    logs: `${logsColdStart}, start, runtimeDone success, fault, end, report`,
  },
  {
    name: "a runtime made for SnapStart",
    mode: ["restore"],
    run: invokeOnce,
    expected: `${coldStart}, restoreStart, restoreRuntimeDone success, restoreReport success, ${invoked}`,
    logs: `${logsColdStart}, restoreStart, restoreRuntimeDone success, restoreReport success, ${logsInvoked}`,
  },
];

function lineOf({ type, record }: TelemetryRecord): string {
  const { status, state, phase, errorType } = record as Readonly<Record<string, string>>;
  const parts = [type.replace("platform.", ""), status ?? state, phase, errorType];
  return parts.filter((part) => part !== undefined).join(" ");
}

async function collect(
  t: TestContext,
  golden: Golden,
  api: "telemetry" | "logs",
  schemaVersion: TelemetrySchemaVersion,
): Promise<TelemetrySink> {
  const sink = await new TelemetrySink().start();
  t.after(() => sink.stop());
  const extensionsDir = await temporaryFolder(t);
  const body = {
    schemaVersion,
    types: ["platform"],
    destination: sink.destination(),
    buffering: { timeoutMs: 25 },
  };
  rogueExtension(extensionsDir, "subscriber", {
    ...golden.extension,
    subscriptions: [{ api, body }],
    registered: ["subscribe"],
    prints: false,
  });
  const fixture = await startRogue(t, golden.mode, { ...golden.options, extensionsDir });
  await golden.run(fixture);
  await fixture.pool.stop(1_000);
  return sink;
}

describe("Telemetry of", () => {
  for (const golden of goldens) {
    for (const version of ["2025-01-29", "2022-12-13", "2022-07-01"] as const) {
      // All versions have the same events; the oldest two differ in members only.
      if (version !== "2025-01-29" && golden !== goldens[0]) continue;
      test(`${golden.name}, ${version}`, async (t) => {
        const { records, breaches } = await collect(t, golden, "telemetry", version);
        assert.deepEqual(records.map(lineOf), golden.expected.split(", "));
        assert.deepEqual(breaches, []);
        const problems = records.flatMap((record) => telemetryProblems(record, version));
        assert.deepEqual(problems, []);
      });
    }
    test(`${golden.name}, Logs API`, async (t) => {
      const { records } = await collect(t, golden, "logs", "2021-03-18");
      assert.deepEqual(records.map(lineOf), golden.logs.split(", "));
      const problems = records.flatMap((record) => telemetryProblems(record, "2021-03-18"));
      assert.deepEqual(problems, []);
    });
  }
});
