import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { instanceMetadataCredentials } from "./instance-metadata.ts";
import type { ChainContext } from "./provider.ts";
import { chainContext } from "./testdata/chain-fixture.ts";
import { type Answer, type SeenRequest, startServer } from "./testdata/http-fixture.ts";

const TOKEN = "PUT /latest/api/token";
const ROLES = "GET /latest/meta-data/iam/security-credentials/";
const KEYS = `${ROLES}web-role`;
const ANSWER = JSON.stringify({
  Code: "Success",
  AccessKeyId: "AKID",
  SecretAccessKey: "secret",
  Token: "token",
  Expiration: "2030-01-01T00:00:00Z",
});

function context(environment: Record<string, string>, config = "", now = 0): ChainContext {
  return chainContext({ environment, config, now });
}

/** A service whose answers differ from a good one's where the test says. */
async function service(
  t: TestContext,
  answers: Readonly<Record<string, Answer>> = {},
): Promise<{ environment: Record<string, string>; seen: SeenRequest[] }> {
  const good: Record<string, Answer> = {
    [TOKEN]: [200, "the-token"],
    [ROLES]: [200, "web-role"],
    [KEYS]: [200, ANSWER],
  };
  const { url, seen } = await startServer(
    t,
    ({ line }) => answers[line] ?? good[line] ?? [404, "not found"],
  );
  return {
    environment: { AWS_EC2_METADATA_SERVICE_ENDPOINT: url, AWS_METADATA_SERVICE_TIMEOUT: "30" },
    seen,
  };
}

/** Seconds: only those who wait for silence have to wait. */
function limitFor(...answers: readonly Answer[]): string {
  return answers.includes("silence") ? "1" : "30";
}

async function doesNotApply(given: ChainContext, reason: RegExp): Promise<void> {
  const said = await instanceMetadataCredentials(given);
  assert.ok(typeof said === "string");
  assert.match(said, reason);
}

