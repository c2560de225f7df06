import assert from "node:assert/strict";
import { tracingChannel } from "node:diagnostics_channel";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import { failureOf, json, keys, quiet, response, startServer } from "./client-fixture.test.ts";
import { channelName, type TraceEvent } from "./observation.ts";
import { Session } from "./session.ts";

const input = { TableName: "t", Key: { id: { S: "1" } } };

describe("observation", { timeout: 30_000 }, () => {
  it("refuses events that there are not, and listeners that are no functions", async () => {
    await using client = new Session(quiet).client("dynamodb");
    assert.throws(() => client.on("requests" as "request", () => {}), TypeError);
    assert.throws(() => client.on("request", 5 as never), /Cannot listen to "request".*function/);
  });

  it("listeners hear of requests, retries, responses and errors, until they leave", async () => {
    await using server = await startServer(({ index }) => response(index === 1 ? 200 : 500, "{}"));
    await using client = server.session().client("dynamodb", { maxAttempts: 2 });
    const seen: string[] = [];
    const leave = [
      client.on("request", ({ operation, attempt, method, url }) => {
        seen.push(`request ${operation} ${attempt} ${method} ${url}`);
      }),
      client.on("retry", ({ attempt, delay, error }) => {
        assert.ok(delay >= 0);
        seen.push(`retry ${attempt} ${error.name}`);
      }),
      client.on("response", ({ service, $metadata, elapsed }) => {
        assert.ok(elapsed > 0);
        seen.push(`response ${service} ${$metadata.attempts}`);
      }),
      client.on("error", ({ error, elapsed }) => {
        assert.ok(elapsed > 0);
        seen.push(`error ${error.name} ${error.$metadata?.attempts}`);
      }),
    ];
    await client.getItem(input);
    await failureOf(client.getItem(input));
    const request = (attempt: number): string => `request GetItem ${attempt} POST ${server.url}/`;
    assert.deepEqual(seen, [
      request(1),
      "retry 1 500",
      request(2),
      "response dynamodb 2",
      request(1),
      "retry 1 500",
      request(2),
      "error 500 2",
    ]);
    leave.forEach((each) => each());
    await failureOf(client.getItem(input));
    assert.equal(seen.length, 8);
  });

  it("secrets are hidden: signatures, tokens, keys of customers, what the model calls sensitive", async () => {
    await using server = await startServer(() => json({}));
    const credentials = { ...keys, sessionToken: "SECRET-token" };
    await using session = server.session({ credentials });
    const seen: unknown[] = [];
    const s3 = session.client("s3");
    s3.on("request", (event) => seen.push(event));
    const SSECustomerKey = Buffer.from("SECRET-key-of-the-customer-32byt").toString("base64");
    await s3.getObject({
      Bucket: "b",
      Key: "k",
      SSECustomerAlgorithm: "AES256",
      SSECustomerKey,
      SSECustomerKeyMD5: "x",
    });
    const sso = session.client("sso");
    sso.on("request", (event) => seen.push(event));
    await sso["listAccounts"]?.({ accessToken: "SECRET-access" });
    const shown = inspect(seen, { depth: 9, maxStringLength: null });
    assert.ok(!shown.includes("SECRET"), shown);
    assert.ok(!shown.includes(SSECustomerKey));
    assert.ok(!shown.includes("Signature="));
    assert.equal(server.requests[1]?.headers["x-amz-sso_bearer_token"], "SECRET-access");
  });

  it("a listener that throws does not disturb the call", async () => {
    await using server = await startServer(() => json({}));
    await using client = server.session().client("dynamodb");
    const { promise, resolve } = Promise.withResolvers<Error>();
    process.setUncaughtExceptionCaptureCallback(resolve);
    client.on("response", () => {
      throw new Error("my listener is broken");
    });
    try {
      await client.getItem(input);
      assert.match((await promise).message, /my listener is broken/);
    } finally {
      process.setUncaughtExceptionCaptureCallback(null);
    }
  });

  it("the tracing channel has one object for each call", async () => {
    await using server = await startServer(({ index }) => response(index < 2 ? 200 : 404, "{}"));
    await using client = server.session().client("dynamodb");
    const channel = tracingChannel<string, TraceEvent>(channelName);
    const events: (readonly [string, TraceEvent])[] = [];
    const on = (name: string) => (event: unknown) => void events.push([name, event as TraceEvent]);
    const subscribers = {
      start: on("start"),
      end: on("end"),
      asyncStart: on("asyncStart"),
      asyncEnd: on("asyncEnd"),
      error: on("error"),
    };
    channel.subscribe(subscribers);
    try {
      await client.getItem(input);
      await client.getItem(input);
      await failureOf(client.getItem(input));
      await failureOf(client.getItem({} as never));
    } finally {
      channel.unsubscribe(subscribers);
    }
    await failureOf(client.getItem(input));
    assert.deepEqual(
      events.map(([name]) => name),
      ["start", "asyncEnd", "start", "asyncEnd", "start", "error", "asyncEnd", "error", "asyncEnd"],
    );
    assert.equal(events[0]?.[1], events[1]?.[1]);
    assert.notEqual(events[0]?.[1], events[2]?.[1]);
    assert.equal(events[1]?.[1].operation, "GetItem");
    assert.equal(events[1]?.[1].$metadata?.httpStatusCode, 200);
    assert.equal(events[4]?.[1], events[6]?.[1]);
    assert.equal(events[6]?.[1].error?.$metadata?.httpStatusCode, 404);
  });

  it("the logger hears of retries at debug", async () => {
    await using server = await startServer(({ index }) => response(index === 0 ? 500 : 200, "{}"));
    const messages: string[] = [];
    const logger = { warn: () => {}, debug: (message: string) => void messages.push(message) };
    await using client = server.session({ logger }).client("dynamodb");
    await client.getItem(input);
    assert.equal(messages.length, 1);
    assert.match(messages[0] ?? "", /^GetItem: attempt 1 failed with 500; again in \d+ ms$/);
  });
});
