import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import { containerCredentials } from "./container-credentials.ts";
import type { ChainContext } from "./provider.ts";
import { chainContext } from "./testdata/chain-fixture.ts";
import { type Answer, startServer } from "./testdata/http-fixture.ts";

const ANSWER = JSON.stringify({
  AccessKeyId: "AKID",
  SecretAccessKey: "container-secret",
  Token: "container-token",
  Expiration: "2030-01-01T00:00:00Z",
  RoleArn: "arn:aws:iam::123456789012:role/r",
  AccountId: "123456789012",
});

function context(environment: Record<string, string>): ReturnType<typeof chainContext> {
  return chainContext({ environment });
}

async function doesNotApply(given: ChainContext, reason: RegExp): Promise<void> {
  const said = await containerCredentials(given);
  assert.ok(typeof said === "string");
  assert.match(said, reason);
}

describe("containerCredentials()", () => {
  test("asks the full URI and reads all members", async (t) => {
    const { url, seen } = await startServer(t, () => [200, ANSWER]);
    const given = await containerCredentials(
      context({
        AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/v1/credentials?id=1`,
        AWS_CONTAINER_AUTHORIZATION_TOKEN: "Basic abc",
      }),
    );
    assert.deepEqual(given, {
      credentials: {
        accessKeyId: "AKID",
        secretAccessKey: "container-secret",
        sessionToken: "container-token",
        expiration: new Date("2030-01-01T00:00:00Z"),
        accountId: "123456789012",
      },
      provider: "container",
    });
    assert.equal(seen[0]?.line, "GET /v1/credentials?id=1");
    assert.equal(seen[0]?.headers.authorization, "Basic abc");
    assert.equal(seen[0]?.headers.accept, "application/json");
  });

  test("reads the token's file each time, before the token's variable", async (t) => {
    const { url, seen } = await startServer(t, () => [200, ANSWER]);
    const folder = await mkdtemp(join(tmpdir(), "container-"));
    t.after(() => rm(folder, { recursive: true }));
    const file = join(folder, "token");
    const given = context({
      AWS_CONTAINER_CREDENTIALS_FULL_URI: url,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: "not this",
    });
    await assert.rejects(containerCredentials(given), /TOKEN_FILE cannot be read \(ENOENT\)/);
    await writeFile(file, "one");
    await containerCredentials(given);
    await writeFile(file, "two\n");
    await containerCredentials(given);
    assert.deepEqual(
      seen.map(({ headers }) => headers.authorization),
      ["one", "two"],
    );
    await writeFile(file, "th\r\nree: x");
    await assert.rejects(containerCredentials(given), (error) => {
      assert.doesNotMatch(inspect(error), /ree: x/);
      return true;
    });
    assert.equal(seen.length, 2);
  });

  test("does not apply without its variables", async () => {
    await doesNotApply(context({}), /are not set/);
    const empty = { AWS_CONTAINER_CREDENTIALS_FULL_URI: "" };
    await doesNotApply(context(empty), /are not set/);
  });

  const REFUSED: readonly (readonly [Record<string, string>, RegExp])[] = [
    ...[
      "example.com",
      "169.254.170.3",
      "[fd00:ec2::24]",
      "localhost.example.com",
      "127.example.com",
      "[::ffff:127.0.0.1]",
    ].map(
      (host) =>
        [
          { AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://${host}/x` },
          /without HTTPS it may only be loopback/,
        ] as const,
    ),
    [{ AWS_CONTAINER_CREDENTIALS_FULL_URI: "file:///etc/passwd" }, /is no HTTP URL/],
    [{ AWS_CONTAINER_CREDENTIALS_FULL_URI: "nonsense" }, /is no HTTP URL/],
    [{ AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "@example.com/x" }, /does not start with "\/"/],
  ];
  for (const [environment, message] of REFUSED) {
    test(`refuses ${Object.values(environment)[0]}`, async () => {
      await assert.rejects(containerCredentials(context(environment)), message);
    });
  }

  const FAULTS: readonly (readonly [string, Answer, RegExp, number])[] = [
    ["404", [404, '{"message":"no such task"}'], /status 404: {"message":"no such task"}/, 1],
    ["500", [500, "oops"], /status 500: oops/, 3],
    ["429", [429, ""], /status 429/, 3],
    ["garbage", [200, "<html>"], /did not answer with a JSON object/, 3],
    ["an answer without keys", [200, "{}"], /"accessKeyId" is missing/, 1],
    ["a broken connection", "break", /failed \(ECONNRESET\)/, 3],
    ["a flood", "flood", /sent more than 65536 bytes/, 3],
  ];
  for (const [name, answer, message, requests] of FAULTS) {
    test(`fails for ${name}, after ${requests} requests`, async (t) => {
      const { url, seen } = await startServer(t, () => answer);
      const given = context({ AWS_CONTAINER_CREDENTIALS_FULL_URI: url });
      await assert.rejects(containerCredentials(given), message);
      assert.equal(seen.length, requests);
      assert.deepEqual(given.slept, Array(requests - 1).fill(1000));
    });
  }

  test("comes through when the service recovers", async (t) => {
    const { url } = await startServer(t, (_, count) => (count < 3 ? [503, ""] : [200, ANSWER]));
    const given = await containerCredentials(context({ AWS_CONTAINER_CREDENTIALS_FULL_URI: url }));
    assert.notEqual(typeof given, "string");
  });

  test("shows no secrets of an answer that it refuses", async (t) => {
    const { url } = await startServer(t, () => [400, ANSWER]);
    await assert.rejects(
      containerCredentials(context({ AWS_CONTAINER_CREDENTIALS_FULL_URI: url })),
      (error) => {
        assert.doesNotMatch(
          inspect(error, { depth: null, showHidden: true }),
          /container-secret|container-token/,
        );
        return true;
      },
    );
  });
});
