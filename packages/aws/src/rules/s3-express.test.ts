import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type Answer,
  clientOf,
  type Received,
  startServer,
} from "./scripted-server-fixture.test.ts";

const bucket = "logs--use1-az4--x-s3";
const start = Date.UTC(2026, 10, 21, 12);
const minutes = 60_000;

const isSession = ({ query }: Received): boolean => query.has("session");

function session(number: number): Answer {
  const end = new Date(Date.now() + 5 * minutes).toISOString();
  return {
    body:
      `<CreateSessionResult><Credentials><SessionToken>token-${number}</SessionToken>` +
      `<SecretAccessKey>secret</SecretAccessKey><AccessKeyId>KEY${number}</AccessKeyId>` +
      `<Expiration>${end}</Expiration></Credentials></CreateSessionResult>`,
  };
}

/** Answers sessions with numbered keys. */
function service(): (request: Received) => Answer {
  let count = 0;
  return (request) => (isSession(request) ? session(++count) : { body: "x" });
}

describe("expressCredentials()", () => {
  test("sign with the keys of one session per bucket", async (t) => {
    const server = await startServer(t, service());
    const client = clientOf(t, "s3", server);
    await Promise.all([
      client.call("GetObject", { Bucket: bucket, Key: "a" }),
      client.call("GetObject", { Bucket: bucket, Key: "b" }),
    ]);
    await client.call("PutObject", { Bucket: bucket, Key: "c", Body: "x" });
    const [created, first, second, put] = server.requests;
    assert.deepEqual(server.requests.map(isSession), [true, false, false, false]);
    assert.equal(created?.host, `${bucket}.s3express-use1-az4.us-east-1.amazonaws.com`);
    assert.match(
      created.headers["authorization"] ?? "",
      /AKIDEXAMPLE\/\d+\/us-east-1\/s3express\//,
    );
    assert.equal(created.headers["x-amz-s3session-token"], undefined);
    for (const request of [first, second, put]) {
      assert.equal(request?.headers["x-amz-s3session-token"], "token-1");
      assert.equal(request.headers["x-amz-security-token"], undefined);
      assert.match(request.headers["authorization"] ?? "", /KEY1\/\d+\/us-east-1\/s3express\//);
      assert.match(
        request.headers["authorization"] ?? "",
        /SignedHeaders=[^,]*x-amz-s3session-token/,
      );
    }
    await client.call("GetObject", { Bucket: "other--use1-az4--x-s3", Key: "a" });
    assert.equal(server.requests.at(-1)?.headers["x-amz-s3session-token"], "token-2");
  });

  test("renew a session before its five minutes end", async (t) => {
    t.mock.timers.enable({ apis: ["Date"], now: start });
    const server = await startServer(t, service());
    const client = clientOf(t, "s3", server);
    const get = async (): Promise<string | undefined> => {
      await client.call("GetObject", { Bucket: bucket, Key: "a" });
      return server.requests.findLast((request) => !isSession(request))?.headers[
        "x-amz-s3session-token"
      ];
    };
    assert.equal(await get(), "token-1");
    t.mock.timers.setTime(start + 1 * minutes);
    assert.equal(await get(), "token-1");
    t.mock.timers.setTime(start + 4.5 * minutes);
    assert.equal(await get(), "token-2");
  });

  test("fail with the error of the session", async (t) => {
    const body = "<Error><Code>NoSuchBucket</Code><Message>none</Message></Error>";
    const server = await startServer(t, () => ({ status: 404, body }));
    const call = clientOf(t, "s3", server).call("GetObject", { Bucket: bucket, Key: "a" });
    await assert.rejects(call, { name: "NoSuchBucket" });
    assert.equal(server.requests.length, 1);
  });

  test("presign with a session's keys", async (t) => {
    const server = await startServer(t, service());
    const client = clientOf(t, "s3", server);
    const url = await client.presign["getObject"]?.({ Bucket: bucket, Key: "a" });
    const { searchParams } = new URL(url ?? "");
    assert.equal(searchParams.get("X-Amz-S3session-Token"), "token-1");
    assert.match(searchParams.get("X-Amz-Credential") ?? "", /^KEY1\/.*\/s3express\//);
  });

  test("leave operations on buckets to the client's own keys", async (t) => {
    const server = await startServer(t, service());
    const client = clientOf(t, "s3", server);
    await client.call("DeleteBucket", { Bucket: bucket });
    const [request] = server.requests;
    assert.equal(request?.host, "s3express-control.us-east-1.amazonaws.com");
    assert.match(
      request.headers["authorization"] ?? "",
      /AKIDEXAMPLE\/\d+\/us-east-1\/s3express\//,
    );
  });

  test("make no session where it is switched off", async (t) => {
    const server = await startServer(t, service());
    const client = clientOf(t, "s3", server);
    await client.call("GetObject", { Bucket: bucket, Key: "a" }, { credentials: false });
    assert.deepEqual(server.requests.map(isSession), [false]);
    assert.equal(server.requests[0]?.headers["authorization"], undefined);
  });
});
