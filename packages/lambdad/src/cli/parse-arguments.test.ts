import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ConfigError } from "../configuration/config-error.ts";
import type { DaemonConfiguration } from "../configuration/daemon-configuration.ts";
import type { DaemonCommand, RunCommand } from "./command.ts";
import { parseArguments } from "./parse-arguments.ts";

function daemon(
  argv: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): DaemonCommand {
  const command = parseArguments(argv, variables);
  assert.equal(command.kind, "daemon");
  return command;
}

function run(
  argv: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): RunCommand {
  const command = parseArguments(["run", ...argv], variables);
  assert.equal(command.kind, "run");
  return command;
}

function problemsOf(
  argv: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): readonly string[] {
  try {
    parseArguments(argv, variables);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.problems;
  }
  return [];
}

describe("parseArguments() with a command", () => {
  test("takes words after the options as the command, flags and all", () => {
    const { command } = daemon(["--port", "9000", "python3", "-m", "awslambdaric", "--port", "1"]);
    assert.deepEqual(command, ["python3", "-m", "awslambdaric", "--port", "1"]);
  });

  test("takes everything after -- as the command, also an option or a subcommand", () => {
    assert.deepEqual(daemon(["--", "--port", "x"]).command, ["--port", "x"]);
    assert.deepEqual(daemon(["--", "run", "x"]).command, ["run", "x"]);
    assert.deepEqual(daemon(["--metrics", "--", "server"]).command, ["server"]);
  });

  test("takes the last of at least two words as the handler, as the emulator does", () => {
    const words = ["python3", "-m", "awslambdaric", "app.handler"];
    assert.equal(daemon(words).configuration.function.handler, "app.handler");
    assert.equal(daemon(["./bootstrap"]).configuration.function.handler, "");
    assert.equal(daemon(words, { _HANDLER: "b.h" }).configuration.function.handler, "b.h");
  });

  test("takes no command: the bootstrap paths are the executable's to look up", () => {
    assert.deepEqual(daemon([]).command, []);
  });

  test("runs an unknown word as a command", () => {
    assert.deepEqual(daemon(["deploy", "--now"]).command, ["deploy", "--now"]);
  });

  for (const programName of ["aws-lambda-rie", "lambda-runtime-api-daemon"]) {
    test(`has no subcommands when it is called ${programName}`, () => {
      const command = parseArguments(["run", "x"], {}, { programName });
      assert.equal(command.kind, "daemon");
      assert.deepEqual(command.command, ["run", "x"]);
    });
  }

  test("listens on loopback, and as process 1 on every address", () => {
    assert.equal(daemon(["x"]).configuration.invokeApi.host, "127.0.0.1");
    const command = parseArguments(["x"], {}, { isProcessOne: true }) as DaemonCommand;
    assert.equal(command.configuration.invokeApi.host, "0.0.0.0");
    const told = parseArguments(["--host", "::1", "x"], {}, { isProcessOne: true });
    assert.equal((told as DaemonCommand).configuration.invokeApi.host, "::1");
  });
});

describe("parseArguments() with run", () => {
  test("takes options before run, after it and after the handler", () => {
    const { handler, configuration, watch } = parseArguments(
      ["--port", "1", "run", "--watch", "app.handler", "--name=f"],
      {},
    ) as RunCommand;
    assert.equal(handler, "app.handler");
    assert.equal(configuration.function.handler, "");
    assert.equal(configuration.invokeApi.port, 1);
    assert.equal(configuration.function.name, "f");
    assert.equal(watch, true);
  });

  for (const [handler, name] of [
    ["echo.handler", "echo"],
    ["examples/echo/my_echo.handler", "my_echo"],
    ["a/b/file.deep.export", "file"],
    ["./functions/resize/", "resize"],
    ["with space.handler", "with-space"],
    [".", "test_function"],
    ["..", "test_function"],
  ] as const) {
    test(`names the function of handler '${handler}' '${name}'`, () => {
      assert.equal(run([handler]).configuration.function.name, name);
    });
  }

  test("refuses a missing handler and a second one, in one error", () => {
    assert.match(problemsOf(["run"]).join(), /HANDLER is missing/);
    assert.match(problemsOf(["run", "a.b", "c.d"]).join(), /Unexpected argument 'c\.d'/);
  });
});

describe("parseArguments() help and version", () => {
  for (const [argv, usage] of [
    [["--help"], "lambdad [options] COMMAND"],
    [["-h"], "lambdad [options] COMMAND"],
    [["help"], "lambdad [options] COMMAND"],
    [["run", "--help"], "lambdad run [options] HANDLER"],
    [["--help", "run"], "lambdad run [options] HANDLER"],
    [["help", "invoke"], "lambdad invoke [options] FUNCTION"],
    [["invoke", "f", "-h"], "lambdad invoke [options] FUNCTION"],
    [["bench", "--help"], "lambdad bench [options] FUNCTION"],
    [["--port", "wrong", "--help"], "lambdad [options] COMMAND"],
  ] as const) {
    test(`'${argv.join(" ")}' asks for help`, () => {
      const command = parseArguments(argv, { PORT: "also wrong" });
      assert.equal(command.kind, "help");
      assert.ok("text" in command && command.text.startsWith(`Usage: ${usage}`));
    });
  }

  test("--version asks for the version, and a command keeps its own", () => {
    assert.deepEqual(parseArguments(["--version"], {}), { kind: "version" });
    assert.deepEqual(daemon(["python3", "--version"]).command, ["python3", "--version"]);
  });
});

