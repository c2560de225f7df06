import assert from "node:assert/strict";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { ConnectionError, ServiceError } from "./errors.ts";
import {
  failure,
  failureOf,
  hangUp,
  json,
  keys,
  quiet,
  type Reply,
  reset,
  response,
  startServer,
} from "./client-fixture.test.ts";
import { Session } from "./session.ts";

const item = { Item: { id: { S: "1" } } };
const input = { TableName: "t", Key: { id: { S: "1" } } };

describe("CL-1: what may pass is repeated", { timeout: 30_000 }, () => {
  const faults: readonly (readonly [string, Reply])[] = [
    ["500", failure("InternalServerError", 500)],
    ["502 with a page", response(502, "<html>Bad Gateway</html>", { "content-type": "text/html" })],
    ["503 without a body", response(503)],
    ["504", response(504)],
    ["a reset before the answer", reset],
    ["an end without an answer", hangUp],
    ["half a head", (socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-le")],
    ["an answer that is not HTTP", (socket) => socket.end("SSH-2.0-OpenSSH_9.9\r\n")],
    ["a body that is no JSON", response(200, "{")],
  ];
  for (const [name, fault] of faults) {
    it(`CL-1: ${name}`, async () => {
      await using server = await startServer(({ index }) => (index === 0 ? fault : json(item)));
      await using client = server.session().client("dynamodb");
      const { $metadata, Item } = await client.getItem(input);
      assert.deepEqual(Item, item.Item);
      assert.equal($metadata.attempts, 2);
      assert.equal(server.requests.length, 2);
    });
  }

  it("CL-1: no more than three attempts, DynamoDB four", async () => {
    await using server = await startServer(() => response(500));
    await using session = server.session();
    await assert.rejects(session.client("lambda").invoke({ FunctionName: "f" }), {
      name: "500",
      code: "500",
      statusCode: 500,
      retryable: true,
      throttling: false,
    });
    assert.equal(server.requests.length, 3);
    await assert.rejects(session.client("dynamodb").getItem(input), ServiceError);
    assert.equal(server.requests.length, 7);
    const counts = server.requests.map(({ headers }) => headers["amz-sdk-request"]);
    assert.deepEqual(counts.slice(0, 3), [
      "attempt=1; max=3",
      "attempt=2; max=3",
      "attempt=3; max=3",
    ]);
    assert.equal(counts[6], "attempt=4; max=4");
  });

  it("CL-1: a refused connection", async () => {
    const port = await freePort();
    await using client = new Session({ ...quiet, endpoint: `http://127.0.0.1:${port}` }).client(
      "lambda",
    );
    const error = await failureOf(client.invoke({ FunctionName: "f" }));
    assert.ok(error instanceof ConnectionError);
    assert.equal(error.code, "ECONNREFUSED");
    assert.equal(error.port, port);
    assert.equal(error.$metadata?.attempts, 3);
    assert.equal(error.$metadata.httpStatusCode, undefined);
  });

  it("CL-1: a name without address", async () => {
    // A label of more than 63 characters cannot be asked for, so no name server is.
    const endpoint = `http://${"x".repeat(64)}.test`;
    await using client = new Session({ ...quiet, endpoint }).client("lambda");
    const error = await failureOf(client.invoke({ FunctionName: "f" }));
    assert.ok(error instanceof ConnectionError);
    assert.match(error.code, /^(?:ENOTFOUND|EAI_AGAIN)$/);
    assert.equal(error.$metadata?.attempts, 3);
  });

  it("CL-1: a server that speaks no TLS", async () => {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.on("data", () => void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    });
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const endpoint = `https://127.0.0.1:${port}`;
    await using client = new Session({ ...quiet, endpoint }).client("lambda");
    const error = await failureOf(client.invoke({ FunctionName: "f" }));
    assert.ok(error instanceof ConnectionError);
    assert.equal(error.code, "ERR_SSL_WRONG_VERSION_NUMBER");
    assert.equal(error.$metadata?.attempts, 3);
    await new Promise((resolve) => void server.close(resolve));
  });
});

describe("CL-2: throttling", { timeout: 30_000 }, () => {
  const answers: readonly (readonly [string, Buffer])[] = [
    ["ThrottlingException with 400", failure("ThrottlingException", 400)],
    ["a 429 without code", response(429)],
    ["SlowDown with 503", failure("SlowDown", 503)],
    [
      "ProvisionedThroughputExceededException",
      failure("ProvisionedThroughputExceededException", 400),
    ],
  ];
  for (const [name, answer] of answers) {
    it(`CL-2: ${name} is repeated and takes 5 tokens`, async () => {
      await using server = await startServer(() => answer);
      await using client = server.session().client("lambda");
      const error = await failureOf(client.invoke({ FunctionName: "f" }, { maxAttempts: 101 }));
      assert.ok(error instanceof ServiceError);
      assert.equal(error.throttling, true);
      assert.equal(error.$metadata?.attempts, 101);
      assert.equal(error.$metadata.retryQuotaExceeded, undefined);
      // 500 tokens are gone: the next call fails at once.
      const next = await failureOf(client.invoke({ FunctionName: "f" }));
      assert.equal((next as ServiceError).$metadata?.retryQuotaExceeded, true);
    });
  }

  for (const header of ["x-amz-retry-after", "retry-after"]) {
    it(`CL-2: ${header} is waited for`, async () => {
      const value = header === "retry-after" ? "1" : "120";
      const answer = failure("ThrottlingException", 400, { [header]: value });
      await using server = await startServer(({ index }) => (index === 0 ? answer : json(item)));
      await using client = server.session().client("dynamodb");
      const { $metadata } = await client.getItem(input);
      const wanted = header === "retry-after" ? 1000 : 120;
      assert.equal($metadata.totalRetryDelay, wanted);
    });
  }

  it("CL-2: a server's wish is bounded to five seconds over our own delay", async () => {
    const answer = failure("ThrottlingException", 400, { "x-amz-retry-after": "86400000" });
    await using server = await startServer(() => answer);
    await using client = server.session().client("dynamodb");
    const delays: number[] = [];
    client.on("retry", ({ delay }) => {
      delays.push(delay);
      client.destroy();
    });
    await assert.rejects(client.getItem(input), { name: "ClientClosedError" });
    assert.ok((delays[0] ?? 0) > 4999 && (delays[0] ?? 0) <= 5005, String(delays));
  });
});

describe("CL-3: other errors are not repeated", { timeout: 30_000 }, () => {
  it("CL-3: a missing resource, an unmet condition", async () => {
    const codes = ["ResourceNotFoundException", "ConditionalCheckFailedException"];
    await using server = await startServer(({ index }) => failure(codes[index] ?? "", 400));
    await using client = server.session().client("dynamodb");
    for (const name of codes) {
      const error = await failureOf(client.putItem({ TableName: "t", Item: {} }));
      assert.ok(error instanceof client.errors[name as "ResourceNotFoundException"]);
      assert.equal(error.name, name);
      assert.equal(error.message, `${name} happened`);
      assert.equal(error.$fault, "client");
      assert.equal(error.retryable, false);
      assert.equal(error.$metadata?.attempts, 1);
    }
    assert.equal(server.requests.length, 2);
  });

  it("CL-3: a function's error is data", async () => {
    const answer = response(200, '{"errorMessage":"no"}', { "x-amz-function-error": "Unhandled" });
    await using server = await startServer(() => answer);
    await using client = server.session().client("lambda");
    const output = await client.invoke({ FunctionName: "f", Payload: "{}" });
    assert.equal(output.FunctionError, "Unhandled");
    assert.equal(Buffer.from(output.Payload ?? "").toString(), '{"errorMessage":"no"}');
    assert.equal(server.requests.length, 1);
  });
});

describe("CL-4: the retry quota", { timeout: 30_000 }, () => {
  it("CL-4: ends a burst with the service's own error, and counts true attempts", async () => {
    await using server = await startServer(() => response(503));
    await using client = server.session().client("lambda", { maxAttempts: 3 });
    const errors = await Promise.all(
      Array.from({ length: 40 }, () => failureOf(client.invoke({ FunctionName: "f" }))),
    );
    let retries = 0;
    let refused = 0;
    for (const error of errors) {
      assert.ok(error instanceof ServiceError);
      assert.equal(error.code, "503");
      const { attempts = 0, retryQuotaExceeded } = error.$metadata ?? {};
      retries += attempts - 1;
      if (retryQuotaExceeded === true) refused++;
      else assert.equal(attempts, 3);
    }
    // 500 tokens are 35 retries of 14.
    assert.equal(retries, 35);
    assert.equal(server.requests.length, 40 + 35);
    assert.ok(refused > 0);
  });

  it("CL-4: without quota only the attempts end the retries", async () => {
    await using server = await startServer(() => response(503));
    const retry = { quota: false, baseDelay: 0 };
    await using client = server.session().client("lambda", { retry, maxAttempts: 50 });
    const error = await failureOf(client.invoke({ FunctionName: "f" }));
    assert.equal((error as ServiceError).$metadata?.attempts, 50);
    assert.equal(server.requests.length, 50);
  });

  it("CL-4: success gives the tokens back", async () => {
    await using server = await startServer(({ index }) =>
      index % 2 === 0 ? response(500) : json(item),
    );
    await using client = server.session().client("dynamodb");
    for (let i = 0; i < 60; i++) assert.equal((await client.getItem(input)).$metadata.attempts, 2);
  });
});

describe("CL-5: each attempt", { timeout: 30_000 }, () => {
  it("CL-5: is signed anew, with the same invocation id and token", async (context) => {
    context.mock.timers.enable({ apis: ["Date"], now: Date.parse("2026-01-01T00:00:00Z") });
    await using server = await startServer(({ index }) => {
      context.mock.timers.setTime(Date.parse("2026-01-01T00:00:00Z") + (index + 1) * 2000);
      return index < 2 ? response(500) : json({});
    });
    await using client = server.session().client("dynamodb");
    await client.transactWriteItems({
      TransactItems: [{ Delete: { TableName: "t", Key: { id: { S: "1" } } } }],
    });
    const of = (name: string): (string | undefined)[] =>
      server.requests.map(({ headers }) => headers[name]);
    assert.equal(new Set(of("amz-sdk-invocation-id")).size, 1);
    assert.equal(new Set(of("x-amz-date")).size, 3);
    assert.equal(new Set(of("authorization")).size, 3);
    assert.equal(new Set(of("amz-sdk-request")).size, 3);
    const tokens = server.requests.map(
      ({ body }) => (JSON.parse(body.toString()) as Record<string, string>)["ClientRequestToken"],
    );
    assert.match(tokens[0] ?? "", /^[\da-f-]{36}$/);
    assert.equal(new Set(tokens).size, 1);
  });

  it("CL-5: calls have ids and tokens of their own", async () => {
    await using server = await startServer(() => json({}));
    await using client = server.session().client("dynamodb");
    for (let i = 0; i < 2; i++) {
      await client.transactWriteItems({
        TransactItems: [{ Delete: { TableName: "t", Key: { id: { S: "1" } } } }],
      });
    }
    const [one, other] = server.requests;
    assert.notEqual(one?.headers["amz-sdk-invocation-id"], other?.headers["amz-sdk-invocation-id"]);
    assert.notEqual(one?.body.toString(), other?.body.toString());
  });
});

describe("retry options", { timeout: 30_000 }, () => {
  it("retryable decides before the rules", async () => {
    await using server = await startServer(({ index }) =>
      index === 1 ? response(500) : failure("ValidationException", 400),
    );
    const seen: string[] = [];
    const retryable = (error: Error): boolean | undefined => {
      seen.push(error.name);
      return error.name === "ValidationException";
    };
    await using client = server
      .session()
      .client("dynamodb", { retry: { retryable, baseDelay: 0 } });
    await assert.rejects(client.getItem(input), { code: "500" });
    assert.deepEqual(seen, ["ValidationException", "500"]);
  });

  it("retryable that throws ends the call with its error", async () => {
    await using server = await startServer(() => response(500));
    await using client = server.session().client("dynamodb", { retry: { retryable: broken } });
    await assert.rejects(client.getItem(input), /my rule is broken/);
  });

  it("adaptive mode goes on when the quota of the standard one would end", async () => {
    let failures = 60;
    await using server = await startServer(() => (failures-- > 0 ? response(503) : json(item)));
    await using client = server.session().client("dynamodb", {
      retryMode: "adaptive",
      maxAttempts: 100,
      retry: { baseDelay: 0 },
    });
    assert.equal((await client.getItem(input)).$metadata.attempts, 61);
  });

  it("keys sign each request", async () => {
    await using server = await startServer(() => json(item));
    await using client = server.session().client("dynamodb");
    await client.getItem(input);
    const [{ headers } = { headers: {} as Record<string, string> }] = server.requests;
    assert.match(
      headers["authorization"] ?? "",
      new RegExp(`^AWS4-HMAC-SHA256 Credential=${keys.accessKeyId}/\\d{8}/us-east-1/dynamodb/`),
    );
    assert.equal(headers["host"], `127.0.0.1:${server.port}`);
  });
});

function broken(): never {
  throw new Error("my rule is broken");
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => void server.close(resolve));
  return port;
}
