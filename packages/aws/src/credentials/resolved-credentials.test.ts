import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { resolvedCredentials, sameKeys } from "./resolved-credentials.ts";

const KEYS = { accessKeyId: "AKID", secretAccessKey: "topsecret", sessionToken: "sessiontoken" };

test("resolvedCredentials() gives a frozen object that equals the given one", () => {
  const expiration = new Date(1000);
  const given = { ...KEYS, expiration, accountId: "1234" };
  const credentials = resolvedCredentials(given, "a test");
  assert.deepEqual(credentials, given);
  assert.equal(Object.isFrozen(credentials), true);
  assert.notEqual(credentials, given);
  assert.deepEqual({ ...credentials }, given);
  assert.notEqual(credentials.expiration, expiration);
});

test("resolvedCredentials() leaves out what is absent, null or empty", () => {
  const given = { ...KEYS, sessionToken: "", accountId: null, expiration: undefined };
  const { accessKeyId, secretAccessKey } = KEYS;
  assert.deepEqual(resolvedCredentials(given, "a test"), { accessKeyId, secretAccessKey });
});

test("resolvedCredentials() hides the secrets from inspect and JSON, at any depth", () => {
  const credentials = resolvedCredentials(KEYS, "a test");
  for (const text of [
    inspect(credentials),
    inspect({ session: { credentials } }, { depth: null, showHidden: true }),
    JSON.stringify({ credentials }),
  ]) {
    assert.doesNotMatch(text, /topsecret|sessiontoken/);
    assert.match(text, /AKID/);
    assert.match(text, /\(hidden\)/);
  }
});

const WRONG: readonly (readonly [string, unknown, RegExp])[] = [
  ["null", null, /null is no object/],
  ["a string", "topsecret", /type string is no object/],
  ["no access key", { secretAccessKey: "topsecret" }, /"accessKeyId" is missing/],
  ["no secret", { accessKeyId: "AKID" }, /"secretAccessKey" is missing/],
  ["a number", { ...KEYS, secretAccessKey: 5 }, /"secretAccessKey" is a value of type number/],
  ["a line break", { ...KEYS, secretAccessKey: "topsecret\n" }, /"secretAccessKey" has a blank/],
  ["a header split", { ...KEYS, sessionToken: "topsecret\r\nx: y" }, /"sessionToken" has a blank/],
  ["a text as end", { ...KEYS, expiration: "2030-01-01" }, /"expiration" is no valid Date/],
  [
    "an invalid end",
    { ...KEYS, expiration: new Date(Number.NaN) },
    /"expiration" is no valid Date/,
  ],
];

for (const [name, value, message] of WRONG) {
  test(`resolvedCredentials() refuses ${name} and shows no value`, () => {
    assert.throws(
      () => resolvedCredentials(value, "a test"),
      (error: TypeError) => {
        assert.ok(error instanceof TypeError);
        assert.match(error.message, message);
        assert.match(error.message, /^Cannot use credentials of a test: /);
        assert.doesNotMatch(inspect(error), /topsecret/);
        return true;
      },
    );
  });
}

test("sameKeys() compares all three", () => {
  assert.equal(sameKeys(KEYS, { ...KEYS, accountId: "1" }), true);
  for (const name of ["accessKeyId", "secretAccessKey", "sessionToken"]) {
    assert.equal(sameKeys(KEYS, { ...KEYS, [name]: "other" }), false);
  }
});