describe("parseArguments() problems (HO-13)", () => {
  test("reports every problem at once, with name, allowed values and value", () => {
    const problems = problemsOf(["--timeout=0", "--events", "disk", "--oops", "x"], {
      PORT: "http",
      MAX_CONCURRENCY: "-1",
      LOG_LEVEL: "loud",
    });
    assert.deepEqual(problems.toSorted(), [
      "--events must be one of off, memory: current value is 'disk'",
      "--timeout must be a number of seconds in 1..900: current value is '0'",
      "LOG_LEVEL must be one of trace, debug, info, warn, error, fatal: current value is 'loud'",
      "MAX_CONCURRENCY must be an integer in 1..10000: current value is '-1'",
      "PORT must be an integer in 0..65535: current value is 'http'",
      "Unknown option '--oops'",
    ]);
  });

  test("says which option was meant, and never repeats the text given to an unknown one", () => {
    assert.deepEqual(problemsOf(["--prot=secret", "x"]), [
      "Unknown option '--prot': did you mean '--port'?",
    ]);
  });

  test("refuses an option without its value", () => {
    assert.deepEqual(problemsOf(["--port"]), ["--port needs a value: PORT"]);
  });

  test("refuses two flags that say different things of one address", () => {
    const problems = problemsOf([
      "--runtime-interface-emulator-address",
      ":1",
      "--port",
      "2",
      "--runtime-api-address",
      "h:1",
      "--runtime-api-host",
      "h",
      "x",
    ]);
    assert.equal(problems.length, 2);
    assert.match(
      problems.join(),
      /--runtime-interface-emulator-address and --port cannot be given/,
    );
  });

  test("does not look at a variable that a flag overrides", () => {
    assert.equal(daemon(["--port", "1", "x"], { PORT: "no" }).configuration.invokeApi.port, 1);
  });

  test("does not look at the daemon's variables for a caller", () => {
    assert.equal(parseArguments(["invoke", "f"], { PORT: "no" }).kind, "invoke");
  });

  test("names the help of the command", () => {
    assert.throws(
      () => parseArguments(["run"], {}),
      (error: unknown) => error instanceof ConfigError && error.help === "lambdad run --help",
    );
  });
});

describe("parseArguments() defaults", () => {
  test("are those of AWS, of the peers and of the reliability contract", () => {
    const expected: DaemonConfiguration = {
      function: {
        name: "test_function",
        version: "$LATEST",
        region: "us-east-1",
        accountId: "012345678912",
        handler: "",
        memorySizeMb: 3008,
        timeoutMs: 3000,
      },
      memoryEnforced: false,
      invokeApi: {
        host: "127.0.0.1",
        port: 8080,
        headTimeoutMs: 10_000,
        bodyTimeoutMs: 30_000,
        keepAliveTimeoutMs: 65_000,
        streamStallTimeoutMs: 60_000,
        connectionsMax: undefined,
        bytesInFlightMax: undefined,
        originsAllowed: [],
      },
      runtimeApi: { host: "127.0.0.1", port: 9001 },
      environments: {
        environmentsMax: 1,
        extensionsDir: "/opt/extensions",
        concurrencyEach: 1,
        initTimeoutMs: 10_000,
        idleTimeoutMs: 1_800_000,
        logLineBytesMax: 262_144,
      },
      queue: { waitingMax: 64, waitMsMax: 3000 },
      events: { store: "off", retriesMax: 2, ageMsMax: 21_600_000, pendingMax: 1_000_000 },
      amqp: undefined,
      log: {
        level: "info",
        structured: false,
        printReports: true,
        functionFormat: "Text",
        functionLevel: undefined,
      },
      functionEnvironment: { envFiles: [], clean: false, passNames: [] },
      drainTimeoutMs: 8000,
      metrics: false,
    };
    assert.deepEqual(daemon(["x"]).configuration, expected);
  });

  test("of the queue follow concurrency and time-out", () => {
    const { queue } = daemon(["--max-concurrency=20", "--timeout=9", "x"]).configuration;
    assert.deepEqual(queue, { waitingMax: 160, waitMsMax: 9000 });
  });

  test("hold for variables that are set and empty", () => {
    assert.equal(daemon(["x"], { PORT: "", AWS_REGION: "" }).configuration.invokeApi.port, 8080);
  });
});
