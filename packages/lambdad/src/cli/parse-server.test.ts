import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ConfigError } from "../configuration/config-error.ts";
import type { Variables } from "../configuration/read-options.ts";
import type { LocalFunction, ServerConfiguration } from "../configuration/server-configuration.ts";
import type { ServerCommand } from "./command.ts";
import { parseArguments } from "./parse-arguments.ts";

function command(argv: readonly string[], variables: Variables = {}): ServerCommand {
  const parsed = parseArguments(["server", ...argv], variables);
  assert.equal(parsed.kind, "server");
  return parsed;
}

function configuration(argv: readonly string[], variables?: Variables): ServerConfiguration {
  return command(argv, variables).configuration;
}

function functionOf(argv: readonly string[], name: string, variables?: Variables): LocalFunction {
  const found = configuration(argv, variables).functions.find(
    (each) => each.configuration.function.name === name,
  );
  assert.ok(found);
  return found;
}

function problemsOf(argv: readonly string[], variables: Variables = {}): readonly string[] {
  try {
    parseArguments(["server", ...argv], variables);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    assert.equal(error.help, "lambdad server --help");
    return error.problems;
  }
  return [];
}

const broker = "--amqp-uri=amqp://h";
const two = ["--function=a=a.handler", "--function", "b=folder/b.handler"] as const;

describe("parseArguments() with server", () => {
  test("serves queues alone", () => {
    const { functions, queues, invokeApi, place } = configuration([broker]);
    assert.deepEqual(functions, []);
    assert.deepEqual(queues, {
      broker: { uri: "amqp://h", credentials: undefined },
      timeoutMs: 1_800_000,
      profile: "compat",
      profiles: new Map(),
    });
    assert.equal(`${invokeApi.host}:${invokeApi.port}`, "127.0.0.1:8080");
    assert.deepEqual(place, { region: "us-east-1", accountId: "012345678912" });
  });

  test("serves functions of this machine alone", () => {
    const { functions, queues } = configuration(two);
    assert.equal(queues, undefined);
    assert.deepEqual(
      functions.map(
        ({
          handler,
          configuration: {
            function: { name },
          },
        }) => [name, handler],
      ),
      [
        ["a", "a.handler"],
        ["b", "folder/b.handler"],
      ],
    );
  });

  test("reads functions, broker and profiles from variables", () => {
    const { functions, queues } = configuration([], {
      AMQP_URI: "amqp://v",
      AMQP_USERNAME: "u",
      AMQP_PASSWORD: "p",
      LAMBDAD_FUNCTIONS: "a=a.handler, b=b.handler",
      LAMBDAD_QUEUE_PROFILE: "durable,orders=quorum",
    });
    assert.equal(functions.length, 2);
    assert.deepEqual(queues?.broker.credentials, { username: "u", password: "p" });
    assert.equal(queues.profile, "durable");
    assert.deepEqual([...queues.profiles], [["orders", "quorum"]]);
  });

  test("lets the last profile of each name count, in any case", () => {
    const { queues } = configuration([
      broker,
      "--queue-profile=durable",
      "--queue-profile=orders=durable",
      "--queue-profile=Quorum",
      "--queue-profile=orders=COMPAT",
    ]);
    assert.equal(queues?.profile, "quorum");
    assert.deepEqual([...queues.profiles], [["orders", "compat"]]);
  });

  test("listens on every address as process 1", () => {
    const parsed = parseArguments(["server", broker], {}, { isProcessOne: true });
    assert.equal((parsed as ServerCommand).configuration.invokeApi.host, "0.0.0.0");
  });

  test("takes options before the word too", () => {
    const parsed = parseArguments(["--port", "1", "server", broker], {});
    assert.equal((parsed as ServerCommand).configuration.invokeApi.port, 1);
  });

  test("prints its help, also as 'lambdad help server'", () => {
    for (const argv of [
      ["server", "--help"],
      ["help", "server"],
    ]) {
      const parsed = parseArguments(argv, {});
      assert.equal(parsed.kind, "help");
      assert.match(parsed.text, /^Usage: lambdad server \[options\]\n/);
      assert.match(parsed.text, / --function NAME=HANDLER /);
    }
  });

  test("runs a program named server after --", () => {
    assert.equal(parseArguments(["--", "server"], {}).kind, "daemon");
  });
});

