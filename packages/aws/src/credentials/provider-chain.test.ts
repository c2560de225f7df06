import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { CredentialsError } from "../client/errors.ts";
import { resolveChain } from "./provider-chain.ts";
import { type ChainFixture, chainOptions } from "./testdata/chain-fixture.ts";

const ENVIRONMENT = { AWS_ACCESS_KEY_ID: "ENV", AWS_SECRET_ACCESS_KEY: "secret" };
const PROCESS = `${process.execPath} -p 'JSON.stringify({Version:1,AccessKeyId:"PROCESS",SecretAccessKey:"s"})'`;

/** Sections with keys, or with one setting, of a profile. */
const KEYS = (id: string): string => `aws_access_key_id = ${id}\naws_secret_access_key = secret\n`;
const ROLE = "role_arn = arn:aws:iam::111122223333:role/ROLE\n";

/** Access key that the chain finds, and who gave it. */
async function found(fixture: ChainFixture): Promise<string> {
  const { credentials, provider } = await resolveChain(chainOptions(fixture).options);
  return `${provider} ${credentials.accessKeyId}`;
}

/** A file with a web identity token. */
async function tokenFile(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "web-identity-"));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, "token");
  await writeFile(path, "the-token\n");
  return path;
}

describe("resolveChain() precedence", () => {
  const everything = (token: string): ChainFixture => ({
    environment: {
      ...ENVIRONMENT,
      AWS_WEB_IDENTITY_TOKEN_FILE: token,
      AWS_ROLE_ARN: "arn:aws:iam::1:role/WEB",
    },
    config: `[default]\n${ROLE}source_profile = base\ncredential_process = ${PROCESS}\n${KEYS("CONFIG")}\n[profile base]\n${KEYS("BASE")}`,
    credentials: `[default]\n${KEYS("FILE")}`,
  });

  test("each source beats those after it", async (t) => {
    const token = await tokenFile(t);
    const all = everything(token);
    const { config = "", credentials } = all;
    const noRole = config.replace(ROLE, "");
    const web = { AWS_WEB_IDENTITY_TOKEN_FILE: token, AWS_ROLE_ARN: "arn:aws:iam::1:role/WEB" };
    const steps: readonly (readonly [string, ChainFixture])[] = [
      ["environment ENV", all],
      ["assume-role ROLE", { ...all, environment: web }],
      ["assume-role ROLE", { ...all, profile: "default" }],
      ["web-identity WEB", { environment: web, config: noRole, credentials }],
      ["credentials-file FILE", { environment: {}, config: noRole, credentials }],
      [
        "credentials-file FILE",
        { environment: web, config: noRole, credentials, profile: "default" },
      ],
      ["process PROCESS", { config: noRole }],
      ["config-file CONFIG", { config: noRole.replace(/^credential_process.*$/m, "") }],
    ];
    for (const [expected, fixture] of steps) assert.equal(await found(fixture), expected);
  });

  test("the login session comes after the credentials file and before the process", async () => {
    const config = `[default]\nlogin_session = me\ncredential_process = ${PROCESS}`;
    assert.equal(
      await found({ config, credentials: `[default]\n${KEYS("FILE")}` }),
      "credentials-file FILE",
    );
    await assert.rejects(found({ config }), /login_session of profile "default"/);
  });

  const PROFILES: readonly (readonly [string, ChainFixture])[] = [
    ["credentials-file DEV", { environment: { AWS_PROFILE: "dev" } }],
    ["credentials-file DEV", { environment: { AWS_DEFAULT_PROFILE: "dev" } }],
    [
      "credentials-file DEV",
      { environment: { AWS_PROFILE: "dev", AWS_DEFAULT_PROFILE: "default" } },
    ],
    ["environment ENV", { environment: { ...ENVIRONMENT, AWS_PROFILE: "dev" } }],
    ["credentials-file DEV", { environment: ENVIRONMENT, profile: "dev" }],
    ["credentials-file FILE", { environment: { AWS_PROFILE: "dev" }, profile: "default" }],
  ];
  for (const [expected, fixture] of PROFILES) {
    test(`${expected} for ${JSON.stringify(fixture)}`, async () => {
      const credentials = `[default]\n${KEYS("FILE")}[dev]\n${KEYS("DEV")}`;
      assert.equal(await found({ ...fixture, credentials }), expected);
    });
  }
});

describe("resolveChain() failures", () => {
  test("says what each provider said when there are no credentials", async () => {
    await assert.rejects(found({}), (error: CredentialsError) => {
      assert.ok(error instanceof CredentialsError);
      assert.match(
        error.message,
        /^Cannot find credentials; give the option "credentials", set AWS_/,
      );
      assert.deepEqual(
        error.providers.map(({ provider }) => provider),
        [
          "environment",
          "assume-role",
          "web-identity",
          "sso",
          "credentials-file",
          "login",
          "process",
          "config-file",
          "container",
          "instance-metadata",
        ],
      );
      for (const { message } of error.providers) assert.ok(error.message.includes(message));
      return true;
    });
  });

  test("a missing profile is an error, unless it is default", async () => {
    const message = /ConfigurationError: Cannot use the profile "gone": it is neither in/;
    await assert.rejects(found({ profile: "gone" }), message);
    const environment = { AWS_PROFILE: "gone", AWS_REGION: "eu-west-1" };
    await assert.rejects(found({ environment }), message);
    await assert.rejects(found({ profile: "default" }), /Cannot find credentials/);
  });

  test("a provider that applies and fails ends the search", async () => {
    const config = `[default]\naws_access_key_id = HALF\n`;
    const container = { AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:1/" };
    await assert.rejects(found({ config, environment: container }), (error: CredentialsError) => {
      assert.match(error.message, /it has aws_access_key_id but no aws_secret_access_key/);
      assert.deepEqual(
        error.providers.map(({ provider }) => provider),
        ["config-file"],
      );
      return true;
    });
  });

  test("a container that fails leaves the word to the instance metadata", async () => {
    const environment = { AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://example.com/" };
    await assert.rejects(found({ environment }), (error: CredentialsError) => {
      assert.match(
        error.message,
        /names the host "example.com".*AWS_EC2_METADATA_DISABLED is true/,
      );
      return true;
    });
  });
});
