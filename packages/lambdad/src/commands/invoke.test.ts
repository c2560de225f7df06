import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer as createTcpServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { PassThrough, Writable } from "node:stream";
import { describe, test } from "node:test";
import type { InvokeCommand } from "../cli/command.ts";
import { parseArguments } from "../cli/parse-arguments.ts";
import { closedPort, eventMessage, memoryIo, startEndpoint } from "../testdata/command-fixture.ts";
import { runInvoke } from "./invoke.ts";

function commandOf(url: string, ...argv: readonly string[]): InvokeCommand {
  const command = parseArguments(["invoke", "--endpoint-url", url, ...argv], {});
  assert.equal(command.kind, "invoke");
  return command;
}

const functionFailed = { "x-amz-function-error": "Unhandled", "x-amz-executed-version": "$LATEST" };

describe("runInvoke() sends", () => {
  test("the payload, and what the options say", async (t) => {
    const { url, requests } = await startEndpoint(t, (_, response) => response.end("{}"));
    const command = commandOf(
      url,
      "--qualifier=7",
      "--log",
      '--client-context={"a":1}',
      "my-fn",
      '{"x":1}',
    );
    assert.equal(await runInvoke(command, memoryIo()), 0);
    const [request] = requests;
    assert.equal(request?.method, "POST");
    assert.equal(request.url, "/2015-03-31/functions/my-fn/invocations?Qualifier=7");
    assert.equal(request.body.toString(), '{"x":1}');
    assert.equal(request.headers["content-length"], "7");
    assert.equal(request.headers["x-amz-log-type"], "Tail");
    assert.equal(request.headers["x-amz-client-context"], "eyJhIjoxfQ==");
    assert.equal(request.headers["transfer-encoding"], undefined);
  });

  test("what is piped in", async (t) => {
    const { url, requests } = await startEndpoint(t, (_, response) => response.end());
    assert.equal(await runInvoke(commandOf(url, "f"), memoryIo({ input: "[1]" })), 0);
    assert.equal(await runInvoke(commandOf(url, "f", "-"), memoryIo({ input: "[2]" })), 0);
    assert.deepEqual(
      requests.map(({ body }) => body.toString()),
      ["[1]", "[2]"],
    );
  });

  test("nothing from a terminal, and does not wait for it", async (t) => {
    const { url, requests } = await startEndpoint(t, (_, response) => response.end());
    assert.equal(await runInvoke(commandOf(url, "f"), memoryIo()), 0);
    assert.equal(requests[0]?.headers["content-length"], "0");
  });

  test("the content of a file", async (t) => {
    const { url, requests } = await startEndpoint(t, (_, response) => response.end());
    const file = new URL("../../package.json", import.meta.url).pathname;
    assert.equal(await runInvoke(commandOf(url, "f", `@${file}`), memoryIo()), 0);
    assert.match(requests[0]?.body.toString() ?? "", /"name": "lambdad"/);
  });

  for (const [type, status] of [
    ["Event", 202],
    ["DryRun", 204],
  ] as const) {
    test(`the type ${type}, and ends with 0 on ${status}`, async (t) => {
      const { url, requests } = await startEndpoint(t, (_, response) => {
        response.writeHead(status).end();
      });
      const io = memoryIo();
      assert.equal(await runInvoke(commandOf(url, "--type", type, "f", "{}"), io), 0);
      assert.equal(requests[0]?.headers["x-amz-invocation-type"], type);
      assert.equal(io.stdout.text, "");
      assert.equal(io.stderr.text, "");
    });
  }
});

