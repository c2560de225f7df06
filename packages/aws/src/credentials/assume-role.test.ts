import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CredentialsError } from "../client/errors.ts";
import { resolveChain } from "./provider-chain.ts";
import { type ChainFixture, chainOptions, type RecordedCall } from "./testdata/chain-fixture.ts";
import { startServer } from "./testdata/http-fixture.ts";

const ROLE = (name: string): string => `role_arn = arn:aws:iam::123456789012:role/${name}\n`;
const KEYS = (id: string): string => `aws_access_key_id = ${id}\naws_secret_access_key = secret\n`;

/** The keys that a chain ends with, and the calls on the way, as `signer → role`. */
async function assume(fixture: ChainFixture): Promise<{ found: string; calls: RecordedCall[] }> {
  const { options, calls } = chainOptions(fixture);
  const { credentials, provider } = await resolveChain(options);
  return { found: `${provider} ${credentials.accessKeyId}`, calls };
}

function path(calls: readonly RecordedCall[]): string[] {
  return calls.map(({ input, credentials }) => {
    const role = String(input["RoleArn"]).split("/").at(-1);
    return `${credentials === false ? "unsigned" : credentials.accessKeyId} → ${role}`;
  });
}

async function mfaCode(serial: string): Promise<string> {
  return `code of ${serial}`;
}

