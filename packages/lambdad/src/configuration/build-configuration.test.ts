import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { limits } from "@lambdad/core";
import { amqpOptions, brokerOptions } from "./amqp-options.ts";
import { buildConfiguration, daemonGroups } from "./build-configuration.ts";
import type { DaemonConfiguration } from "./daemon-configuration.ts";
import { functionOptions } from "./function-options.ts";
import { boundOptions } from "./bound-options.ts";
import type { OptionRule } from "./option-rule.ts";
import { logOptions } from "./log-options.ts";

type Pick = (configuration: DaemonConfiguration) => unknown;

/** One good text, where it ends up and as what, and one bad text. */
interface Case {
  readonly text: string;
  readonly pick: Pick;
  readonly value: unknown;
  readonly bad: string | undefined;
}

const cases: Readonly<Record<string, Case>> = {
  name: { text: "f.1_a-b", pick: (c) => c.function.name, value: "f.1_a-b", bad: "a b" },
  "function-version": { text: "7", pick: (c) => c.function.version, value: "7", bad: "$OLD" },
  handler: { text: "a.b", pick: (c) => c.function.handler, value: "a.b", bad: undefined },
  timeout: { text: "1.5", pick: (c) => c.function.timeoutMs, value: 1500, bad: "901" },
  memory: { text: "512", pick: (c) => c.function.memorySizeMb, value: 512, bad: "127" },
  "init-timeout": {
    text: "2",
    pick: (c) => c.environments.initTimeoutMs,
    value: 2000,
    bad: "0",
  },
  "idle-timeout": {
    text: "60",
    pick: (c) => c.environments.idleTimeoutMs,
    value: 60_000,
    bad: "0",
  },
  "extensions-dir": {
    text: "./extensions",
    pick: (c) => c.environments.extensionsDir,
    value: "./extensions",
    bad: " ",
  },
  "max-concurrency": {
    text: "8",
    pick: (c) => c.environments.environmentsMax,
    value: 8,
    bad: "0",
  },
  "environment-concurrency": {
    text: "10",
    pick: (c) => c.environments.concurrencyEach,
    value: 10,
    bad: "1601",
  },
  region: { text: "eu-west-3", pick: (c) => c.function.region, value: "eu-west-3", bad: "EU" },
  "account-id": {
    text: "123456789012",
    pick: (c) => c.function.accountId,
    value: "123456789012",
    bad: "12345",
  },
  "env-file": {
    text: ".env",
    pick: (c) => c.functionEnvironment.envFiles,
    value: [".env"],
    bad: undefined,
  },
  "clean-env": {
    text: "yes",
    pick: (c) => c.functionEnvironment.clean,
    value: true,
    bad: "maybe",
  },
  "pass-env": {
    text: "HOME",
    pick: (c) => c.functionEnvironment.passNames,
    value: ["HOME"],
    bad: "9A",
  },
  host: { text: "0.0.0.0", pick: (c) => c.invokeApi.host, value: "0.0.0.0", bad: "a/b" },
  port: { text: "0", pick: (c) => c.invokeApi.port, value: 0, bad: "65536" },
  "runtime-interface-emulator-address": {
    text: "0.0.0.0:9000",
    pick: (c) => [c.invokeApi.host, c.invokeApi.port],
    value: ["0.0.0.0", 9000],
    bad: "9000",
  },
  "runtime-api-host": {
    text: "::1",
    pick: (c) => c.runtimeApi.host,
    value: "::1",
    bad: "a b",
  },
  "runtime-api-port": { text: "9002", pick: (c) => c.runtimeApi.port, value: 9002, bad: "x" },
  "runtime-api-address": {
    text: "[::1]:9003",
    pick: (c) => c.runtimeApi,
    value: { host: "::1", port: 9003 },
    bad: "[::1]:99999",
  },
  "allow-origin": {
    text: "http://LocalHost:3000",
    pick: (c) => c.invokeApi.originsAllowed,
    value: ["http://localhost:3000"],
    bad: "*",
  },
  metrics: { text: "1", pick: (c) => c.metrics, value: true, bad: "2" },
  "enable-openfaas": { text: "true", pick: () => undefined, value: undefined, bad: "x" },
  "enable-init-caching": { text: "true", pick: () => undefined, value: undefined, bad: "x" },
  "log-level": { text: "WARNING", pick: (c) => c.log.level, value: "warn", bad: "loud" },
  "structured-logging": { text: "TRUE", pick: (c) => c.log.structured, value: true, bad: "json" },
  "print-reports": { text: "off", pick: (c) => c.log.printReports, value: false, bad: "2" },
  "log-format": { text: "json", pick: (c) => c.log.functionFormat, value: "JSON", bad: "xml" },
  "function-log-level": {
    text: "debug",
    pick: (c) => c.log.functionLevel,
    value: "DEBUG",
    bad: "loud",
  },
  events: { text: "memory", pick: (c) => c.events.store, value: "memory", bad: "disk" },
  "event-retries": { text: "0", pick: (c) => c.events.retriesMax, value: 0, bad: "3" },
  "event-max-age": { text: "60", pick: (c) => c.events.ageMsMax, value: 60_000, bad: "59" },
  "max-pending-events": { text: "5", pick: (c) => c.events.pendingMax, value: 5, bad: "0" },
  "head-timeout": { text: "1", pick: (c) => c.invokeApi.headTimeoutMs, value: 1000, bad: "0" },
  "body-timeout": { text: "1", pick: (c) => c.invokeApi.bodyTimeoutMs, value: 1000, bad: "-1" },
  "keep-alive-timeout": {
    text: "0.25",
    pick: (c) => c.invokeApi.keepAliveTimeoutMs,
    value: 250,
    bad: "1s",
  },
  "stream-stall-timeout": {
    text: "5",
    pick: (c) => c.invokeApi.streamStallTimeoutMs,
    value: 5000,
    bad: "0x5",
  },
  "drain-timeout": { text: "0", pick: (c) => c.drainTimeoutMs, value: 0, bad: "1e3" },
  "max-waiting": { text: "0", pick: (c) => c.queue.waitingMax, value: 0, bad: "1.5" },
  "max-wait": { text: "2", pick: (c) => c.queue.waitMsMax, value: 2000, bad: " 2" },
  "max-bytes-in-flight": {
    text: "64",
    pick: (c) => c.invokeApi.bytesInFlightMax,
    value: 67_108_864,
    bad: "7",
  },
  "max-connections": { text: "9", pick: (c) => c.invokeApi.connectionsMax, value: 9, bad: "0" },
  "max-log-line": {
    text: "4096",
    pick: (c) => c.environments.logLineBytesMax,
    value: 4096,
    bad: "1",
  },
};

