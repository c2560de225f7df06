import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ConfigError } from "../configuration/config-error.ts";
import type { BenchCommand, InvokeCommand } from "./command.ts";
import { parseArguments } from "./parse-arguments.ts";

type Variables = Readonly<Record<string, string>>;

function invoke(argv: readonly string[], variables: Variables = {}): InvokeCommand {
  const command = parseArguments(["invoke", ...argv], variables);
  assert.equal(command.kind, "invoke");
  return command;
}

function bench(argv: readonly string[], variables: Variables = {}): BenchCommand {
  const command = parseArguments(["bench", ...argv], variables);
  assert.equal(command.kind, "bench");
  return command;
}

const overAmqp = ["invoke", "--amqp-uri=amqp://h", "f"] as const;

function assertProblem(argv: readonly string[], expected: RegExp): void {
  assert.throws(
    () => parseArguments(argv, {}),
    (error: unknown) =>
      error instanceof ConfigError && error.problems.some((p) => expected.test(p)),
  );
}

describe("parseArguments() with invoke", () => {
  test("has the documented defaults", () => {
    assert.deepEqual(invoke(["f"]), {
      kind: "invoke",
      functionName: "f",
      endpointUrl: "http://127.0.0.1:8080",
      broker: undefined,
      qualifier: undefined,
      payload: { kind: "none" },
      stream: false,
      timeoutMs: 930_000,
      type: "RequestResponse",
      log: false,
      clientContext: undefined,
      batch: undefined,
    });
  });

  for (const [argv, payload] of [
    [["f", "{}"], { kind: "text", text: "{}" }],
    [["f", "--log", "[1]"], { kind: "text", text: "[1]" }],
    [["f", "--", "-1"], { kind: "text", text: "-1" }],
    [["f", "@event.json"], { kind: "file", path: "event.json" }],
    [["f", "-"], { kind: "standardInput" }],
    [["f", "--payload-file", "-"], { kind: "standardInput" }],
    [["f", "--payload-file=event.json"], { kind: "file", path: "event.json" }],
    [["f", ""], { kind: "text", text: "" }],
  ] as const) {
    test(`takes the payload of '${argv.join(" ")}'`, () => {
      assert.deepEqual(invoke(argv).payload, payload);
    });
  }

  test("reads every option", () => {
    const command = invoke([
      "--endpoint-url",
      "https://h:1/base/",
      "--qualifier",
      "$LATEST",
      "--stream",
      "--type",
      "dryrun",
      "--client-context",
      '{"a":1}',
      "--timeout",
      "0",
      "f",
    ]);
    assert.equal(command.endpointUrl, "https://h:1/base");
    assert.equal(command.qualifier, "$LATEST");
    assert.equal(command.stream, true);
    assert.equal(command.type, "DryRun");
    assert.equal(command.clientContext, '{"a":1}');
    assert.equal(command.timeoutMs, 0);
    assert.equal(invoke(["--log", "f"]).log, true);
  });

  test("takes the endpoint from AWS's variables, Lambda's own first", () => {
    const general = { AWS_ENDPOINT_URL: "http://g:1" };
    assert.equal(invoke(["f"], general).endpointUrl, "http://g:1");
    const both = { ...general, AWS_ENDPOINT_URL_LAMBDA: "http://l:2" };
    assert.equal(invoke(["f"], both).endpointUrl, "http://l:2");
    assert.equal(invoke(["f", "--endpoint-url=http://f:3"], both).endpointUrl, "http://f:3");
  });

  test("takes the broker from --amqp-uri alone, and its user from the variables", () => {
    const user = { AMQP_USERNAME: "u", AMQP_PASSWORD: "p" };
    const variables = { ...user, AMQP_URI: "amqp://v", AWS_ENDPOINT_URL: "http://g:1" };
    assert.equal(invoke(["f"], variables).broker, undefined);
    assert.deepEqual(invoke(["--amqp-uri=amqp://h:1/v?heartbeat=0", "f"], variables).broker, {
      uri: "amqp://h:1/v?heartbeat=0",
      credentials: { username: "u", password: "p" },
      profile: "compat",
    });
    const [, ...argv] = [...overAmqp, "--type=Event", "--queue-profile=quorum"];
    assert.equal(invoke(argv).broker?.profile, "quorum");
  });

  test("does not repeat a broker's URI that it refuses (INV-10)", () => {
    assert.throws(
      () => parseArguments(["invoke", "--amqp-uri=ampq://u:secret@h", "f"], {}),
      (error: unknown) =>
        error instanceof ConfigError && !error.problems.some((text) => text.includes("secret")),
    );
  });

  for (const [argv, expected] of [
    [["invoke"], /FUNCTION is missing/],
    [["invoke", "f", "a", "b"], /Unexpected argument 'b' after the payload/],
    [["invoke", "f", "{}", "--payload-file", "x"], /cannot be given together/],
    [["invoke", "f", "--type", "Later"], /--type must be one of RequestResponse, Event, DryRun/],
    [["invoke", "f", "--client-context", "{"], /--client-context must be JSON text/],
    [["invoke", "f", "--endpoint-url", "ftp://h"], /--endpoint-url must be a URL/],
    [["invoke", "f", "--endpoint-url", "h:80"], /--endpoint-url must be a URL/],
    [["invoke", "f", "--qualifier", "a b"], /--qualifier must be/],
    [["invoke", "f", "--type=Event", "--stream"], /--stream cannot be used with --type Event/],
    [["invoke", "f", "--type=Event", "--log"], /--log needs --type RequestResponse/],
    [["invoke", "f", "--amqp-uri", "http://h"], /--amqp-uri must be a URI such as 'amqp:/],
    [["invoke", "f", "--queue-profile=quorum"], /--queue-profile needs --amqp-uri/],
    [[...overAmqp, "--endpoint-url=http://h"], /--amqp-uri and --endpoint-url cannot be given/],
    [[...overAmqp, "--qualifier=7"], /--qualifier cannot be used with --amqp-uri/],
    [["bench", "--amqp-uri=amqp://h", "f:7"], /FUNCTION cannot have a qualifier with --amqp-uri/],
    [[...overAmqp, "--type=Event"], /--type Event with --amqp-uri needs --queue-profile durable/],
    [["invoke", "f", "--port", "1"], /Unknown option '--port'/],
  ] as const) {
    test(`refuses '${argv.join(" ")}'`, () => assertProblem(argv, expected));
  }
});

describe("parseArguments() with bench", () => {
  test("has the documented defaults", () => {
    assert.deepEqual(bench(["f"]), {
      kind: "bench",
      functionName: "f",
      endpointUrl: "http://127.0.0.1:8080",
      broker: undefined,
      qualifier: undefined,
      payload: { kind: "text", text: "{}" },
      stream: false,
      timeoutMs: 930_000,
      callers: 1,
      until: { kind: "duration", durationMs: 10_000 },
      json: false,
    });
  });

  test("reads every option", () => {
    const command = bench(["--callers=64", "--count", "100", "--payload-size=8", "--json", "f"]);
    assert.equal(command.callers, 64);
    assert.deepEqual(command.until, { kind: "count", count: 100 });
    assert.deepEqual(command.payload, { kind: "size", bytes: 8 });
    assert.equal(command.json, true);
    assert.deepEqual(bench(["--duration=0.5", "f"]).until, { kind: "duration", durationMs: 500 });
    assert.deepEqual(bench(["--payload=@e", "f"]).payload, { kind: "file", path: "e" });
    assert.deepEqual(bench(["--payload-file=e", "f"]).payload, { kind: "file", path: "e" });
  });

  for (const [argv, expected] of [
    [["bench"], /FUNCTION is missing/],
    [["bench", "f", "{}"], /Unexpected argument '\{\}' after the function/],
    [["bench", "f", "--callers", "0"], /--callers must be an integer in 1\.\.10000/],
    [["bench", "f", "--count=1", "--duration=1"], /--duration and --count cannot/],
    [["bench", "f", "--payload=1", "--payload-file=x"], /cannot be given together/],
    [["bench", "f", "--payload=1", "--payload-size=1"], /cannot be given together/],
    [["bench", "f", "--payload-size=6291557"], /--payload-size must be an integer/],
  ] as const) {
    test(`refuses '${argv.join(" ")}'`, () => assertProblem(argv, expected));
  }
});
