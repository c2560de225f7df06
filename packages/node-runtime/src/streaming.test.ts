import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { failed, streamed } from "./testdata/answers.ts";
import { startFakeChannelHost } from "./testdata/fake-channel-host.ts";
import { transports } from "./testdata/transports.ts";

const streaming = (body: string): string =>
  `const { pipeline } = require("node:stream/promises");
  const { Readable } = require("node:stream");
  exports.handler = awslambda.streamifyResponse(async (event, stream, context) => {${body}});`;

const preludeType = "application/vnd.awslambda.http-integration-response";
const octets = "application/octet-stream";

const answers: readonly (readonly [
  how: string,
  body: string,
  contentType: string,
  text: string,
])[] = [
  ["writes and ends", "stream.write('a'); stream.write('b'); stream.end()", octets, "ab"],
  ["ends with the only piece", "stream.end('only')", octets, "only"],
  ["ends without a byte", "stream.end()", octets, ""],
  [
    "sets a content type",
    "stream.setContentType('text/plain'); stream.end('x')",
    "text/plain",
    "x",
  ],
  ["writes bytes", "stream.end(new Uint8Array([104, 105]))", octets, "hi"],
  ["writes an object", "stream.write({ a: 1 }); stream.end({ b: 2 })", octets, '{"a":1}{"b":2}'],
  ["uses pipeline", "await pipeline(Readable.from(['p', 'q']), stream)", octets, "pq"],
  ["pipes without waiting", "Readable.from(['r', 's']).pipe(stream)", octets, "rs"],
  [
    "writes later",
    "await new Promise((resolve) => setTimeout(resolve, 5)); stream.end('later')",
    octets,
    "later",
  ],
  [
    "sends a prelude",
    `const http = awslambda.HttpResponseStream.from(stream, { statusCode: 201, cookies: ["a=1"] });
       http.write("body"); http.end()`,
    preludeType,
    `{"statusCode":201,"cookies":["a=1"]}${"\0".repeat(8)}body`,
  ],
  [
    "sends a prelude and its only piece with end",
    'awslambda.HttpResponseStream.from(stream, { statusCode: 200 }).end("body")',
    preludeType,
    `{"statusCode":200}${"\0".repeat(8)}body`,
  ],
  [
    "sends a prelude without a body",
    "awslambda.HttpResponseStream.from(stream, { statusCode: 204 }).end()",
    preludeType,
    `{"statusCode":204}${"\0".repeat(8)}`,
  ],
  ["takes the members of context", "stream.end(context.functionName)", octets, "my-fn"],
];

