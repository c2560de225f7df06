import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  failure,
  failureOf,
  json,
  quiet,
  sends,
  silence,
  startServer,
} from "./client-fixture.test.ts";
import { TimeoutError } from "./errors.ts";
import { Session } from "./session.ts";

const item = { Item: { id: { S: "1" } } };
const input = { TableName: "t", Key: { id: { S: "1" } } };

describe("CL-11, CL-15: limits", { timeout: 30_000 }, () => {
  it("CL-11: silence ends with the name of the limit, and is repeated (CL-15)", async () => {
    await using server = await startServer(() => silence);
    await using client = server
      .session()
      .client("dynamodb", { attemptTimeout: 50, maxAttempts: 2 });
    const error = await failureOf(client.getItem(input));
    assert.ok(error instanceof TimeoutError);
    assert.equal(error.limit, "attemptTimeout");
    assert.equal(error.ms, 50);
    assert.equal(error.$metadata?.attempts, 2);
    assert.equal(server.requests.length, 2);
    await server.closed();
  });

  it("CL-11: a body that stands still", async () => {
    const part = sends("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{");
    await using server = await startServer(() => part);
    await using client = server.session().client("dynamodb", { bodyTimeout: 50, maxAttempts: 2 });
    const error = await failureOf(client.getItem(input));
    assert.ok(error instanceof TimeoutError);
    assert.equal(error.limit, "bodyTimeout");
    assert.equal(error.$metadata?.attempts, 2);
    assert.equal(error.$metadata.httpStatusCode, 200);
  });

  it("CL-11: the limit of the whole call, delays included", async () => {
    await using server = await startServer(() => failure("ThrottlingException", 400));
    const retry = { baseDelay: 20_000 };
    await using client = server.session().client("dynamodb", { timeout: 200, retry });
    const error = await failureOf(client.getItem(input));
    assert.ok(error instanceof TimeoutError);
    assert.equal(error.limit, "timeout");
    assert.equal(error.ms, 200);
  });

  it("CL-11: the call's limits win, and none is no limit", async () => {
    await using server = await startServer(({ index }) => (index === 0 ? silence : json(item)));
    await using client = server.session().client("dynamodb", { maxAttempts: 1 });
    const error = await failureOf(client.getItem(input, { attemptTimeout: 30 }));
    assert.equal((error as TimeoutError).ms, 30);
    await client.getItem(input, { timeout: Infinity, attemptTimeout: Infinity });
    for (const timeout of [0, -1, Number.NaN]) {
      await assert.rejects(client.getItem(input, { timeout }), RangeError);
    }
  });

  const limits: readonly (readonly [string, string, number | undefined, number])[] = [
    ["Invoke", "lambda", undefined, 930_000],
    ["invoke", "lambda", undefined, 930_000],
    ["InvokeWithResponseStream", "lambda", undefined, 930_000],
    ["GetFunction", "lambda", undefined, 60_000],
    ["Invoke", "lambda", 5000, 5000],
    ["ListBuckets", "s3", undefined, 60_000],
  ];
  for (const [operation, service, attemptTimeout, expected] of limits) {
    it(`CL-11: ${service} ${operation} may take ${expected} ms to its answer`, async () => {
      const client = new Session(quiet).client(service, {
        transport: {
          send(_, request, handler) {
            assert.equal(request.headTimeoutMs, expected);
            queueMicrotask(() => {
              handler.onHead(200, [], 0);
              handler.onEnd(undefined);
            });
            return { pause() {}, resume() {}, abort() {}, queuedMs: 0 };
          },
          counts: () => ({ open: 0, idle: 0, inUse: 0, queued: 0 }),
          close() {},
        },
      });
      const [output] = await (client.callAll as (...each: unknown[]) => Promise<unknown[]>)(
        operation,
        [{ FunctionName: "f" }].map((each) => (service === "s3" ? {} : each)),
        { attemptTimeout },
      );
      assert.ok(output);
    });
  }
});
