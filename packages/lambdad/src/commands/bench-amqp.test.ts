import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { brokerUri } from "@lambdad/testkit";
import type { BenchReport } from "../bench/bench-report.ts";
import type { BenchCommand } from "../cli/command.ts";
import { parseArguments } from "../cli/parse-arguments.ts";
import { failed, queueName, startAmqpHost } from "../testdata/amqp-host.ts";
import { closedPort, memoryIo } from "../testdata/command-fixture.ts";
import { runBench } from "./bench.ts";

function commandOf(uri: string, ...argv: readonly string[]): BenchCommand {
  const command = parseArguments(["bench", "--amqp-uri", uri, ...argv], {});
  assert.equal(command.kind, "bench");
  return command;
}

async function bench(
  uri: string,
  ...argv: readonly string[]
): Promise<{ readonly code: number; readonly report: BenchReport }> {
  const io = memoryIo();
  const code = await runBench(commandOf(uri, "--json", ...argv), io);
  assert.equal(io.stderr.text, "");
  const report: BenchReport = JSON.parse(io.stdout.text);
  return { code, report };
}

describe("runBench() over AMQP", () => {
  test("makes exactly so many calls, each with the payload", async (t) => {
    const events = new Set<string>();
    const { uri, name, invocations } = await startAmqpHost(t, (event) => {
      events.add(event);
      return "[12]";
    });
    const { code, report } = await bench(
      uri,
      "--callers=8",
      "--count=200",
      '--payload={"a":1}',
      name,
    );
    assert.equal(code, 0);
    assert.equal(invocations.length, 200);
    assert.deepEqual([...events], ['{"a":1}']);
    const { endpoint, calls, returned, bytesReceived, end, callers, payloadBytes } = report;
    assert.match(endpoint, /^amqp:\/\/[\w.]+:\d+$/);
    assert.deepEqual(
      { calls, returned, bytesReceived, end, callers, payloadBytes },
      { calls: 200, returned: 200, bytesReceived: 800, end: "count", callers: 8, payloadBytes: 7 },
    );
    assert.ok(report.latencyMs.min <= report.latencyMs.p50);
  });

  test("has as many calls in flight as there are callers, on one connection", async (t) => {
    const callers = 300;
    let waiting: (() => void)[] = [];
    let waitingMax = 0;
    // Answers only when so many wait: with fewer it would stand still.
    const { uri, name } = await startAmqpHost(t, async () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push(resolve);
      waitingMax = Math.max(waitingMax, waiting.length);
      if (waiting.length === callers) {
        for (const release of waiting.splice(0)) release();
      }
      await promise;
      return "1";
    });
    const { report } = await bench(uri, `--callers=${callers}`, `--count=${3 * callers}`, name);
    assert.equal(report.returned, 3 * callers);
    assert.equal(waitingMax, callers);
    waiting = [];
  });

  test("counts function errors apart from host errors, and ends with 1", async (t) => {
    let call = 0;
    const { uri, name } = await startAmqpHost(t, () => {
      call += 1;
      return call % 2 === 0 ? failed('{"errorType":"E","errorMessage":"m"}') : "1";
    });
    const { code, report } = await bench(uri, "--count=40", name);
    assert.equal(code, 1);
    assert.equal(report.returned, 20);
    assert.equal(report.functionErrors, 20);
  });

  test("--stream takes responses piece by piece, and counts their bytes", async (t) => {
    const { uri, name } = await startAmqpHost(t, (_, { stream }) => {
      assert.ok(stream !== undefined);
      stream.start("text/plain");
      for (const piece of ["one,", "two"]) stream.write(Buffer.from(piece));
      return { kind: "streamed", executedVersion: "$LATEST", logTail: undefined, error: undefined };
    });
    const { code, report } = await bench(uri, "--stream", "--callers=4", "--count=20", name);
    assert.equal(code, 0);
    const { returned, bytesReceived, stream } = report;
    assert.deepEqual(
      { returned, bytesReceived, stream },
      { returned: 20, bytesReceived: 140, stream: true },
    );
  });

  test("ends with 3 when there is no queue of that name", async () => {
    const { code, report } = await bench(await brokerUri(), "--count=3", queueName());
    assert.equal(code, 3);
    assert.deepEqual(report.hostErrorsByReason, { ResourceNotFoundException: 3 });
    assert.deepEqual(report.statuses, { 404: 3 });
  });

  test("ends at once with 3 and one line when nothing listens", async () => {
    const io = memoryIo();
    const uri = `amqp://user:secret@127.0.0.1:${await closedPort()}`;
    assert.equal(await runBench(commandOf(uri, "--callers=8", "f"), io), 3);
    assert.equal(io.stdout.text, "");
    assert.match(io.stderr.text, /^Cannot reach 'f' at amqp:\/\/127[^\n]+ECONNREFUSED[^\n]+\n$/);
    assert.doesNotMatch(io.stderr.text, /secret/);
  });

  test("ends early on Ctrl-C and prints what it has", async (t) => {
    const io = memoryIo();
    const never = Promise.withResolvers<string>();
    let call = 0;
    const { uri, name } = await startAmqpHost(t, () => {
      call += 1;
      if (call < 10) return "1";
      io.controller.abort();
      return never.promise;
    });
    assert.equal(await runBench(commandOf(uri, "--duration=600", name), io), 0);
    assert.match(io.stdout.text, /Calls +9 in \d+\.\d\d s, ended early\n/);
    never.resolve("1");
  });

  test("--count draws the progress and the rate on a terminal", async (t) => {
    const { uri, name } = await startAmqpHost(t, () => "1");
    const io = memoryIo({ isTTY: true });
    assert.equal(await runBench(commandOf(uri, "--count=5", name), io), 0);
    assert.match(io.stderr.text, /^\r\[ +\] {2}0% 0 calls, 0\/s/);
    assert.ok(io.stderr.text.endsWith("\r\u001b[K"));
  });
});
