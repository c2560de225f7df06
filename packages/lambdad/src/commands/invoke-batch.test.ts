import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { InvokeCommand } from "../cli/command.ts";
import { parseArguments } from "../cli/parse-arguments.ts";
import { closedPort, memoryIo, startEndpoint } from "../testdata/command-fixture.ts";
import { runInvoke } from "./invoke.ts";

function commandOf(url: string, ...argv: readonly string[]): InvokeCommand {
  const command = parseArguments(["invoke", "--endpoint-url", url, "--batch=-", ...argv], {});
  assert.equal(command.kind, "invoke");
  return command;
}

function linesOf(count: number): string {
  return Array.from({ length: count }, (_, i) => `{"Payload":{"i":${i}}}`).join("\n");
}

describe("runInvoke() with --batch", () => {
  test("writes the results in the order of the calls, whatever the order of the answers", async (t) => {
    let inFlight = 0;
    let most = 0;
    const { url } = await startEndpoint(t, (request, response) => {
      most = Math.max(most, ++inFlight);
      const { i } = JSON.parse(request.body.toString()) as { i: number };
      setTimeout(
        () => {
          inFlight--;
          response.end(JSON.stringify({ answer: i }));
        },
        i % 3 === 0 ? 20 : 0,
      );
    });
    const io = memoryIo({ input: linesOf(50) });
    assert.equal(await runInvoke(commandOf(url, "--concurrency=7", "f"), io), 0);
    const results = io.stdout.bytes.toString().trim().split("\n");
    assert.deepEqual(
      results.map((line) => (JSON.parse(line) as { Payload: { answer: number } }).Payload.answer),
      Array.from({ length: 50 }, (_, i) => i),
    );
    assert.ok(most > 1 && most <= 7, `${most} at once`);
  });

  test("ends with 1 when a function failed, and writes its error", async (t) => {
    const { url } = await startEndpoint(t, (request, response) => {
      if (request.body.toString().includes("1")) {
        response.setHeader("x-amz-function-error", "Unhandled");
      }
      response.end("oops");
    });
    const io = memoryIo({ input: linesOf(2) });
    assert.equal(await runInvoke(commandOf(url, "f"), io), 1);
    assert.deepEqual(
      io.stdout.bytes
        .toString()
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown),
      [
        { StatusCode: 200, Payload: "oops" },
        { StatusCode: 200, FunctionError: "Unhandled", Payload: "oops" },
      ],
    );
    assert.match(
      io.stderr.bytes.toString(),
      /2 calls: 1 functions failed, 0 calls were not answered/,
    );
  });

  test("ends the rest with the first call that is not answered", async (t) => {
    const { url, requests } = await startEndpoint(t, (request, response) => {
      if (request.body.toString().includes('"i":3}')) {
        response.statusCode = 404;
        response.setHeader("x-amzn-errortype", "ResourceNotFoundException");
        response.end('{"Message":"no such function"}');
      } else response.end("{}");
    });
    const io = memoryIo({ input: linesOf(200) });
    assert.equal(await runInvoke(commandOf(url, "--concurrency=2", "f"), io), 3);
    assert.match(io.stderr.bytes.toString(), /no such function.*--keep-going/);
    assert.ok(requests.length < 200);
  });

  test("makes every call with --keep-going", async (t) => {
    const { url } = await startEndpoint(t, (request, response) => {
      response.statusCode = request.body.toString().includes('"i":1}') ? 404 : 200;
      response.end("{}");
    });
    const io = memoryIo({ input: linesOf(3) });
    assert.equal(await runInvoke(commandOf(url, "--keep-going", "f"), io), 3);
    const results = io.stdout.bytes
      .toString()
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(
      results.map((result) => "Error" in result),
      [false, true, false],
    );
  });

  test("says where nobody listens", async () => {
    const url = `http://127.0.0.1:${await closedPort()}`;
    const io = memoryIo({ input: linesOf(1) });
    assert.equal(await runInvoke(commandOf(url, "f"), io), 3);
    assert.match(io.stderr.bytes.toString(), /ECONNREFUSED|refused/);
  });

  for (const argv of [
    ["--batch=x", "f", "{}"],
    ["--batch=x", "--stream", "f"],
    ["--batch=x", "--log", "f"],
    ["--batch=x", "--amqp-uri=amqp://h", "f"],
    ["--concurrency=2", "f"],
    ["--keep-going", "f"],
  ]) {
    test(`is refused as in '${argv.join(" ")}'`, () => {
      assert.throws(() => parseArguments(["invoke", ...argv], {}), /--batch/);
    });
  }
});
