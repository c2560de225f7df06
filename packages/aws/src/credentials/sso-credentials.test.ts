import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { inspect } from "node:util";
import { resolveChain } from "./provider-chain.ts";
import { ssoCachePath } from "./sso-token.ts";
import { chainOptions, type ChainFixture, type RecordedCall } from "./testdata/chain-fixture.ts";

const NOW = Date.parse("2030-01-01T00:00:00Z");
const ROLE = "sso_account_id = 123456789012\nsso_role_name = admin\n";
const SESSION = `[default]\nsso_session = corp\n${ROLE}[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://corp\n`;
const LEGACY = `[default]\nsso_region = eu-west-1\nsso_start_url = https://corp\n${ROLE}`;

const TOKEN = { accessToken: "access-token", expiresAt: "2030-01-01T08:00:00Z" };
const REGISTERED = {
  clientId: "client",
  clientSecret: "client-secret",
  refreshToken: "refresh-token",
  registrationExpiresAt: "2030-02-01T00:00:00Z",
};

/** Answers as the services do. */
function answer({ name }: RecordedCall): Record<string, unknown> {
  if (name === "sso-oidc.CreateToken") return { accessToken: "renewed-token", expiresIn: 28_800 };
  return {
    roleCredentials: {
      accessKeyId: "SSO",
      secretAccessKey: "sso-secret",
      sessionToken: "sso-token",
      expiration: NOW + 3_600_000,
    },
  };
}

function refuseRenewal(call: RecordedCall): Record<string, unknown> {
  if (call.name === "sso-oidc.CreateToken") throw new Error("slow down");
  return answer(call);
}

function refuseToken(): never {
  const message = "Session token not found or invalid";
  throw Object.assign(new Error(message), { name: "UnauthorizedException" });
}

/** A home directory with a cached token. */
async function home(t: TestContext, name: string, token?: unknown): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "sso-"));
  t.after(() => rm(folder, { recursive: true }));
  const path = ssoCachePath({ HOME: folder }, name);
  await mkdir(dirname(path), { recursive: true });
  if (token !== undefined) await writeFile(path, JSON.stringify(token));
  return folder;
}

function fixture(
  folder: string,
  config: string,
  more: ChainFixture = {},
): ReturnType<typeof chainOptions> {
  return chainOptions({ environment: { HOME: folder }, config, now: NOW, answer, ...more });
}

describe("ssoCredentials()", () => {
  for (const [name, config, key] of [
    ["a session's token", SESSION, "corp"],
    ["a start URL's token", LEGACY, "https://corp"],
  ] as const) {
    test(`asks for the role's credentials with ${name}`, async (t) => {
      const { options, calls } = fixture(await home(t, key, TOKEN), config);
      const { credentials, provider } = await resolveChain(options);
      assert.equal(provider, "sso");
      assert.deepEqual(credentials, {
        accessKeyId: "SSO",
        secretAccessKey: "sso-secret",
        sessionToken: "sso-token",
        expiration: new Date(NOW + 3_600_000),
        accountId: "123456789012",
      });
      assert.deepEqual(calls, [
        {
          name: "sso.GetRoleCredentials",
          input: { accountId: "123456789012", roleName: "admin", accessToken: "access-token" },
          region: "eu-west-1",
          credentials: false,
        },
      ]);
    });
  }

  test("the cache's file is named as the AWS CLI names it", () => {
    const path = ssoCachePath({ HOME: "/h" }, "https://d-92671207e4.awsapps.com/start");
    assert.equal(path, "/h/.aws/sso/cache/13f9d35043871d073ab260e020f0ffde092cb14b.json");
  });

  test("renews a token that ends within 15 minutes, and keeps the new one for the user only", async (t) => {
    const folder = await home(t, "corp", {
      ...TOKEN,
      ...REGISTERED,
      expiresAt: "2030-01-01T00:14:59Z",
      extra: 1,
    });
    const { options, calls } = fixture(folder, SESSION);
    await resolveChain(options);
    assert.deepEqual(calls[0], {
      name: "sso-oidc.CreateToken",
      input: {
        grantType: "refresh_token",
        clientId: "client",
        clientSecret: "client-secret",
        refreshToken: "refresh-token",
      },
      region: "eu-west-1",
      credentials: false,
    });
    assert.equal(calls[1]?.input["accessToken"], "renewed-token");
    const path = ssoCachePath({ HOME: folder }, "corp");
    assert.deepEqual(JSON.parse(await readFile(path, "utf8")), {
      ...REGISTERED,
      startUrl: "https://corp",
      region: "eu-west-1",
      accessToken: "renewed-token",
      expiresAt: "2030-01-01T08:00:00Z",
      extra: 1,
    });
    assert.equal((await stat(path)).mode & 0o777, 0o600);
  });

  test("goes on with a token that cannot be renewed, as long as it lasts", async (t) => {
    for (const [expiresAt, works] of [
      ["2030-01-01T00:00:01Z", true],
      ["2030-01-01T00:00:00UTC", false],
    ] as const) {
      const folder = await home(t, "corp", { ...TOKEN, ...REGISTERED, expiresAt });
      const { options } = fixture(folder, SESSION, { answer: refuseRenewal });
      const outcome = resolveChain(options).then(({ credentials }) => credentials.accessKeyId);
      await (works
        ? outcome.then((id) => assert.equal(id, "SSO"))
        : assert.rejects(outcome, /cannot be renewed: slow down; sign in with/));
    }
  });

  const SIGN_IN = /sign in with "aws sso login --profile default"$/;
  for (const [name, token] of [
    ["no token", undefined],
    ["garbage", "access-token"],
    ["a token without an end", { accessToken: "access-token" }],
    ["an ended token", { ...TOKEN, expiresAt: "2029-12-31T23:59:59Z" }],
    [
      "an ended registration",
      {
        ...TOKEN,
        ...REGISTERED,
        expiresAt: "2029-12-31T00:00:00Z",
        registrationExpiresAt: "2029-01-01T00:00:00Z",
      },
    ],
  ] as const) {
    test(`${name} in the cache means to sign in`, async (t) => {
      for (const config of [SESSION, LEGACY]) {
        const folder = await home(t, config === SESSION ? "corp" : "https://corp", token);
        const { options, calls } = fixture(folder, config);
        await assert.rejects(resolveChain(options), (error: Error) => {
          assert.match(error.message, SIGN_IN);
          assert.doesNotMatch(inspect(error, { depth: null }), /access-token|client-secret/);
          return true;
        });
        assert.deepEqual(calls, []);
      }
    });
  }

  test("says to sign in when the service calls the token unauthorized", async (t) => {
    const { options } = fixture(await home(t, "corp", TOKEN), SESSION, { answer: refuseToken });
    await assert.rejects(resolveChain(options), SIGN_IN);
  });

  const FAULTS: readonly (readonly [string, RegExp])[] = [
    [`[default]\nsso_session = gone\n${ROLE}`, /its sso_session "gone" does not exist/],
    [SESSION.replace(/sso_region.*\n/, ""), /sso_region is missing/],
    [SESSION.replace(/sso_role_name.*\n/, ""), /sso_role_name is missing/],
    [LEGACY.replace(/sso_start_url.*\n/, ""), /sso_start_url is missing/],
    [
      SESSION.replace(ROLE, `${ROLE}sso_region = us-east-1\n`),
      /sso_region is "us-east-1" there and "eu-west-1" in its sso_session/,
    ],
  ];
  for (const [config, message] of FAULTS) {
    test(`refuses a profile: ${message.source}`, async () => {
      await assert.rejects(resolveChain(chainOptions({ config }).options), message);
    });
  }
});
