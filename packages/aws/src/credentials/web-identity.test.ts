import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { inspect } from "node:util";
import { resolveChain } from "./provider-chain.ts";
import { chainOptions } from "./testdata/chain-fixture.ts";

async function tokenFile(t: TestContext, text = "the-token\n"): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "web-identity-"));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "token"), text);
  return join(folder, "token");
}

function answer(): never {
  throw new Error("Couldn't retrieve verification key");
}

describe("webIdentityCredentials()", () => {
  test("assumes the environment's role, unsigned", async (t) => {
    const environment = {
      AWS_WEB_IDENTITY_TOKEN_FILE: await tokenFile(t),
      AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/WEB",
      AWS_ROLE_SESSION_NAME: "pod",
      AWS_REGION: "eu-west-1",
    };
    const { options, calls } = chainOptions({ environment });
    const { credentials, provider } = await resolveChain(options);
    assert.equal(provider, "web-identity");
    assert.equal(credentials.accessKeyId, "WEB");
    assert.equal(credentials.accountId, "123456789012");
    assert.deepEqual(calls, [
      {
        name: "sts.AssumeRoleWithWebIdentity",
        input: {
          RoleArn: "arn:aws:iam::123456789012:role/WEB",
          RoleSessionName: "pod",
          WebIdentityToken: "the-token",
        },
        region: "eu-west-1",
        credentials: false,
      },
    ]);
  });

  test("assumes the profile's role, also as a source of another role", async (t) => {
    const file = await tokenFile(t);
    const web = `role_arn = arn:aws:iam::1:role/WEB\nweb_identity_token_file = ${file}\n`;
    const config = `[default]\nrole_arn = arn:aws:iam::1:role/A\nsource_profile = web\n[profile web]\n${web}`;
    const { options, calls } = chainOptions({ config, now: 5 });
    const { credentials } = await resolveChain(options);
    assert.equal(credentials.accessKeyId, "A");
    assert.deepEqual(
      calls.map(({ name, credentials: by }) => [name, by && by.accessKeyId]),
      [
        ["sts.AssumeRoleWithWebIdentity", false],
        ["sts.AssumeRole", "WEB"],
      ],
    );
    assert.equal(calls[0]?.input["RoleSessionName"], "lambdad-session-5");
  });

  test("fails without a role, without a file, and with an empty one", async (t) => {
    const empty = await tokenFile(t, " \n");
    const role = { AWS_ROLE_ARN: "arn:aws:iam::1:role/WEB" };
    for (const [environment, message] of [
      [{ AWS_WEB_IDENTITY_TOKEN_FILE: empty }, /set AWS_ROLE_ARN or the profile's role_arn/],
      [{ ...role, AWS_WEB_IDENTITY_TOKEN_FILE: `${empty}x` }, /tokenx" cannot be read \(ENOENT\)/],
      [{ ...role, AWS_WEB_IDENTITY_TOKEN_FILE: empty }, /token" is empty/],
    ] as const) {
      await assert.rejects(resolveChain(chainOptions({ environment }).options), message);
    }
  });

  test("says what STS said, and not the token", async (t) => {
    const file = await tokenFile(t);
    const environment = {
      AWS_WEB_IDENTITY_TOKEN_FILE: file,
      AWS_ROLE_ARN: "arn:aws:iam::1:role/WEB",
    };
    await assert.rejects(
      resolveChain(chainOptions({ environment, answer }).options),
      (error: Error) => {
        assert.match(
          error.message,
          /STS refused role "arn:aws:iam::1:role\/WEB": Couldn't retrieve/,
        );
        assert.doesNotMatch(inspect(error, { depth: null }), /the-token/);
        return true;
      },
    );
  });
});
