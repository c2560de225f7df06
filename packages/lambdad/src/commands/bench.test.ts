import assert from "node:assert/strict";
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { createServer as createTcpServer, type AddressInfo, type Socket } from "node:net";
import { describe, test } from "node:test";
import type { BenchReport } from "../bench/bench-report.ts";
import type { BenchCommand } from "../cli/command.ts";
import { parseArguments } from "../cli/parse-arguments.ts";
import { closedPort, eventMessage, memoryIo, startEndpoint } from "../testdata/command-fixture.ts";
import { runBench } from "./bench.ts";

function commandOf(url: string, ...argv: readonly string[]): BenchCommand {
  const command = parseArguments(["bench", "--endpoint-url", url, ...argv], {});
  assert.equal(command.kind, "bench");
  return command;
}

/** Runs a bench with `--json` and returns its exit code and its report. */
async function bench(
  url: string,
  ...argv: readonly string[]
): Promise<{ readonly code: number; readonly report: BenchReport }> {
  const io = memoryIo();
  const code = await runBench(commandOf(url, "--json", ...argv), io);
  assert.equal(io.stderr.text, "");
  assert.match(io.stdout.text, /^\{[^\n]+\}\n$/);
  const report: BenchReport = JSON.parse(io.stdout.text);
  return { code, report };
}

