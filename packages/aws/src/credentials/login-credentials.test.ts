import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { emptyProfileFile, parseProfileFile } from "../configuration/profile-file.ts";
import { loginCredentials, type LoadOfficial } from "./login-credentials.ts";
import type { ChainContext, Provided } from "./provider.ts";
import { chainOptions } from "./testdata/chain-fixture.ts";

const MISSING: string = "@lambdad/no-such-package";

function login(
  load: LoadOfficial,
  config = "[profile dev]\nlogin_session = me",
): Promise<Provided | string> {
  const { options } = chainOptions({});
  const context: ChainContext = {
    environment: {},
    profile: "dev",
    profileNamed: false,
    files: { config: parseProfileFile(config, "config", "config"), credentials: emptyProfileFile },
    region: "us-east-1",
    callOperation: options.callOperation,
    mfaCode: undefined,
    logger: undefined,
    clock: options.clock ?? assert.fail(),
  };
  return loginCredentials(context, load);
}

describe("loginCredentials()", () => {
  test("asks the official provider for the profile", async () => {
    const given = await login(async () => ({
      fromLoginCredentials:
        ({ profile }) =>
        async () => ({ accessKeyId: profile, secretAccessKey: "secret" }),
    }));
    assert.deepEqual(given, {
      credentials: { accessKeyId: "dev", secretAccessKey: "secret" },
      provider: "login",
    });
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