describe("runInvoke() prints", () => {
  test("the response byte for byte, in pieces as it comes", async (t) => {
    const bytes = Buffer.from([0, 255, 10, 13, 128]);
    const { url } = await startEndpoint(t, (_, response) => {
      response.write(bytes);
      response.end(Buffer.alloc(300_000, 7));
    });
    const io = memoryIo();
    assert.equal(await runInvoke(commandOf(url, "f", "{}"), io), 0);
    assert.deepEqual(io.stdout.bytes, Buffer.concat([bytes, Buffer.alloc(300_000, 7)]));
    assert.equal(io.stderr.text, "");
  });

  test("an empty response as nothing", async (t) => {
    const { url } = await startEndpoint(t, (_, response) => response.end());
    const io = memoryIo();
    assert.equal(await runInvoke(commandOf(url, "f", "{}"), io), 0);
    assert.equal(io.stdout.bytes.byteLength, 0);
  });

  test("a function error with exit code 1: body on standard output, one line beside it", async (t) => {
    const body = '{"errorType":"TypeError","errorMessage":"no\\n\\u001b[31mred"}';
    const { url } = await startEndpoint(t, (_, response) => {
      response.writeHead(200, functionFailed).end(body);
    });
    const io = memoryIo();
    assert.equal(await runInvoke(commandOf(url, "f", "{}"), io), 1);
    assert.equal(io.stdout.text, body);
    assert.equal(io.stderr.text, "The function failed: TypeError: no ?[31mred\n");
  });

  test("a function error whose body is no JSON", async (t) => {
    const { url } = await startEndpoint(t, (_, response) => {
      response.writeHead(200, functionFailed).end("oops");
    });
    const io = memoryIo();
    assert.equal(await runInvoke(commandOf(url, "f", "{}"), io), 1);
    assert.equal(io.stderr.text, "The function failed: Unhandled oops\n");
  });

  test("the log tail on standard error, before the error", async (t) => {
    const log = "START\nhello\nEND\nREPORT\n";
    const { url } = await startEndpoint(t, (_, response) => {
      const result = Buffer.from(log).toString("base64");
      response.writeHead(200, { ...functionFailed, "x-amz-log-result": result }).end("{}");
    });
    const io = memoryIo();
    assert.equal(await runInvoke(commandOf(url, "--log", "f", "{}"), io), 1);
    assert.equal(io.stderr.text, `${log}The function failed: Unhandled {}\n`);
  });

  test("a newline beside the response on a terminal, and never in it", async (t) => {
    const { url } = await startEndpoint(t, (_, response) => response.end("null"));
    const io = memoryIo({ isTTY: true });
    assert.equal(await runInvoke(commandOf(url, "f", "{}"), io), 0);
    assert.equal(io.stdout.text, "null");
    assert.equal(io.stderr.text, "\n");
  });
});

describe("runInvoke() with a streamed response", () => {
  const event = { ":message-type": "event", ":content-type": "application/json" };
  const piece = (text: string): Buffer =>
    eventMessage({ ...event, ":event-type": "PayloadChunk" }, text);
  const complete = (members: object): Buffer =>
    eventMessage({ ...event, ":event-type": "InvokeComplete" }, JSON.stringify(members));

  for (const [name, messages, expected] of [
    ["writes the pieces", [piece("a"), piece("b\n"), complete({})], [0, "ab\n", ""]],
    [
      "reports an error after the first byte",
      [
        piece("a"),
        complete({ ErrorCode: "Unhandled", ErrorDetails: '{"errorType":"E","errorMessage":"m"}' }),
      ],
      [1, "a", "The function failed: E: m\n"],
    ],
    [
      "writes the log tail",
      [complete({ LogResult: Buffer.from("log\n").toString("base64") })],
      [0, "", "log\n"],
    ],
    [
      "reports an exception as a host error",
      [
        eventMessage(
          { ":message-type": "exception", ":exception-type": "ServiceException" },
          '{"message":"gone"}',
        ),
      ],
      [3, "", "ServiceException: gone"],
    ],
    ["reports a stream without an end", [piece("a")], [3, "a", "ended without InvokeComplete"]],
    ["reports bytes that are no stream", [Buffer.from("<html></html>")], [3, "", "event stream"]],
  ] as const) {
    test(name, async (t) => {
      const { url, requests } = await startEndpoint(t, (_, response) => {
        response.writeHead(200, { "content-type": "application/vnd.amazon.eventstream" });
        for (const message of messages) response.write(message);
        response.end();
      });
      const io = memoryIo();
      const [code, stdout, stderr] = expected;
      assert.equal(await runInvoke(commandOf(url, "--stream", "f", "{}"), io), code);
      assert.match(requests[0]?.url ?? "", /response-streaming-invocations$/);
      assert.equal(io.stdout.text, stdout);
      assert.ok(stderr === "" ? io.stderr.text === "" : io.stderr.text.includes(stderr));
    });
  }

  test("writes a piece before the next one has come", async (t) => {
    const first = Promise.withResolvers<void>();
    const { url } = await startEndpoint(t, (_, response) => {
      response.writeHead(200, { "content-type": "application/vnd.amazon.eventstream" });
      response.write(piece("first"));
      void first.promise.then(() => response.end(complete({})));
    });
    const io = memoryIo();
    const stdout = new PassThrough();
    const running = runInvoke(commandOf(url, "--stream", "f", "{}"), { ...io, stdout });
    const [chunk] = await once(stdout, "data");
    assert.equal(String(chunk), "first");
    first.resolve();
    assert.equal(await running, 0);
  });
});

