import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { loginCredentials, type LoadOfficial } from "./login-credentials.ts";
import type { Provided } from "./provider.ts";
import { chainContext } from "./testdata/chain-fixture.ts";

const MISSING: string = "@lambdad/no-such-package";

function login(
  load: LoadOfficial,
  config = "[profile dev]\nlogin_session = me",
): Promise<Provided | string> {
  return loginCredentials(chainContext({ profile: "dev", config }), load);
}

describe("loginCredentials()", () => {
  test("asks the official provider for the profile, in the session's files and region", async () => {
    const asked: unknown[] = [];
    const given = await login(async () => ({
      fromLoginCredentials:
        (options) =>
        async ({ callerClientConfig }) => {
          asked.push(options, await callerClientConfig.region());
          return { accessKeyId: "LOGIN", secretAccessKey: "secret" };
        },
    }));
    assert.deepEqual(given, {
      credentials: { accessKeyId: "LOGIN", secretAccessKey: "secret" },
      provider: "login",
    });
    const files = { filepath: "/credentials", configFilepath: "/config" };
    assert.deepEqual(asked, [{ profile: "dev", ...files }, "us-east-1"]);
  });

  test("does not load anything for other profiles", async () => {
    const said = await login(() => assert.fail(), "[profile dev]\nregion = x");
    assert.equal(said, 'profile "dev" has no login_session');
  });

  const FAULTS: readonly (readonly [string, LoadOfficial, RegExp])[] = [
    [
      "a package that is not installed",
      () => import(MISSING),
      /it needs the package "@aws-sdk\/credential-providers"; install it with "npm install @aws-sdk\/cred/,
    ],
    ["an old package", async () => ({}), /has no fromLoginCredentials; install a newer one/],
    [
      "a failure",
      async () => ({
        fromLoginCredentials: () => () => Promise.reject(new Error("aws login again")),
      }),
      /Cannot use the login_session of profile "dev": aws login again/,
    ],
    [
      "an answer without keys",
      async () => ({ fromLoginCredentials: () => async () => ({}) }),
      /"accessKeyId" is missing/,
    ],
  ];
  for (const [name, load, message] of FAULTS) {
    test(`fails for ${name}`, async () => {
      await assert.rejects(login(load), message);
    });
  }
});