for (const { name, start } of transports) {
  describe(`over ${name}`, () => {
    for (const [how, body, contentType, text] of answers) {
      test(`a streaming handler ${how}`, async (t) => {
        const host = await start(t, { "index.cjs": streaming(body) });
        for (const turn of ["first", "second"]) {
          const answer = streamed(await host.invoke("{}"));
          assert.deepEqual(
            [answer.contentType, answer.body.toString(), answer.error],
            [contentType, text, undefined],
            turn,
          );
        }
      });
    }

    test("RT-20: a stream that breaks off says why, and the next event is served", async (t) => {
      const source = streaming(`
        stream.write("begun");
        if (event.fail) throw new TypeError("broke off");
        stream.end();`);
      const host = await start(t, { "index.cjs": source });
      const broken = streamed(await host.invoke('{"fail":true}'));
      assert.equal(broken.body.toString(), "begun");
      assert.deepEqual(
        [broken.error?.errorType, broken.error?.errorMessage],
        ["TypeError", "broke off"],
      );
      assert.match(host.output(), /\tERROR\tInvoke Error \t\{"errorType":"TypeError"/);
      assert.equal(streamed(await host.invoke("{}")).error, undefined);
    });

    test("RT-20: a source that fails in a pipeline breaks the stream off", async (t) => {
      const source = streaming(`
        async function* pieces() { yield "one"; throw new RangeError("source failed"); }
        await pipeline(Readable.from(pieces()), stream);`);
      const host = await start(t, { "index.cjs": source });
      const { body, error } = streamed(await host.invoke("{}"));
      assert.equal(body.toString(), "one");
      assert.deepEqual([error?.errorType, error?.errorMessage], ["RangeError", "source failed"]);
    });

    test("RT-20: a stream that the function destroys breaks off", async (t) => {
      const source = streaming('stream.write("a"); stream.destroy(new Error("destroyed"))');
      const host = await start(t, { "index.cjs": source });
      assert.equal(streamed(await host.invoke("{}")).error?.errorMessage, "destroyed");
    });

    test("RT-20: an exception in a timer breaks the stream off, then ends the process", async (t) => {
      const source = streaming(`
        stream.write("a");
        setTimeout(() => { throw new Error("in a timer") }, 5);
        await new Promise(() => {});`);
      const host = await start(t, { "index.cjs": source });
      const { error } = streamed(await host.invoke("{}"));
      assert.equal(error?.errorMessage, "in a timer");
      assert.equal((await host.exited).code, 129);
    });

    for (const [what, source, errorMessage] of [
      ["throws before the first byte", streaming("throw new Error('early')"), "early"],
      [
        "is not async",
        "exports.handler = awslambda.streamifyResponse((event, stream) => { return 1 });",
        "Streaming does not support non-async handlers.",
      ],
      [
        "destroys the stream before the first byte",
        streaming("stream.destroy()"),
        "Response stream is not finished.",
      ],
      [
        "sets the content type too late",
        streaming("stream.cork(); stream.write('a'); stream.setContentType('text/plain')"),
        "Cannot set content-type, too late.",
      ],
    ] as const) {
      test(`RT-1: a streaming handler that ${what} fails as any other`, async (t) => {
        const host = await start(t, { "index.cjs": source });
        assert.equal(failed(await host.invoke("{}")).errorMessage, errorMessage);
        assert.equal(failed(await host.invoke("{}")).errorMessage, errorMessage);
      });
    }

    test("a streaming handler that returns a value is warned", async (t) => {
      const host = await start(t, { "index.cjs": streaming('stream.end("x"); return 5') });
      streamed(await host.invoke("{}"));
      streamed(await host.invoke("{}"));
      assert.match(host.output(), /\tWARN\tStreaming handlers ignore return values\.\n/);
    });

    test("highWaterMark of streamifyResponse is the stream's", async (t) => {
      const source = `exports.handler = awslambda.streamifyResponse(
        async (event, stream) => { stream.end(String(stream.writableHighWaterMark)) },
        { highWaterMark: 1234 });`;
      const host = await start(t, { "index.cjs": source });
      assert.equal(streamed(await host.invoke("{}")).body.toString(), "1234");
    });

    test("a host that holds the stream back stops the function, and loses nothing", async (t) => {
      const total = 24 * 1024 * 1024;
      const source = streaming(`
        const { once } = require("node:events");
        const piece = Buffer.alloc(65536, "x");
        for (let sent = 0; sent < ${total}; sent += piece.length) {
          if (sent === ${total / 2}) console.log("half");
          if (!stream.write(piece)) await once(stream, "drain");
        }
        stream.end();`);
      const host = await start(t, { "index.cjs": source });
      let held = false;
      let outputWhileHeld = "";
      const answer = await host.invoke("{}", {
        onChunk: (_chunk, flow) => {
          if (held) return;
          held = true;
          flow.pause();
          // Long enough for a function that is not held back to get past its half.
          setTimeout(() => {
            outputWhileHeld = host.output();
            flow.resume();
          }, 200);
        },
      });
      assert.equal(streamed(answer).body.length, total);
      assert.equal(outputWhileHeld, "");
      assert.match(host.output(), /half/);
    });
  });
}

// Over HTTP the open request keeps the event loop busy, as with AWS's runtime: the deadline ends it.
test("a stream that nobody ends breaks off when the event loop is empty, over the channel", async (t) => {
  const host = await startFakeChannelHost(t, { "index.cjs": streaming('stream.write("a")') });
  const { body, error } = streamed(await host.invoke("{}"));
  assert.equal(body.toString(), "a");
  assert.equal(error?.errorMessage, "Response stream is not finished.");
});

test("a stream that its host holds back does not count as an empty event loop, over the channel", async (t) => {
  const source = streaming(`
    const { once } = require("node:events");
    stream.write("first");
    while (stream.write("x".repeat(16_384))) await new Promise((resolve) => setImmediate(resolve));
    await once(stream, "drain");
    stream.end("last");`);
  const host = await startFakeChannelHost(t, { "index.cjs": source });
  let held = false;
  const answer = await host.invoke("{}", {
    onChunk: (_chunk, flow) => {
      if (held) return;
      held = true;
      flow.pause();
      // Long enough for the function to have nothing else to do.
      setTimeout(() => flow.resume(), 100);
    },
  });
  const { body, error } = streamed(answer);
  assert.deepEqual([body.subarray(-4).toString(), error], ["last", undefined]);
});