describe("runInvoke() when the function was not run", () => {
  for (const [status, type, body, expected] of [
    [
      404,
      "ResourceNotFoundException",
      '{"Message":"Function not found: x"}',
      /Function not found: x\. Check the name/,
    ],
    [
      429,
      "TooManyRequestsException",
      '{"message":"Rate Exceeded."}',
      /TooManyRequestsException: Rate Exceeded\. Try again later/,
    ],
    [
      413,
      "RequestTooLargeException",
      '{"message":"too large"}',
      /too large\. Send a smaller payload/,
    ],
    [503, "ServiceException", '{"Message":"draining"}', /ServiceException: draining\. Try again/],
    [502, undefined, "", /the endpoint answered with status 502/],
    [301, undefined, "moved", /moved/],
  ] as const) {
    test(`ends with 3 and one line on status ${status}`, async (t) => {
      const { url } = await startEndpoint(t, (_, response) => {
        response
          .writeHead(status, type === undefined ? {} : { "x-amzn-errortype": type })
          .end(body);
      });
      const io = memoryIo();
      assert.equal(await runInvoke(commandOf(url, "f", "{}"), io), 3);
      assert.equal(io.stdout.text, "");
      assert.match(io.stderr.text, /^Cannot invoke 'f' at http:\/\/127\.0\.0\.1:\d+: [^\n]+\n$/);
      assert.match(io.stderr.text, expected);
    });
  }

  test("ends with 3 and says what to type when nothing listens", async () => {
    const io = memoryIo();
    const url = `http://user:secret@127.0.0.1:${await closedPort()}`;
    assert.equal(await runInvoke(commandOf(url, "f", "{}"), io), 3);
    assert.match(
      io.stderr.text,
      /connection refused\. Is lambdad running there\? Type 'lambdad run/,
    );
    assert.doesNotMatch(io.stderr.text, /secret/);
  });

  test("ends with 3 when the connection is lost in the response", async (t) => {
    const { url } = await startEndpoint(t, (_, response) => {
      response.writeHead(200, { "content-length": 10 });
      response.write("abc", () => response.destroy());
    });
    const io = memoryIo();
    assert.equal(await runInvoke(commandOf(url, "f", "{}"), io), 3);
    assert.match(io.stderr.text, /closed before the response was complete/);
  });

  test("reads the refusal of an endpoint that closes before it has read the payload", async (t) => {
    const server = createTcpServer((socket: Socket) => {
      socket.on("error", () => {});
      socket.once("data", () => {
        socket.end("HTTP/1.1 413 X\r\nx-amzn-errortype: RequestTooLargeException\r\n\r\n{}");
        socket.resume();
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    t.after(() => server.close());
    const { port } = server.address() as AddressInfo;
    const io = memoryIo({ input: `"${"x".repeat(2_000_000)}"` });
    assert.equal(await runInvoke(commandOf(`http://127.0.0.1:${port}`, "f"), io), 3);
    assert.match(io.stderr.text, /RequestTooLargeException/);
  });

  test("ends with 3 when no response comes in time", async (t) => {
    const { url } = await startEndpoint(t, () => {});
    const io = memoryIo();
    assert.equal(await runInvoke(commandOf(url, "--timeout=0.05", "f", "{}"), io), 3);
    assert.match(io.stderr.text, /no response within 0\.05 s; .*Give a larger --timeout\n$/);
  });

  test("ends with 2 when the payload cannot be read", async () => {
    const io = memoryIo();
    assert.equal(await runInvoke(commandOf("http://127.0.0.1:1", "f", "@no/such/file"), io), 2);
    assert.equal(io.stderr.text, "Cannot read payload 'no/such/file': no such file\n");
  });
});

describe("runInvoke() ended from outside", () => {
  test("ends with 130 while it waits for the response", async (t) => {
    const io = memoryIo();
    const { url } = await startEndpoint(t, () => io.controller.abort());
    assert.equal(await runInvoke(commandOf(url, "f", "{}"), io), 130);
    assert.equal(io.stderr.text, "");
  });

  test("ends with 130 while it waits for standard input", async () => {
    const io = memoryIo({ input: new PassThrough() });
    const running = runInvoke(commandOf("http://127.0.0.1:1", "f", "-"), io);
    io.controller.abort();
    assert.equal(await running, 130);
  });

  test("ends with 141 and no word when the reader of standard output has gone", async (t) => {
    const { url } = await startEndpoint(t, (_, response) => {
      response.write(Buffer.alloc(1_000_000));
      response.write(Buffer.alloc(1_000_000));
    });
    const io = memoryIo();
    const stdout = new Writable({
      write: (_chunk, _encoding, done) =>
        done(Object.assign(new Error("EPIPE"), { code: "EPIPE" })),
    });
    assert.equal(await runInvoke(commandOf(url, "f", "{}"), { ...io, stdout }), 141);
    assert.equal(io.stderr.text, "");
  });
});