describe("assumeRoleCredentials()", () => {
  test("sends all settings, signed with the source profile's keys, to the session's region", async () => {
    const { options, calls } = chainOptions({
      config: `[default]\n${ROLE("A")}source_profile = base\nexternal_id = ext\nduration_seconds = 900\nrole_session_name = me\nmfa_serial = arn:mfa\nregion = eu-west-3\n[profile base]\n${KEYS("BASE")}`,
    });
    const { credentials } = await resolveChain({ ...options, mfaCode });
    assert.equal(calls[0]?.name, "sts.AssumeRole");
    assert.equal(calls[0].region, "eu-west-3");
    assert.deepEqual(calls[0].input, {
      RoleArn: "arn:aws:iam::123456789012:role/A",
      RoleSessionName: "me",
      ExternalId: "ext",
      DurationSeconds: 900,
      SerialNumber: "arn:mfa",
      TokenCode: "code of arn:mfa",
    });
    assert.deepEqual(path(calls), ["BASE → A"]);
    assert.deepEqual(credentials, {
      accessKeyId: "A",
      secretAccessKey: "role-secret",
      sessionToken: "role-token",
      expiration: new Date(3_600_000),
      accountId: "123456789012",
    });
  });

  test("says where the session's configuration is, to each call on the way", async () => {
    const config = `[profile a]\n${ROLE("A")}source_profile = b\n[profile b]\n${ROLE("B")}source_profile = c\n[profile c]\n${KEYS("C")}`;
    const { options, sessions } = chainOptions({ config, profile: "a" });
    const { environment } = options;
    await resolveChain({ ...options, configFile: "/one", credentialsFile: "/other" });
    const session = { environment, profile: "a", configFile: "/one", credentialsFile: "/other" };
    assert.deepEqual(sessions, [session, session]);
  });

  test("makes up a session name, and takes us-east-1 when no region is known", async () => {
    const config = `[default]\n${ROLE("A")}source_profile = default\n${KEYS("OWN")}`;
    const { calls } = await assume({ config, now: 123 });
    assert.deepEqual(calls[0]?.input, {
      RoleArn: "arn:aws:iam::123456789012:role/A",
      RoleSessionName: "lambdad-session-123",
    });
    assert.equal(calls[0].region, "us-east-1");
  });

  for (const [name, fixture, region] of [
    [
      "the environment's",
      { environment: { AWS_REGION: "eu-west-1", AWS_DEFAULT_REGION: "x" } },
      "eu-west-1",
    ],
    ["the environment's other", { environment: { AWS_DEFAULT_REGION: "eu-west-2" } }, "eu-west-2"],
  ] as const) {
    test(`takes ${name} region before the profile's`, async () => {
      const config = `[default]\n${ROLE("A")}source_profile = default\nregion = eu-west-9\n${KEYS("OWN")}`;
      const { calls } = await assume({ config, ...fixture });
      assert.equal(calls[0]?.region, region);
    });
  }

  const CHAINS: readonly (readonly [string, string, readonly string[]])[] = [
    [
      "a profile's own keys",
      `[default]\n${ROLE("A")}source_profile = default\n${KEYS("OWN")}`,
      ["OWN → A"],
    ],
    [
      "roles one after another",
      `[default]\n${ROLE("A")}source_profile = b\n[profile b]\n${ROLE("B")}source_profile = c\n[profile c]\n${KEYS("C")}`,
      ["C → B", "B → A"],
    ],
    [
      "a source profile with a role and keys: its keys",
      `[default]\n${ROLE("A")}source_profile = b\n[profile b]\n${ROLE("B")}source_profile = c\n${KEYS("B-KEYS")}`,
      ["B-KEYS → A"],
    ],
    [
      "a source profile with a process",
      `[default]\n${ROLE("A")}source_profile = b\n[profile b]\ncredential_process = ${process.execPath} -p 'JSON.stringify({Version:1,AccessKeyId:"PROC",SecretAccessKey:"s"})'`,
      ["PROC → A"],
    ],
    [
      "the environment as a source, in any case",
      `[default]\n${ROLE("A")}credential_source = environment`,
      ["ENV → A"],
    ],
  ];
  for (const [name, config, expected] of CHAINS) {
    test(`assumes with ${name}`, async () => {
      // A profile in code: the environment's keys count as a named source only.
      const environment = { AWS_ACCESS_KEY_ID: "ENV", AWS_SECRET_ACCESS_KEY: "s" };
      const { calls, found } = await assume({ config, environment, profile: "default" });
      assert.deepEqual(path(calls), expected);
      assert.equal(found, "assume-role A");
    });
  }

  for (const source of ["EcsContainer", "Ec2InstanceMetadata"]) {
    test(`assumes with the keys of ${source}`, async (t) => {
      const keys = JSON.stringify({ AccessKeyId: source, SecretAccessKey: "s" });
      const { url } = await startServer(t, ({ line }) => [200, line.endsWith("/") ? "role" : keys]);
      const environment = {
        AWS_EC2_METADATA_DISABLED: "false",
        AWS_EC2_METADATA_SERVICE_ENDPOINT: url,
        AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/x`,
      };
      const config = `[default]\n${ROLE("A")}credential_source = ${source}`;
      const { calls } = await assume({ config, environment });
      assert.deepEqual(path(calls), [`${source} → A`]);
    });
  }

  const CIRCLE = `[default]\n${ROLE("A")}source_profile = b\n[profile b]\n${ROLE("B")}source_profile = c\n[profile c]\n${ROLE("C")}source_profile = b`;
  const FAULTS: readonly (readonly [string, string, RegExp])[] = [
    ["a circle", CIRCLE, /its source profiles form a circle: default → b → c → b$/],
    [
      "itself without keys",
      `[default]\n${ROLE("A")}source_profile = default`,
      /circle: default → default$/,
    ],
    [
      "itself further down",
      `[default]\n${ROLE("A")}source_profile = b\n[profile b]\n${ROLE("B")}source_profile = b`,
      /circle: default → b → b$/,
    ],
    ["no source", `[default]\n${ROLE("A")}`, /neither source_profile nor credential_source/],
    [
      "two sources",
      `[default]\n${ROLE("A")}source_profile = b\ncredential_source = Environment`,
      /both source_profile and credential_source/,
    ],
    [
      "a source that does not exist",
      `[default]\n${ROLE("A")}source_profile = gone`,
      /its source_profile "gone" does not exist/,
    ],
    [
      "a source without credentials",
      `[default]\n${ROLE("A")}source_profile = b\n[profile b]\nregion = x`,
      /its source_profile "b" has no credentials/,
    ],
    [
      "half of a source's keys",
      `[default]\n${ROLE("A")}source_profile = b\n[profile b]\naws_access_key_id = x`,
      /no aws_secret_access_key/,
    ],
    [
      "an unknown source",
      `[default]\n${ROLE("A")}credential_source = Moon`,
      /"Moon" is none of Environment, EcsContainer, Ec2InstanceMetadata/,
    ],
    [
      "an empty source",
      `[default]\n${ROLE("A")}credential_source = Environment`,
      /"Environment" has no credentials: AWS_ACCESS_KEY_ID is not set/,
    ],
    [
      "no code",
      `[default]\n${ROLE("A")}source_profile = default\nmfa_serial = arn:mfa\n${KEYS("OWN")}`,
      /"arn:mfa"; give the option "mfaCode"/,
    ],
    [
      "a duration",
      `[default]\n${ROLE("A")}source_profile = default\nduration_seconds = 1h\n${KEYS("OWN")}`,
      /duration_seconds "1h" is no whole number/,
    ],
  ];
  for (const [name, config, message] of FAULTS) {
    test(`fails for ${name}, before any call`, async () => {
      const { options, calls } = chainOptions({ config });
      await assert.rejects(resolveChain(options), (error) => {
        assert.ok(error instanceof CredentialsError);
        assert.match(error.message, message);
        return true;
      });
      assert.deepEqual(calls, []);
    });
  }

  test("says what STS said, with its error as the cause", async () => {
    const config = `[default]\n${ROLE("A")}source_profile = default\n${KEYS("OWN")}`;
    const cause = new Error("not authorized to perform: sts:AssumeRole");
    const answer = (): never => {
      throw cause;
    };
    await assert.rejects(assume({ config, answer }), {
      name: "CredentialsError",
      message:
        'Cannot assume role "arn:aws:iam::123456789012:role/A" of profile "default": not authorized to perform: sts:AssumeRole',
      cause,
    });
    await assert.rejects(
      assume({ config, answer: () => ({}) }),
      /the answer of STS has no Credentials/,
    );
    await assert.rejects(
      assume({ config, answer: () => ({ Credentials: { AccessKeyId: "x" } }) }),
      /role ".*": "secretAccessKey" is missing/,
    );
  });
});
