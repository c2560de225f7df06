import assert from "node:assert/strict";
import { once } from "node:events";
import { type IncomingMessage, request as httpRequest } from "node:http";
import { describe, test } from "node:test";
import {
  HostError,
  type InvokeResult,
  payloadOf,
  type ResponseStream,
  type StreamError,
} from "@lambdad/core";
import { waitFor } from "@lambdad/testkit";
import {
  failed,
  messagesOf,
  request,
  returned,
  startDoor,
  streamPath,
} from "./door-fixture.test.ts";

const MiB = 1_048_576;

function streamed(error?: StreamError, logTail?: Uint8Array): InvokeResult {
  return { kind: "streamed", error, executedVersion: "7", logTail };
}

function streamOf({ stream }: { readonly stream: ResponseStream | undefined }): ResponseStream {
  assert.ok(stream !== undefined);
  return stream;
}

describe("InvokeDoor streams", () => {
  test("the pieces as they come, and InvokeComplete once", async (t) => {
    const { connect, invoker } = await startDoor(t);
    const more = Promise.withResolvers<void>();
    invoker.script = async (invocation) => {
      const stream = streamOf(invocation);
      stream.start("text/plain");
      stream.write(Buffer.from("one"));
      await more.promise;
      stream.write(Buffer.from("two"));
      return streamed();
    };
    const connection = await connect();
    connection.send(request(streamPath));
    await waitFor(() => connection.pendingBytes > 300);
    more.resolve();
    const response = await connection.readResponse();
    assert.equal(response?.status, 200);
    assert.equal(response.headers["content-type"], "application/vnd.amazon.eventstream");
    assert.equal(response.headers["transfer-encoding"], "chunked");
    // Sent before the result is known: the version of the configuration.
    assert.equal(response.headers["x-amz-executed-version"], "$LATEST");
    assert.equal(response.headers["x-amzn-requestid"], invoker.invocations[0]?.requestId);
    assert.equal(response.headers["x-amzn-trace-id"], invoker.invocations[0]?.traceId);
    assert.equal(response.headers["x-amz-function-error"], undefined);
    assert.equal(response.complete, true);
    assert.deepEqual(messagesOf(response.body), [
      ["PayloadChunk", "one"],
      ["PayloadChunk", "two"],
      ["InvokeComplete", "{}"],
    ]);
  });

  test("the status as soon as the response starts", async (t) => {
    const { connect, invoker } = await startDoor(t);
    const more = Promise.withResolvers<void>();
    invoker.script = async (invocation) => {
      streamOf(invocation).start("text/plain");
      await more.promise;
      return streamed();
    };
    const connection = await connect();
    connection.send(request(streamPath));
    await waitFor(() => connection.pendingBytes > 0);
    more.resolve();
    const response = await connection.readResponse();
    assert.deepEqual(messagesOf(response?.body ?? Buffer.alloc(0)), [["InvokeComplete", "{}"]]);
  });

  const tail = Buffer.from("START\nEND\n");
  const log = tail.toString("base64");
  const body = '{"errorType":"E","errorMessage":"é"}';
  const details = JSON.stringify(body);
  const endings: readonly (readonly [
    string,
    InvokeResult,
    [string, string][],
    string | undefined,
  ])[] = [
    [
      "a response that was returned whole",
      returned("whole"),
      [
        ["PayloadChunk", "whole"],
        ["InvokeComplete", "{}"],
      ],
      undefined,
    ],
    ["an empty response", returned(""), [["InvokeComplete", "{}"]], undefined],
    [
      "the log tail",
      returned("1", tail),
      [
        ["PayloadChunk", "1"],
        ["InvokeComplete", `{"LogResult":"${log}"}`],
      ],
      undefined,
    ],
    [
      "an error before the first byte",
      failed(body, "Runtime.Unknown"),
      [
        ["PayloadChunk", body],
        ["InvokeComplete", `{"ErrorCode":"Unhandled","ErrorDetails":${details}}`],
      ],
      "Unhandled",
    ],
    [
      "an error after the start (RT-20)",
      streamed({ errorType: "Function.Late", payload: payloadOf(body) }, tail),
      [
        [
          "InvokeComplete",
          `{"ErrorCode":"Function.Late","ErrorDetails":${details},"LogResult":"${log}"}`,
        ],
      ],
      undefined,
    ],
  ];
  for (const [what, result, messages, functionError] of endings) {
    test(`${what} as AWS's clients read it`, async (t) => {
      const { connect, invoker } = await startDoor(t);
      invoker.script = () => result;
      const connection = await connect();
      connection.send(request(streamPath));
      const response = await connection.readResponse();
      assert.equal(response?.status, 200);
      assert.equal(response.headers["x-amz-function-error"], functionError);
      assert.deepEqual(messagesOf(response.body), messages);
      connection.send(request(streamPath));
      assert.equal((await connection.readResponse())?.status, 200);
    });
  }

  test("InvokeComplete also when the host fails after the start", async (t) => {
    const { send, invoker, failures } = await startDoor(t);
    invoker.script = (invocation) => {
      streamOf(invocation).write(Buffer.from("some"));
      throw new HostError("ServiceUnavailable", "The broker is away");
    };
    const response = await send(request(streamPath));
    assert.deepEqual(messagesOf(response.body), [
      ["PayloadChunk", "some"],
      [
        "InvokeComplete",
        JSON.stringify({
          ErrorCode: "ServiceException",
          ErrorDetails: '{"errorType":"ServiceException","errorMessage":"The broker is away"}',
        }),
      ],
    ]);
    assert.deepEqual(failures, []);
  });

  test("a DryRun with 204", async (t) => {
    const { send, invoker } = await startDoor(t);
    const headers = { "X-Amz-Invocation-Type": "DryRun" };
    assert.equal((await send(request(streamPath, { headers }))).status, 204);
    assert.equal(invoker.invocations.length, 0);
  });

  for (const size of [0, 1, 8_192, 8_193, MiB, 3 * MiB + 5]) {
    test(`a piece of ${size} bytes whole, in messages of 1 MiB at most`, async (t) => {
      const { send, invoker } = await startDoor(t);
      const piece = Buffer.alloc(size, "0123456789");
      invoker.script = (invocation) => {
        streamOf(invocation).write(piece);
        return streamed();
      };
      const messages = messagesOf((await send(request(streamPath))).body);
      assert.deepEqual(messages.pop(), ["InvokeComplete", "{}"]);
      assert.equal(messages.length, Math.ceil(size / MiB));
      assert.ok(messages.every(([, text]) => text.length <= MiB));
      assert.equal(messages.map(([, text]) => text).join(""), piece.toString());
    });
  }

  test("no faster than its caller reads (INV-8)", async (t) => {
    const { port, invoker } = await startDoor(t);
    const piece = Buffer.alloc(65_536, "x");
    const pieces = 800;
    let written = 0;
    let waits = 0;
    invoker.script = async (invocation) => {
      const stream = streamOf(invocation);
      for (; written < pieces; written++) {
        if (stream.write(piece)) continue;
        waits++;
        await new Promise<void>((resolve) => {
          stream.onDrain(resolve);
        });
      }
      return streamed();
    };
    const call = httpRequest({ port, path: streamPath, method: "POST" }).end();
    const [response] = (await once(call, "response")) as [IncomingMessage];
    await waitFor(() => waits > 0);
    const before = written;
    assert.ok(before < pieces, `${before} pieces were taken from a caller that reads nothing`);
    const messages = messagesOf(Buffer.concat((await response.toArray()) as Buffer[]));
    assert.equal(messages.length, pieces + 1);
    assert.ok(waits > 1);
  });

  test("into nothing when its caller has gone, so that the function can finish (HT-3)", async (t) => {
    const { connect, invoker, door, send } = await startDoor(t);
    const piece = Buffer.alloc(65_536, "x");
    const ended = Promise.withResolvers<number>();
    let written = 0;
    invoker.script = async (invocation, signal) => {
      const stream = streamOf(invocation);
      stream.start("text/plain");
      for (; written < 1_600; written++) {
        if (stream.write(piece)) continue;
        await new Promise<void>((resolve) => {
          stream.onDrain(resolve);
        });
      }
      assert.equal(signal.aborted, true);
      ended.resolve(written);
      return streamed();
    };
    const connection = await connect();
    connection.pause();
    connection.send(request(streamPath));
    await waitFor(() => written > 0);
    connection.reset();
    assert.equal(await ended.promise, 1_600);
    await waitFor(() => door.connections === 0);
    invoker.script = () => returned("next");
    assert.equal((await send(request(streamPath))).status, 200);
  });

  test("into nothing when its caller stopped reading (HT-3)", async (t) => {
    const { connect, invoker } = await startDoor(t, { http: { stallTimeoutMs: 100 } });
    const ended = Promise.withResolvers<void>();
    const piece = Buffer.alloc(65_536, "x");
    invoker.script = async (invocation) => {
      const stream = streamOf(invocation);
      for (let written = 0; written < 1_600; written++) {
        if (stream.write(piece)) continue;
        await new Promise<void>((resolve) => {
          stream.onDrain(resolve);
        });
      }
      ended.resolve();
      return streamed();
    };
    const connection = await connect();
    connection.pause();
    connection.send(request(streamPath));
    await ended.promise;
    connection.resume();
    assert.doesNotMatch((await connection.readToEnd()).toString("latin1"), /InvokeComplete/);
  });
});
