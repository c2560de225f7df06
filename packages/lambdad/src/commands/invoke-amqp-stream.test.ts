import assert from "node:assert/strict";
import { once } from "node:events";
import { PassThrough } from "node:stream";
import { describe, test } from "node:test";
import { type InvokeResult, payloadOf } from "@lambdad/core";
import { waitFor } from "@lambdad/testkit";
import type { InvokeCommand } from "../cli/command.ts";
import { parseArguments } from "../cli/parse-arguments.ts";
import { type Answer, failed, queueName, startAmqpHost } from "../testdata/amqp-host.ts";
import { memoryIo } from "../testdata/command-fixture.ts";
import { runInvoke } from "./invoke.ts";

function commandOf(uri: string, ...argv: readonly string[]): InvokeCommand {
  const command = parseArguments(["invoke", "--stream", "--amqp-uri", uri, ...argv], {});
  assert.equal(command.kind, "invoke");
  return command;
}

const streamed: InvokeResult = {
  kind: "streamed",
  executedVersion: "$LATEST",
  logTail: undefined,
  error: undefined,
};

/** A function that answers in these pieces. */
function inPieces(pieces: readonly string[], result: InvokeResult = streamed): Answer {
  return (_, { stream }) => {
    assert.ok(stream !== undefined);
    stream.start("text/plain");
    for (const piece of pieces) stream.write(Buffer.from(piece));
    return result;
  };
}

describe("runInvoke() with --stream over AMQP", () => {
  const errorBody = '{"errorType":"E","errorMessage":"m"}';
  const error = { errorType: "E", payload: payloadOf(errorBody) };
  for (const [name, answer, expected] of [
    ["writes the pieces", inPieces(["a", "b\n"]), [0, "ab\n", ""]],
    [
      "reports an error after the first byte",
      inPieces(["a"], { ...streamed, error }),
      [1, "a", "The function failed: E: m\n"],
    ],
    [
      "writes the log tail",
      inPieces([], { ...streamed, logTail: Buffer.from("log\n") }),
      [0, "", "log\n"],
    ],
    [
      "writes the error body of a function that failed before",
      () => failed(errorBody),
      [1, errorBody, "The function failed: E: m\n"],
    ],
    ["writes the response of a host that does not stream", () => "[1]", [0, "[1]", ""]],
  ] satisfies readonly (readonly [string, Answer, readonly [number, string, string]])[]) {
    test(name, async (t) => {
      const { uri, name: queue } = await startAmqpHost(t, answer);
      const io = memoryIo();
      const [code, stdout, stderr] = expected;
      assert.equal(await runInvoke(commandOf(uri, "--log", queue, "{}"), io), code);
      assert.equal(io.stdout.text, stdout);
      assert.equal(io.stderr.text, stderr);
    });
  }

  test("writes a piece before the next one has come", async (t) => {
    const gate = Promise.withResolvers<void>();
    const { uri, name } = await startAmqpHost(t, async (_, { stream }) => {
      stream?.start("text/plain");
      stream?.write(Buffer.from("first"));
      await gate.promise;
      return streamed;
    });
    const stdout = new PassThrough();
    const running = runInvoke(commandOf(uri, name, "{}"), { ...memoryIo(), stdout });
    const [chunk] = await once(stdout, "data");
    assert.equal(String(chunk), "first");
    gate.resolve();
    assert.equal(await running, 0);
  });

  test("carries a large response whole, as fast as it is read", async (t) => {
    const piece = Buffer.alloc(1_048_576, "x");
    const { uri, name } = await startAmqpHost(t, async (_, { stream }) => {
      stream?.start("text/plain");
      for (let count = 0; count < 12; count += 1) {
        if (stream?.write(piece) === false) {
          await new Promise<void>((resolve) => stream.onDrain(resolve));
        }
      }
      return streamed;
    });
    const stdout = new PassThrough();
    const running = runInvoke(commandOf(uri, name, "{}"), { ...memoryIo(), stdout });
    let received = 0;
    stdout.on("data", ({ byteLength }: Buffer) => (received += byteLength));
    assert.equal(await running, 0);
    assert.equal(received, 12 * piece.byteLength);
  });

  test("ends with 3 when the rest does not come in time", async (t) => {
    const gate = Promise.withResolvers<string>();
    const { uri, name } = await startAmqpHost(t, async (_, { stream }) => {
      stream?.start("text/plain");
      stream?.write(Buffer.from("first"));
      return gate.promise;
    });
    const io = memoryIo();
    assert.equal(await runInvoke(commandOf(uri, "--timeout=2", name, "{}"), io), 3);
    assert.equal(io.stdout.text, "first");
    assert.match(io.stderr.text, /no response within 2 s; .*Give a larger --timeout\n$/);
    gate.resolve("1");
  });

  test("ends with 130 while the response comes", async (t) => {
    const io = memoryIo();
    const gate = Promise.withResolvers<string>();
    const { uri, name } = await startAmqpHost(t, async (_, { stream }) => {
      stream?.start("text/plain");
      stream?.write(Buffer.from("first"));
      return gate.promise;
    });
    const running = runInvoke(commandOf(uri, name, "{}"), io);
    await waitFor(() => io.stdout.text === "first");
    io.controller.abort();
    assert.equal(await running, 130);
    assert.equal(io.stderr.text, "");
    gate.resolve("1");
  });

  test("ends with 3 when there is no queue of that name (AM-10)", async (t) => {
    const { uri } = await startAmqpHost(t, () => "1");
    const io = memoryIo();
    assert.equal(await runInvoke(commandOf(uri, queueName(), "{}"), io), 3);
    assert.equal(io.stdout.text, "");
    assert.match(io.stderr.text, /ResourceNotFoundException: /);
  });
});
