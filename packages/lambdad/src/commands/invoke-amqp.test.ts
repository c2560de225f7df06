import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HostError } from "@lambdad/core";
import { brokerUri, waitFor } from "@lambdad/testkit";
import type { InvokeCommand } from "../cli/command.ts";
import { parseArguments } from "../cli/parse-arguments.ts";
import { failed, queueName, returned, startAmqpHost } from "../testdata/amqp-host.ts";
import { closedPort, memoryIo } from "../testdata/command-fixture.ts";
import { runInvoke } from "./invoke.ts";

function commandOf(uri: string, ...argv: readonly string[]): InvokeCommand {
  const command = parseArguments(["invoke", "--amqp-uri", uri, ...argv], {});
  assert.equal(command.kind, "invoke");
  return command;
}

describe("runInvoke() over AMQP", () => {
  test("sends the payload, and writes the response byte for byte", async (t) => {
    const { uri, name, invocations } = await startAmqpHost(t, (event) => `[${event}]`);
    const io = memoryIo();
    assert.equal(await runInvoke(commandOf(uri, name, '{ "x": 1 }'), io), 0);
    assert.equal(io.stdout.text, '[{ "x": 1 }]');
    assert.equal(io.stderr.text, "");
    assert.equal(invocations[0]?.type, "RequestResponse");
  });

  test("takes an ARN for the queue of its function", async (t) => {
    const { uri, name } = await startAmqpHost(t, () => "1");
    const io = memoryIo();
    const arn = `arn:aws:lambda:us-east-1:012345678912:function:${name}`;
    assert.equal(await runInvoke(commandOf(uri, arn, "{}"), io), 0);
    assert.equal(io.stdout.text, "1");
  });

  test("carries the client context, and brings the end of the log", async (t) => {
    const logTail = Buffer.from("START\nEND\n");
    const { uri, name, invocations } = await startAmqpHost(t, (_, invocation) => {
      assert.equal(invocation.logTail, true);
      return { ...returned("1"), logTail };
    });
    const io = memoryIo();
    const command = commandOf(uri, "--log", '--client-context={"a":"ü"}', name, "{}");
    assert.equal(await runInvoke(command, io), 0);
    assert.equal(invocations[0]?.clientContext, '{"a":"ü"}');
    assert.equal(io.stderr.text, logTail.toString());
  });

  test("ends with 1 when the function failed: body on standard output, one line beside it", async (t) => {
    const body = '{"errorType":"TypeError","errorMessage":"no \\"quotes\\"\\nhere"}';
    const { uri, name } = await startAmqpHost(t, () => failed(body));
    const io = memoryIo();
    assert.equal(await runInvoke(commandOf(uri, name, "{}"), io), 1);
    assert.equal(io.stdout.text, body);
    assert.equal(io.stderr.text, 'The function failed: TypeError: no "quotes" here\n');
  });

  test("ends with 3 when there is no queue of that name (AM-10)", async () => {
    const io = memoryIo();
    const uri = await brokerUri();
    assert.equal(await runInvoke(commandOf(uri, queueName(), "{}"), io), 3);
    assert.equal(io.stdout.text, "");
    assert.match(io.stderr.text, /^Cannot invoke 'lambdad-test-\w+' at amqp:\/\/[\w.]+:\d+\S*: /);
    assert.match(io.stderr.text, /ResourceNotFoundException: [^\n]+\n$/);
    assert.doesNotMatch(io.stderr.text, /guest/);
  });

  test("ends with 3 when the host refuses", async (t) => {
    const { uri, name } = await startAmqpHost(t, () => {
      throw new HostError("TooManyRequestsException", "Rate Exceeded.");
    });
    const io = memoryIo();
    assert.equal(await runInvoke(commandOf(uri, name, "{}"), io), 3);
    assert.match(io.stderr.text, /TooManyRequestsException: Rate Exceeded\. Try again later/);
  });

  test("ends with 3 when no response comes in time", async (t) => {
    const gate = Promise.withResolvers<string>();
    const { uri, name } = await startAmqpHost(t, () => gate.promise);
    const io = memoryIo();
    assert.equal(await runInvoke(commandOf(uri, "--timeout=0.3", name, "{}"), io), 3);
    assert.match(io.stderr.text, /no response within 0\.3 s; .*Give a larger --timeout\n$/);
    gate.resolve("1");
  });

  for (const [type, profile] of [
    ["Event", "durable"],
    ["Event", "quorum"],
  ] as const) {
    test(`sends an event to a queue of the profile ${profile}, and does not wait for it`, async (t) => {
      const seen = Promise.withResolvers<string>();
      const { uri, name, invocations } = await startAmqpHost(
        t,
        (event) => {
          seen.resolve(event);
          return "1";
        },
        { profile },
      );
      const io = memoryIo();
      const command = commandOf(uri, "--type", type, "--queue-profile", profile, name, "[7]");
      assert.equal(await runInvoke(command, io), 0);
      assert.equal(io.stdout.text + io.stderr.text, "");
      assert.equal(await seen.promise, "[7]");
      assert.equal(invocations[0]?.type, "Event");
    });
  }

  test("--type DryRun looks for the queue, and calls nobody", async (t) => {
    const { uri, name, invocations } = await startAmqpHost(t, () => "1");
    assert.equal(await runInvoke(commandOf(uri, "--type=DryRun", name), memoryIo()), 0);
    assert.equal(invocations.length, 0);
    const io = memoryIo();
    assert.equal(await runInvoke(commandOf(uri, "--type=DryRun", queueName()), io), 3);
    assert.match(io.stderr.text, /ResourceNotFoundException: there is no queue 'lambdad-test-/);
  });

  test("ends with 3 and says what to check when there is no broker, after its attempts", async () => {
    const io = memoryIo();
    const port = await closedPort();
    const options = "connection_attempts=2&retry_delay=0.01";
    const uri = `amqp://user:secret@127.0.0.1:${port}?${options}`;
    assert.equal(await runInvoke(commandOf(uri, "f", "{}"), io), 3);
    const [retry = "", failure = ""] = io.stderr.text.split("\n");
    assert.match(retry, /attempt 1 of 2/);
    assert.match(
      failure,
      /^Cannot invoke 'f' at amqp:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED.*Check --amqp-uri$/,
    );
    assert.doesNotMatch(io.stderr.text, /secret/);
  });

  test("ends with 3 and hides the password when the broker refuses it (AM-21)", async () => {
    const io = memoryIo();
    const uri = new URL(await brokerUri());
    uri.password = "wrong-secret";
    assert.equal(await runInvoke(commandOf(uri.href, "f", "{}"), io), 3);
    assert.match(io.stderr.text, /ACCESS.REFUSED/);
    assert.doesNotMatch(io.stderr.text, /wrong-secret/);
  });

  test("ends with 2 when the URI makes no sense", async () => {
    const io = memoryIo();
    assert.equal(await runInvoke(commandOf("amqp://h?heartbeat=soon", "f", "{}"), io), 2);
    assert.match(io.stderr.text, /^Cannot use the broker URL: heartbeat must be [^\n]+\n$/);
  });

  test("ends with 130 while it waits for the response", async (t) => {
    const io = memoryIo();
    const gate = Promise.withResolvers<string>();
    const { uri, name } = await startAmqpHost(t, () => {
      io.controller.abort();
      return gate.promise;
    });
    assert.equal(await runInvoke(commandOf(uri, name, "{}"), io), 130);
    assert.equal(io.stderr.text, "");
    gate.resolve("1");
  });

  test("ends with 130 while it waits for a broker", async () => {
    const io = memoryIo();
    const uri = `amqp://127.0.0.1:${await closedPort()}?connection_attempts=9&retry_delay=600`;
    const running = runInvoke(commandOf(uri, "f", "{}"), io);
    await waitFor(() => io.stderr.text.includes("attempt 1 of 9"));
    io.controller.abort();
    assert.equal(await running, 130);
  });
});
