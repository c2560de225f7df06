import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseCommand, type RuntimeOptions, type Variables } from "./parse-command.ts";
import { UsageError } from "./usage-error.ts";

function optionsOf(argv: readonly string[], variables: Variables = {}): RuntimeOptions {
  const command = parseCommand(argv, variables);
  assert.equal(command.kind, "run");
  return command.options;
}

function problemsOf(argv: readonly string[], variables: Variables = {}): readonly string[] {
  try {
    parseCommand(argv, variables);
  } catch (error) {
    assert.ok(error instanceof UsageError);
    return error.problems;
  }
  return [];
}

describe("parseCommand()", () => {
  test("has a default for everything", () => {
    assert.deepEqual(parseCommand([], {}), {
      kind: "run",
      module: undefined,
      options: {
        url: undefined,
        queue: undefined,
        profile: "compat",
        deadLetterQueue: undefined,
        deliveryLimit: undefined,
        messageTtlMs: undefined,
        lengthMax: undefined,
        consumerPriority: undefined,
        confirmReplies: false,
        atMostOnce: false,
        eventRetriesMax: undefined,
        concurrency: 1000,
        threads: 0,
        timeoutMs: 900_000,
        drainMs: 8000,
        tracing: false,
        profiling: false,
      },
    });
  });

  const given: readonly (readonly [readonly string[], Partial<RuntimeOptions>])[] = [
    [
      ["-u", "amqp://a", "-q", "b", "-tp"],
      { url: "amqp://a", queue: "b", tracing: true, profiling: true },
    ],
    [["--url=amqp://a", "--queue=b"], { url: "amqp://a", queue: "b" }],
    [["--tracing", "--profiling=false"], { tracing: true, profiling: false }],
    [["-q", 'f; {"node": {"auto-delete": true}}'], { queue: 'f; {"node": {"auto-delete": true}}' }],
    [["--concurrency", "7"], { concurrency: 7 }],
    [["--threads", "4"], { threads: 4, concurrency: 4 }],
    [["--threads", "4", "--concurrency", "9"], { threads: 4, concurrency: 9 }],
    [["--timeout", "0.25", "--drain-timeout=0"], { timeoutMs: 250, drainMs: 0 }],
    [["--consumer-priority", "-5"], { consumerPriority: -5 }],
    [["--consumer-priority=-5"], { consumerPriority: -5 }],
    [
      ["--queue-profile", "DURABLE", "--dead-letter-queue", "dead", "--message-ttl", "1.5"],
      { profile: "durable", deadLetterQueue: "dead", messageTtlMs: 1500 },
    ],
    [
      ["--queue-profile=quorum", "--delivery-limit", "3", "--queue-length", "10"],
      { profile: "quorum", deliveryLimit: 3, lengthMax: 10 },
    ],
    [
      ["--confirm-replies", "--at-most-once", "--event-retries", "0"],
      { confirmReplies: true, atMostOnce: true, eventRetriesMax: 0 },
    ],
  ];
  for (const [argv, expected] of given) {
    test(`reads ${argv.join(" ")}`, () => {
      assert.partialDeepStrictEqual(optionsOf(argv), expected);
    });
  }

  const words: readonly (readonly [readonly string[], string | undefined])[] = [
    [[], undefined],
    [["app.mjs:run"], "app.mjs:run"],
    [["-q", "a", "app", "-t"], "app"],
    [["--", "-app"], "-app"],
  ];
  for (const [argv, module] of words) {
    test(`takes MODULE ${module} from '${argv.join(" ")}'`, () => {
      const command = parseCommand(argv, {});
      assert.equal(command.kind === "run" ? command.module : "", module);
    });
  }

  for (const argv of [["-h"], ["--help"], ["app", "--help", "--threads", "x"]]) {
    test(`gives help for ${argv.join(" ")}, whatever else is wrong`, () => {
      assert.deepEqual(parseCommand(argv, {}), { kind: "help" });
    });
  }

  test("gives the version for --version", () => {
    assert.deepEqual(parseCommand(["--version"], {}), { kind: "version" });
  });

  test("takes flags before presets, and these before variables", () => {
    const variables = { AMQP_URI: "amqp://variable", LAMBDAD_QUEUE: "variable" };
    const presets = { url: "amqp://preset", queue: undefined };
    const command = parseCommand(["--concurrency", "2"], variables, {
      ...presets,
      concurrency: "3",
    });
    assert.equal(command.kind, "run");
    const { url, queue, concurrency } = command.options;
    assert.deepEqual([url, queue, concurrency], ["amqp://preset", "variable", 2]);
  });

  test("reads variables, and an empty one is none", () => {
    const variables = {
      AMQP_URI: "amqp://b",
      AWS_LAMBDA_FUNCTION_TIMEOUT: "3",
      LAMBDAD_THREADS: "2",
      LAMBDAD_CONFIRM_REPLIES: "yes",
      LAMBDAD_AT_MOST_ONCE: "0",
      LAMBDAD_QUEUE: "",
    };
    assert.partialDeepStrictEqual(optionsOf([], variables), {
      url: "amqp://b",
      timeoutMs: 3000,
      threads: 2,
      confirmReplies: true,
      atMostOnce: false,
      queue: undefined,
    });
  });

  const wrong: readonly (readonly [readonly string[], readonly string[]])[] = [
    [["--nonsense"], ["Unknown option '--nonsense'"]],
    [["-x"], ["Unknown option '-x'"]],
    [["--queue"], ["--queue needs a value: QUEUE"]],
    [["-q", "-t"], ["--queue needs a value: QUEUE"]],
    [["-q", ""], ["--queue must be a text that is not empty: current value is ''"]],
    [["--threads", "1.5"], ["--threads must be an integer in 0..1024: current value is '1.5'"]],
    [
      ["--concurrency", "0"],
      ["--concurrency must be an integer in 1..65535: current value is '0'"],
    ],
    [
      ["--timeout", "x"],
      ["--timeout must be a number of seconds in 0.001..86400: current value is 'x'"],
    ],
    [
      ["--queue-profile", "x"],
      ["--queue-profile must be one of compat, durable, quorum: current value is 'x'"],
    ],
    [["--tracing=perhaps"], ["--tracing must be true or false: current value is 'perhaps'"]],
    [["--message-ttl", "1"], ["--message-ttl needs --queue-profile durable or quorum"]],
    [
      ["--queue-profile", "durable", "--delivery-limit", "1"],
      ["--delivery-limit needs --queue-profile quorum"],
    ],
    [["a", "b", "c"], ["One MODULE can be run: 'b c' is too much"]],
    [
      ["a", "--nonsense", "--threads", "x"],
      [
        "Unknown option '--nonsense'",
        "--threads must be an integer in 0..1024: current value is 'x'",
      ],
    ],
  ];
  for (const [argv, problems] of wrong) {
    test(`refuses '${argv.join(" ")}' (HO-13)`, () => {
      assert.deepEqual(problemsOf(argv), problems);
    });
  }

  test("names the variable that is wrong", () => {
    assert.deepEqual(problemsOf([], { LAMBDAD_THREADS: "many" }), [
      "LAMBDAD_THREADS must be an integer in 0..1024: current value is 'many'",
    ]);
  });
});