describe("parseArguments() with server and values for one function", () => {
  test("gives a value without a name to every function, and one with a name to that one", () => {
    const argv = [...two, "--memory=b=2048", "--memory=512", "--max-concurrency", "a=8"];
    const [a, b] = [functionOf(argv, "a"), functionOf(argv, "b")];
    assert.equal(a.configuration.function.memorySizeMb, 512);
    assert.equal(b.configuration.function.memorySizeMb, 2048);
    assert.equal(a.configuration.environments.environmentsMax, 8);
    assert.equal(b.configuration.environments.environmentsMax, 1);
    assert.equal(a.configuration.queue.waitingMax, 64);
  });

  test("enforces the memory of those alone that it was given for", () => {
    const argv = [...two, "--memory=a=512"];
    assert.equal(functionOf(argv, "a").configuration.memoryEnforced, true);
    assert.equal(functionOf(argv, "b").configuration.memoryEnforced, false);
  });

  test("lets a named value win over a variable, which is for all", () => {
    const variables = { MAX_CONCURRENCY: "4", AWS_LAMBDA_FUNCTION_NAME: "of-somebody-else" };
    const argv = [...two, "--max-concurrency=a=2"];
    assert.equal(functionOf(argv, "a", variables).configuration.environments.environmentsMax, 2);
    assert.equal(functionOf(argv, "b", variables).configuration.environments.environmentsMax, 4);
  });

  test("adds files of variables for one function to those for all", () => {
    const argv = [...two, "--function-env-file=b=b=.env", "--env-file=common.env"];
    const files = (name: string): readonly string[] =>
      functionOf(argv, name).configuration.functionEnvironment.envFiles;
    assert.deepEqual(files("a"), ["common.env"]);
    assert.deepEqual(files("b"), ["common.env", "b=.env"]);
  });

  for (const [argv, variables, a, b, queue] of [
    [[], {}, 3_000, 3_000, 1_800_000],
    [["--timeout=30"], {}, 30_000, 30_000, 30_000],
    [["--timeout=3600"], {}, 900_000, 900_000, 3_600_000],
    [["--timeout=b=60"], {}, 3_000, 60_000, 1_800_000],
    [["--timeout=b=60", "--timeout=30"], {}, 30_000, 60_000, 30_000],
    [["--timeout=b=60"], { AWS_LAMBDA_FUNCTION_TIMEOUT: "5" }, 5_000, 60_000, 5_000],
  ] as const) {
    test(`reads the limits of time from '${argv.join(" ")}' and ${JSON.stringify(variables)}`, () => {
      const all = [...two, broker, ...argv];
      assert.equal(functionOf(all, "a", variables).configuration.function.timeoutMs, a);
      assert.equal(functionOf(all, "b", variables).configuration.function.timeoutMs, b);
      assert.equal(configuration(all, variables).queues?.timeoutMs, queue);
    });
  }
});

describe("parseArguments() refuses", () => {
  for (const [argv, variables, expected] of [
    [[], {}, /^There is nothing to serve: give --amqp-uri or AMQP_URI .* --function NAME=HANDLER/],
    [["app.handler"], {}, /^Unexpected argument 'app\.handler'$/],
    [["a=app.handler"], {}, /^Unexpected argument .*: functions are given with --function a=app/],
    [["--function=app.handler"], {}, /^--function must be NAME=HANDLER such as /],
    [["--function=a b=c.d"], {}, /^--function must be NAME=HANDLER such as /],
    [["--function=a=x.y", "--function=a=z.y"], {}, /^--function is given twice for 'a'$/],
    [[], { LAMBDAD_FUNCTIONS: "nonsense" }, /^LAMBDAD_FUNCTIONS must be NAME=HANDLER/],
    [[broker, "--queue-profile=great"], {}, /^--queue-profile must be compat, durable or quorum/],
    [[broker, "--queue-profile=a=great"], {}, /^--queue-profile must be compat, durable/],
    [[...two, "--queue-profile=durable"], {}, /^--queue-profile needs --amqp-uri or AMQP_URI$/],
    [[...two, "--timeout=c=3"], {}, /^--timeout is given for 'c': no --function has that name$/],
    [[...two, "--function-env-file=c=x"], {}, /^--function-env-file is given for 'c': no --fun/],
    [[...two, "--function-env-file=x"], {}, /^--function-env-file must be NAME=FILE such as/],
    [[...two, "--memory=a=1"], {}, /^--memory must be an integer in 128\.\.32768.* '1'$/],
    [[...two, "--timeout=a=901"], {}, /^--timeout of 'a' must be at most 900: /],
    [[...two, "--timeout=0"], {}, /^--timeout must be a number of seconds in 1\.\.86400/],
    [[...two, "--runtime-api-port=1"], {}, /^Unknown option '--runtime-api-port'/],
    [[broker], { AMQP_USERNAME: "u" }, /^AMQP_USERNAME and AMQP_PASSWORD must be given together$/],
  ] as const) {
    test(`'${argv.join(" ")}' ${JSON.stringify(variables)}`, () => {
      const problems = problemsOf(argv, variables);
      assert.equal(problems.filter((problem) => expected.test(problem)).length, 1, problems.join());
    });
  }

  test("tells every problem once, also one that each function has", () => {
    assert.deepEqual(problemsOf([...two, "--memory=1", "--port=x"]).length, 2);
  });
});