describe("runBench()", () => {
  test("makes exactly so many calls, each with the payload", async (t) => {
    const { url, requests } = await startEndpoint(t, (_, response) => response.end("[12]"));
    const { code, report } = await bench(
      url,
      "--callers=4",
      "--count=50",
      "--payload",
      '{"a":1}',
      "my-fn",
    );
    assert.equal(code, 0);
    assert.equal(requests.length, 50);
    for (const { method, url: path, body } of requests) {
      assert.equal(`${method} ${path}`, "POST /2015-03-31/functions/my-fn/invocations");
      assert.equal(body.toString(), '{"a":1}');
    }
    const { calls, returned, bytesReceived, end, callers, payloadBytes, statuses } = report;
    assert.deepEqual(
      { calls, returned, bytesReceived, end, callers, payloadBytes, statuses },
      {
        calls: 50,
        returned: 50,
        bytesReceived: 200,
        end: "count",
        callers: 4,
        payloadBytes: 7,
        statuses: { 200: 50 },
      },
    );
    assert.ok(report.latencyMs.min <= report.latencyMs.p50);
    assert.ok(report.latencyMs.p50 <= report.latencyMs.max);
  });

  for (const [callers, count, inFlight] of [
    [3, 60, 3],
    [100, 2, 2],
  ] as const) {
    test(`has ${inFlight} calls in flight with ${callers} callers and ${count} calls`, async (t) => {
      let waiting: ServerResponse[] = [];
      let waitingMax = 0;
      // Answers only when so many wait: with fewer it would stand still.
      const { url } = await startEndpoint(t, (_, response) => {
        waiting.push(response);
        waitingMax = Math.max(waitingMax, waiting.length);
        if (waiting.length < inFlight) return;
        const answered = waiting;
        waiting = [];
        setImmediate(() => {
          for (const each of answered) each.end("1");
        });
      });
      const { report } = await bench(url, `--callers=${callers}`, `--count=${count}`, "f");
      assert.equal(report.calls, count);
      assert.equal(waitingMax, inFlight);
    });
  }

  for (const size of [0, 1, 2, 100_000]) {
    test(`--payload-size ${size} sends a payload of exactly that size`, async (t) => {
      const { url, requests } = await startEndpoint(t, (_, response) => response.end());
      await bench(url, "--count=1", `--payload-size=${size}`, "f");
      const body = requests[0]?.body ?? assert.fail("no request");
      assert.equal(body.byteLength, size);
      if (size > 0) assert.doesNotThrow(() => JSON.parse(body.toString()));
    });
  }

  test("ends after its duration, and lets the calls in flight end", async (t) => {
    const { url, requests } = await startEndpoint(t, (_, response) => response.end("1"));
    const { code, report } = await bench(url, "--callers=2", "--duration=0.1", "f");
    assert.equal(code, 0);
    assert.equal(report.end, "duration");
    assert.equal(report.calls, requests.length);
    assert.equal(report.returned, report.calls);
  });

  test("counts function errors apart from host errors, and ends with 1", async (t) => {
    let call = 0;
    const { url } = await startEndpoint(t, (_, response) => {
      call += 1;
      if (call % 4 === 0) response.writeHead(200, { "x-amz-function-error": "Unhandled" });
      if (call % 4 === 1) {
        response.writeHead(429, { "x-amzn-errortype": "TooManyRequestsException" });
      }
      if (call % 4 === 2) response.writeHead(500);
      response.end("{}");
    });
    const { code, report } = await bench(url, "--count=40", "f");
    assert.equal(code, 1);
    assert.equal(report.returned, 10);
    assert.equal(report.functionErrors, 10);
    assert.equal(report.hostErrors, 20);
    assert.deepEqual(report.hostErrorsByReason, { TooManyRequestsException: 10, "HTTP 500": 10 });
    assert.deepEqual(report.statuses, { 200: 20, 429: 10, 500: 10 });
  });

  test("ends with 3 when no call reached the function", async (t) => {
    const { url } = await startEndpoint(t, (_, response) => response.writeHead(404).end());
    const { code, report } = await bench(url, "--count=3", "f");
    assert.equal(code, 3);
    assert.equal(report.hostErrors, 3);
  });

  test("ends at once with 3 and one line when nothing listens", async () => {
    const io = memoryIo();
    const url = `http://127.0.0.1:${await closedPort()}`;
    assert.equal(await runBench(commandOf(url, "--callers=8", "f"), io), 3);
    assert.equal(io.stdout.text, "");
    assert.match(
      io.stderr.text,
      /^Cannot reach 'f' at http:[^\n]+connection refused\. Is [^\n]+\n$/,
    );
  });

  test("connects again after a response that closes, and after one that breaks off", async (t) => {
    let call = 0;
    const { url } = await startEndpoint(t, (_, response) => {
      call += 1;
      if (call === 2) response.writeHead(200, { connection: "close" });
      if (call === 3) {
        response.writeHead(200, { "content-length": 10 });
        response.write("abc", () => response.destroy());
        return;
      }
      response.end("1");
    });
    const { code, report } = await bench(url, "--count=5", "f");
    assert.equal(code, 1);
    assert.equal(report.returned, 4);
    assert.equal(report.hostErrors, 1);
  });

  test("counts a call without a response in time as failed", async (t) => {
    let call = 0;
    const { url } = await startEndpoint(t, (_, response) => {
      call += 1;
      if (call !== 2) response.end("1");
    });
    const { code, report } = await bench(url, "--count=3", "--timeout=1", "f");
    assert.equal(code, 1);
    assert.deepEqual(report.hostErrorsByReason, { TimeoutError: 1 });
  });

  test("says that what answers is no HTTP", async (t) => {
    const server = createTcpServer((socket: Socket) => {
      socket.on("error", () => {});
      socket.end("SSH-2.0-X\r\n\r\n");
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    t.after(() => server.close());
    const { port } = server.address() as AddressInfo;
    const io = memoryIo();
    assert.equal(await runBench(commandOf(`http://127.0.0.1:${port}`, "f"), io), 3);
    assert.match(io.stderr.text, /not HTTP\/1\.1/);
  });

  test("ends early on Ctrl-C and prints what it has", async (t) => {
    const io = memoryIo();
    let call = 0;
    const { url } = await startEndpoint(t, (_, response) => {
      call += 1;
      if (call === 10) io.controller.abort();
      else response.end("1");
    });
    assert.equal(await runBench(commandOf(url, "--duration=600", "f"), io), 0);
    assert.match(io.stdout.text, /Calls +9 in \d+\.\d\d s, ended early\n/);
  });

  test("prints a table, and draws its progress on a terminal only", async (t) => {
    const { url } = await startEndpoint(t, (_, response) => response.end("1"));
    const terminal = memoryIo({ isTTY: true });
    assert.equal(await runBench(commandOf(url, "--count=5", "f"), terminal), 0);
    assert.match(terminal.stderr.text, /^\r\[ +\] {2}0% 0 calls/);
    assert.ok(terminal.stderr.text.endsWith("\r\u001b[K"));
    assert.match(terminal.stdout.text, /^Function +f at http:[^]*Latency in ms/);
    const pipe = memoryIo();
    assert.equal(await runBench(commandOf(url, "--count=5", "f"), pipe), 0);
    assert.equal(pipe.stderr.text, "");
  });

  test("ends with 2 when the payload cannot be read", async () => {
    const io = memoryIo();
    const command = commandOf("http://127.0.0.1:1", "--payload-file=no/such/file", "f");
    assert.equal(await runBench(command, io), 2);
    assert.equal(io.stderr.text, "Cannot read payload 'no/such/file': no such file\n");
  });

  test("--stream reads the end of each stream", async (t) => {
    const event = { ":message-type": "event" };
    let call = 0;
    const { url, requests } = await startEndpoint(t, (_, response) => {
      call += 1;
      response.writeHead(200, { "content-type": "application/vnd.amazon.eventstream" });
      response.write(eventMessage({ ...event, ":event-type": "PayloadChunk" }, "abc"));
      const members = call === 2 ? { ErrorCode: "Unhandled" } : {};
      if (call === 3) return response.end();
      const complete = { ...event, ":event-type": "InvokeComplete" };
      return response.end(eventMessage(complete, JSON.stringify(members)));
    });
    const { code, report } = await bench(url, "--stream", "--count=4", "f");
    assert.equal(code, 1);
    assert.match(requests[0]?.url ?? "", /response-streaming-invocations$/);
    assert.equal(report.returned, 2);
    assert.equal(report.functionErrors, 1);
    assert.deepEqual(report.hostErrorsByReason, { TruncatedStream: 1 });
  });
});