describe("instanceMetadataCredentials()", () => {
  test("gets a token by PUT and sends it along", async (t) => {
    const { environment, seen } = await service(t);
    const given = await instanceMetadataCredentials(context(environment));
    assert.deepEqual(given, {
      credentials: {
        accessKeyId: "AKID",
        secretAccessKey: "secret",
        sessionToken: "token",
        expiration: new Date("2030-01-01T00:00:00Z"),
      },
      provider: "instance-metadata",
    });
    assert.deepEqual(
      seen.map(({ line }) => line),
      [TOKEN, ROLES, KEYS],
    );
    assert.equal(seen[0]?.headers["x-aws-ec2-metadata-token-ttl-seconds"], "21600");
    assert.equal(seen[1]?.headers["x-aws-ec2-metadata-token"], "the-token");
    assert.equal(seen[2]?.headers["x-aws-ec2-metadata-token"], "the-token");
  });

  test("sends a token without the line break behind it", async (t) => {
    const { environment, seen } = await service(t, { [TOKEN]: [200, "the-token\n"] });
    assert.notEqual(typeof (await instanceMetadataCredentials(context(environment))), "string");
    assert.equal(seen[1]?.headers["x-aws-ec2-metadata-token"], "the-token");
  });

  const NO_TOKEN: readonly (readonly [string, Answer])[] = [
    ["403", [403, ""]],
    ["404", [404, ""]],
    ["405", [405, ""]],
    ["500", [500, ""]],
    ["no text that a header can hold", [200, "tök€n"]],
    ["silence", "silence"],
  ];
  for (const [name, answer] of NO_TOKEN) {
    test(`falls back to version 1 when the token's answer is ${name}`, async (t) => {
      const { environment, seen } = await service(t, { [TOKEN]: answer });
      const quick = { ...environment, AWS_METADATA_SERVICE_TIMEOUT: limitFor(answer) };
      const given = await instanceMetadataCredentials(context(quick));
      assert.notEqual(typeof given, "string");
      assert.equal(seen[1]?.headers["x-aws-ec2-metadata-token"], undefined);
    });

    test(`does not fall back on ${name} when version 1 is disabled`, async (t) => {
      const { environment, seen } = await service(t, { [TOKEN]: answer });
      const quick = { ...environment, AWS_METADATA_SERVICE_TIMEOUT: limitFor(answer) };
      const disabled = { ...quick, AWS_EC2_METADATA_V1_DISABLED: "True" };
      const message = /it gives no session token.*version 1 is disabled/;
      await assert.rejects(instanceMetadataCredentials(context(disabled)), message);
      const config = "[default]\nec2_metadata_v1_disabled = true";
      await assert.rejects(instanceMetadataCredentials(context(quick, config)), message);
      assert.deepEqual(new Set(seen.map(({ line }) => line)), new Set([TOKEN]));
    });
  }

  const FAULTS: readonly (readonly [string, Readonly<Record<string, Answer>>, RegExp])[] = [
    ["no role", { [ROLES]: [404, ""] }, /the instance has no role/],
    ["a refused token", { [TOKEN]: [400, ""] }, /it gives no session token \(status 400\)$/],
    ["500 for the role", { [ROLES]: [500, ""] }, /status 500 to \/latest\/meta-data/],
    ["an empty role", { [ROLES]: [200, " \n"] }, /status 200 and no body/],
    ["garbage", { [KEYS]: [200, "<xml/>"] }, /its credentials are no JSON object/],
    [
      "an error in JSON",
      { [KEYS]: [200, '{"Code":"AssumeRoleUnauthorizedAccess","Message":"not trusted"}'] },
      /"not trusted"/,
    ],
    [
      "half of the keys",
      { [KEYS]: [200, '{"AccessKeyId":"AKID"}'] },
      /"secretAccessKey" is missing/,
    ],
    ["no valid end", { [KEYS]: [200, ANSWER.replace("2030", "soon")] }, /"Expiration" is no date/],
    ["a broken connection", { [KEYS]: "break" }, /ECONNRESET/],
    ["a flood", { [KEYS]: "flood" }, /more than 65536 bytes/],
    ["silence", { [KEYS]: "silence" }, /did not answer within 1000 ms/],
  ];
  for (const [name, answers, message] of FAULTS) {
    test(`fails for ${name}`, async (t) => {
      const { environment } = await service(t, answers);
      const limit = limitFor(...Object.values(answers));
      const quick = { ...environment, AWS_METADATA_SERVICE_TIMEOUT: limit };
      await assert.rejects(instanceMetadataCredentials(context(quick)), message);
    });
  }

  test("asks once, unless more attempts are configured", async (t) => {
    const { environment, seen } = await service(t, { [ROLES]: [503, ""] });
    await assert.rejects(instanceMetadataCredentials(context(environment)), /status 503/);
    assert.equal(seen.length, 2);
    const config = "[default]\nmetadata_service_num_attempts = 3";
    await assert.rejects(instanceMetadataCredentials(context(environment, config)), /status 503/);
    assert.equal(seen.length, 6);
  });

  test("nobody there is an error at once, without a try of version 1", async () => {
    const environment = { AWS_EC2_METADATA_SERVICE_ENDPOINT: "http://127.0.0.1:1" };
    await assert.rejects(instanceMetadataCredentials(context(environment)), /ECONNREFUSED/);
  });

  test("keys that have ended when the service hands them out are marked to be used on", async (t) => {
    const { environment } = await service(t);
    const end = Date.parse("2030-01-01T00:00:00Z");
    const before = await instanceMetadataCredentials(context(environment, "", end - 1));
    assert.ok(typeof before !== "string" && before.extended === undefined);
    const after = await instanceMetadataCredentials(context(environment, "", end));
    assert.ok(typeof after !== "string" && after.extended === true);
  });

  test("does not apply when it is disabled", async () => {
    const environment = { AWS_EC2_METADATA_DISABLED: "TRUE" };
    await doesNotApply(context(environment), /is true/);
  });

  test("refuses an endpoint and a limit that are none", async () => {
    const endpoint = context({ AWS_EC2_METADATA_SERVICE_ENDPOINT: "metadata" });
    await assert.rejects(instanceMetadataCredentials(endpoint), /"metadata" is no HTTP URL/);
    const timeout = context({ AWS_METADATA_SERVICE_TIMEOUT: "-1" });
    await assert.rejects(instanceMetadataCredentials(timeout), /metadata_service_timeout "-1"/);
  });

  for (const [role, path] of [
    ["a+b=c,d.e@f-g_h", "a+b=c,d.e@f-g_h"],
    ["../../user-data?x#y", "..%2F..%2Fuser-data%3Fx%23y"],
  ] as const) {
    test(`asks for the role "${role}" and nothing else`, async (t) => {
      const { environment, seen } = await service(t, { [ROLES]: [200, `${role}\nother`] });
      await assert.rejects(instanceMetadataCredentials(context(environment)), /status 404/);
      assert.equal(seen[2]?.line, `${ROLES}${path}`);
    });
  }

  test("keeps the path of an endpoint", async (t) => {
    const { url, seen } = await startServer(t, () => [404, ""]);
    const environment = { AWS_EC2_METADATA_SERVICE_ENDPOINT: `${url}/base` };
    await assert.rejects(instanceMetadataCredentials(context(environment)));
    assert.equal(seen[0]?.line, "PUT /base/latest/api/token");
  });
});
