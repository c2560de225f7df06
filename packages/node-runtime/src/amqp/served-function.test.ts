import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseCommand, type RuntimeOptions, type Variables } from "./parse-command.ts";
import { functionVariables, type ServedFunction, servedFunction } from "./served-function.ts";
import { UsageError } from "./usage-error.ts";

function options(argv: readonly string[]): RuntimeOptions {
  const command = parseCommand(argv, {});
  assert.equal(command.kind, "run");
  return command.options;
}

function served(
  argv: readonly string[],
  queueName: string | undefined,
  variables: Variables = {},
): ServedFunction {
  return servedFunction({ name: "module", queueName }, options(argv), variables);
}

const named = { AWS_LAMBDA_FUNCTION_NAME: "function" };

describe("servedFunction()", () => {
  const names: readonly (readonly [
    readonly string[],
    string | undefined,
    Variables,
    readonly [queue: string, name: string],
  ])[] = [
    [["-q", "asked"], "constant", named, ["asked", "function"]],
    [["-q", "asked"], "constant", {}, ["asked", "asked"]],
    [[], "constant", named, ["constant", "function"]],
    [[], "constant", {}, ["constant", "constant"]],
    [[], undefined, named, ["function", "function"]],
    [[], undefined, { AWS_LAMBDA_FUNCTION_NAME: "" }, ["module", "module"]],
    [["-q", "a/b"], undefined, {}, ["a/b", "a/b"]],
  ];
  for (const [argv, constant, variables, [queue, name]] of names) {
    test(`serves queue '${queue}' as '${name}': ${JSON.stringify([argv, constant, variables])}`, () => {
      const found = served(argv, constant, variables);
      assert.equal(found.queue.queue?.name, queue);
      assert.equal(found.configuration.name, name);
      assert.equal(found.environment.functionName, name);
    });
  }

  test("takes an address string for what it says", () => {
    const address = 'orders; {"node": {"auto-delete": true, "durable": true}}';
    const { queue, configuration } = served(["-q", address], "constant");
    assert.equal(queue.queue, undefined);
    assert.equal(queue.topology?.queue.name, "orders");
    assert.equal(queue.topology?.queue.durable, true);
    assert.equal(configuration.name, "orders");
  });

  test("calls the function of a queue that the broker names as its module", () => {
    assert.equal(served(["-q", "{}"], undefined).configuration.name, "module");
  });

  test("hands the options of the queue over", () => {
    const argv = ["--queue-profile=quorum", "--dead-letter-queue=d", "--delivery-limit=2"];
    const more = ["--message-ttl=1", "--queue-length=9", "--consumer-priority=-1"];
    assert.deepEqual(served([...argv, ...more], undefined).queue.queue, {
      name: "module",
      profile: "quorum",
      deadLetterQueue: "d",
      deliveryLimit: 2,
      messageTtlMs: 1000,
      lengthMax: 9,
      consumerPriority: -1,
    });
  });

  const refused: readonly (readonly [readonly string[], RegExp])[] = [
    [["-q", "amq.topic"], /^Cannot use 'amq\.topic' as a queue name/],
    [["-q", "x".repeat(256)], /it has 256 bytes, the limit is 255/],
    [["-q", "x".repeat(243), "--queue-profile", "durable"], /has 243 bytes, the limit is 242/],
    [["-q", "a; {"], /address/i],
    [["-q", "a; {}", "--queue-profile", "durable"], /leave --queue-profile out/],
  ];
  for (const [argv, problem] of refused) {
    test(`refuses ${argv.join(" ").slice(0, 40)}`, () => {
      assert.throws(
        () => served(argv, undefined),
        (error) => error instanceof UsageError && problem.test(error.problems.join()),
      );
    });
  }

  const sources = [
    ["amq.x", {}, "QUEUE_NAME of the module: "],
    [
      undefined,
      { AWS_LAMBDA_FUNCTION_NAME: "amq.x" },
      "AWS_LAMBDA_FUNCTION_NAME, without --queue: ",
    ],
  ] as const;
  for (const [constant, variables, source] of sources) {
    test(`says that it was ${source}that named the queue`, () => {
      const expected = `${source}Cannot use 'amq.x' as a queue name: `;
      assert.throws(
        () => served([], constant, variables),
        (error) => error instanceof UsageError && error.problems.join().startsWith(expected),
      );
    });
  }

  test("passes on what an address asks for without effect (contract §13)", () => {
    const { warnings } = served(["-q", 'a; {"node": {"x": 1}}'], undefined);
    assert.deepEqual(warnings, ["Option 'node.x' of the address is not known"]);
    assert.deepEqual(served(["-q", "a"], undefined).warnings, []);
  });

  test("takes version, region, account and memory from AWS's variables", () => {
    const variables = {
      AWS_LAMBDA_FUNCTION_VERSION: "7",
      AWS_REGION: "eu-central-1",
      AWS_ACCOUNT_ID: "999999999999",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "512",
    };
    const { configuration, environment } = served(["--timeout", "5"], undefined, variables);
    assert.deepEqual(configuration, {
      name: "module",
      version: "7",
      region: "eu-central-1",
      accountId: "999999999999",
      handler: "",
      memorySizeMb: 512,
      timeoutMs: 5000,
    });
    assert.equal(environment.memoryLimitInMB, "512");
    assert.match(environment.logStreamName ?? "", /^\d{4}\/\d\d\/\d\d\/\[7\][0-9a-f]{32}$/);
  });
});

test("functionVariables() are what libraries look for", () => {
  const variables = functionVariables(served([], "orders"));
  assert.partialDeepStrictEqual(variables, {
    AWS_LAMBDA_FUNCTION_NAME: "orders",
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "3008",
    AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/orders",
  });
});