// The options of AMQP depend on each other: `read-amqp-options.test.ts` has them.
const rules = daemonGroups
  .filter((group) => group !== brokerOptions && group !== amqpOptions)
  .flatMap((group): OptionRule[] => Object.values(group.options))
  .filter((rule): rule is OptionRule & { readonly flag: string } => rule.flag !== undefined);

function build(
  flags: Readonly<Record<string, string>>,
  variables: Readonly<Record<string, string>> = {},
): { readonly configuration: DaemonConfiguration; readonly problems: readonly string[] } {
  const problems: string[] = [];
  const given = new Map(Object.entries(flags).map(([flag, text]) => [flag, [text]]));
  const source = { flags: given, variables };
  const defaults = { name: "n", handler: "", host: "127.0.0.1" };
  return { configuration: buildConfiguration(source, defaults, problems), problems };
}

describe("buildConfiguration()", () => {
  test("has a case for each option", () => {
    assert.deepEqual(Object.keys(cases).toSorted(), rules.map(({ flag }) => flag).toSorted());
  });

  for (const rule of rules) {
    const { flag } = rule;
    const { text, pick, value, bad } = cases[flag] ?? assert.fail(`no case for --${flag}`);

    test(`reads --${flag}`, () => {
      const { configuration, problems } = build({ [flag]: text });
      assert.deepEqual(problems, []);
      assert.deepEqual(pick(configuration), value);
    });

    if (bad !== undefined) {
      test(`refuses --${flag} '${bad}' with the option and the value`, () => {
        const { problems } = build({ [flag]: bad });
        assert.equal(problems.length, 1);
        assert.ok(problems[0]?.startsWith(`--${flag} must be `), problems[0]);
        assert.ok(problems[0]?.endsWith(`: current value is '${bad}'`), problems[0]);
      });
    }

    for (const variable of rule.variables) {
      test(`reads ${variable}, over which --${flag} wins`, () => {
        const { configuration, problems } = build({}, { [variable]: text });
        assert.deepEqual(problems, []);
        assert.deepEqual(pick(configuration), value);
        const overridden = build({ [flag]: text }, { [variable]: bad ?? "another" });
        assert.deepEqual(overridden.problems, []);
        assert.deepEqual(pick(overridden.configuration), value);
      });

      if (bad !== undefined) {
        test(`refuses ${variable} '${bad}' by its own name`, () => {
          const { problems } = build({}, { [variable]: bad });
          assert.equal(problems.length, 1);
          assert.ok(problems[0]?.startsWith(`${variable} must be `), problems[0]);
        });
      }
    }
  }

  test("takes the first variable that is set", () => {
    const { configuration } = build({}, { AWS_REGION: "a-1", AWS_DEFAULT_REGION: "b-1" });
    assert.equal(configuration.function.region, "a-1");
    const second = build({}, { AWS_REGION: "", AWS_DEFAULT_REGION: "b-1" });
    assert.equal(second.configuration.function.region, "b-1");
  });

  test("splits the variable of a list at commas", () => {
    const { configuration } = build({}, { LAMBDAD_PASS_ENV: "HOME, USER,,TERM" });
    assert.deepEqual(configuration.functionEnvironment.passNames, ["HOME", "USER", "TERM"]);
  });

  test("enforces the memory size only when it was given (RT-9)", () => {
    assert.equal(build({}).configuration.memoryEnforced, false);
    assert.equal(build({ memory: "3008" }).configuration.memoryEnforced, true);
    const variables = { AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "256" };
    assert.equal(build({}, variables).configuration.memoryEnforced, true);
  });

  test("an emulator's address flag wins over the variables of host and port", () => {
    const flags = { "runtime-interface-emulator-address": ":7000" };
    const { configuration } = build(flags, { PORT: "1", INVOKE_API_HOST: "::1" });
    const { host, port } = configuration.invokeApi;
    assert.deepEqual([host, port], ["0.0.0.0", 7000]);
  });

  for (const [text, level] of [
    ["panic", "fatal"],
    ["FATAL", "fatal"],
    ["Error", "error"],
    ["warn", "warn"],
    ["warning", "warn"],
    ["info", "info"],
    ["debug", "debug"],
    ["trace", "trace"],
  ] as const) {
    test(`understands the emulator's log level '${text}'`, () => {
      assert.equal(build({ [logOptions.options.level.flag]: text }).configuration.log.level, level);
    });
  }
});

describe("the defaults of options", () => {
  for (const [rule, value] of [
    [functionOptions.options.timeout, limits.functionTimeoutMsDefault / 1000],
    [functionOptions.options.initTimeout, limits.initTimeoutMs / 1000],
    [boundOptions.options.maxLogLine, limits.logLineBytesMax],
  ] as const) {
    test(`--${rule.flag} has that of the limits`, () => {
      assert.equal(rule.default, value);
    });
  }

  test("--timeout has the maximum of the limits", () => {
    assert.equal(functionOptions.options.timeout.max, limits.functionTimeoutMsMax / 1000);
  });
});
