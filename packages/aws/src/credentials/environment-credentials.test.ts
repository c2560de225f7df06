import assert from "node:assert/strict";
import { test } from "node:test";
import { CredentialsError } from "../client/errors.ts";
import { environmentCredentials } from "./environment-credentials.ts";

const PAIR = { AWS_ACCESS_KEY_ID: "AKID", AWS_SECRET_ACCESS_KEY: "secret" };

test("environmentCredentials() reads all variables", () => {
  const given = environmentCredentials({
    ...PAIR,
    AWS_SESSION_TOKEN: "token",
    AWS_SECURITY_TOKEN: "old",
    AWS_CREDENTIAL_EXPIRATION: "2030-01-02T03:04:05Z",
    AWS_ACCOUNT_ID: "123456789012",
  });
  assert.deepEqual(given, {
    credentials: {
      accessKeyId: "AKID",
      secretAccessKey: "secret",
      sessionToken: "token",
      expiration: new Date("2030-01-02T03:04:05Z"),
      accountId: "123456789012",
    },
    provider: "environment",
  });
});

test("environmentCredentials() takes the old name of the token when the new one is not set", () => {
  const given = environmentCredentials({
    ...PAIR,
    AWS_SESSION_TOKEN: "",
    AWS_SECURITY_TOKEN: "old",
  });
  assert.equal(given?.credentials.sessionToken, "old");
});

for (const environment of [{}, { AWS_ACCESS_KEY_ID: "" }, { AWS_SECRET_ACCESS_KEY: "secret" }]) {
  test(`environmentCredentials() does not apply to ${JSON.stringify(environment)}`, () => {
    assert.equal(environmentCredentials(environment), undefined);
  });
}

const WRONG: readonly (readonly [Record<string, string>, RegExp])[] = [
  [{ AWS_ACCESS_KEY_ID: "AKID" }, /AWS_SECRET_ACCESS_KEY is not; set both or neither/],
  [{ ...PAIR, AWS_CREDENTIAL_EXPIRATION: "soon" }, /AWS_CREDENTIAL_EXPIRATION "soon" is no date/],
  [{ ...PAIR, AWS_SECRET_ACCESS_KEY: "se cret" }, /"secretAccessKey" has a blank/],
];

for (const [environment, message] of WRONG) {
  test(`environmentCredentials() refuses: ${message.source}`, () => {
    assert.throws(
      () => environmentCredentials(environment),
      (error: CredentialsError) => {
        assert.ok(error instanceof CredentialsError);
        assert.match(error.message, message);
        assert.equal(error.providers[0]?.provider, "environment");
        assert.doesNotMatch(error.message, /se cret/);
        return true;
      },
    );
  });
}
