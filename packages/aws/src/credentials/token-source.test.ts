import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import type { BearerToken, CredentialSource } from "./credentials.ts";
import { tokenSource } from "./token-source.ts";

function source(
  token: string | (() => Promise<BearerToken>) | undefined,
  { environment = {}, signingName = "codecatalyst" } = {},
): CredentialSource {
  return tokenSource({ token, environment, signingName });
}

const bad = async (value: unknown): Promise<BearerToken> => value as BearerToken;

describe("tokenSource()", () => {
  test("gives a token, or the environment's for Bedrock", async () => {
    const environment = { AWS_BEARER_TOKEN_BEDROCK: "env" };
    const all = [source("t"), source(undefined, { environment, signingName: "bedrock" })];
    const found = await Promise.all(all.map((each) => each.resolve()));
    assert.deepEqual(
      found.map(({ secretAccessKey }) => secretAccessKey),
      ["t", "env"],
    );
  });

  test("asks a function once for all clients that have it", async () => {
    let calls = 0;
    const token = async (): Promise<BearerToken> => ({ token: `t${(calls += 1)}` });
    assert.equal((await source(token).resolve()).secretAccessKey, "t1");
    assert.equal(source(token).current()?.secretAccessKey, "t1");
  });

  const cause = new Error("locked");
  for (const [token, message] of [
    [undefined, /: no token is configured; set the option "token"$/],
    [() => Promise.reject(cause), /: the function given as "token" failed: locked$/],
    [() => bad(undefined), /: it is no text/],
    [() => bad({ token: 7 }), /: it is no text/],
    [() => bad({ token: "se cret" }), /: it is no text, or has a blank/],
    [() => bad({ token: "secret", expiration: "soon" }), /"expiration" is no valid Date$/],
  ] as const) {
    test(`says what is wrong, without showing a token: ${String(message)}`, async () => {
      await assert.rejects(source(token).resolve(), (error: Error) => {
        assert.equal(error.name, "CredentialsError");
        assert.match(error.message, /^Cannot authorize with a bearer token: /);
        assert.match(error.message, message);
        assert.doesNotMatch(inspect(error), /se ?cret/);
        return true;
      });
    });
  }
});
