import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { credentialSource } from "./credential-source.ts";
import type { CredentialSourceOptions } from "./provider.ts";

const KEYS = { accessKeyId: "AKID", secretAccessKey: "secret" };
const ENVIRONMENT = { AWS_ACCESS_KEY_ID: "ENV", AWS_SECRET_ACCESS_KEY: "secret" };
const CLOCK = { now: () => 1000, sleep: () => Promise.resolve(), random: () => 0.5 };

async function noCall(): Promise<never> {
  throw new Error("Cannot call a service: the test has none");
}

function options(given: Partial<CredentialSourceOptions> = {}): CredentialSourceOptions {
  return {
    environment: {},
    callOperation: noCall,
    clock: CLOCK,
    ...given,
  };
}

describe("credentialSource() with an object", () => {
  test("gives it at once, and expire() does nothing", async () => {
    const source = credentialSource(options({ credentials: KEYS }));
    const current = source.current();
    assert.deepEqual(current, KEYS);
    assert.ok(current);
    source.expire(current);
    assert.equal(source.current(), current);
    assert.equal(await source.resolve(), current);
  });

  test("refuses what is no credentials, at once", () => {
    const credentials = { accessKeyId: "AKID" } as typeof KEYS;
    assert.throws(
      () => credentialSource(options({ credentials })),
      /^TypeError: Cannot use credentials of the option "credentials": "secretAccessKey" is missing$/,
    );
  });

  test("fails when they have ended, and says what helps", async () => {
    const credentials = { ...KEYS, expiration: new Date(1000) };
    const source = credentialSource(options({ credentials }));
    assert.equal(source.current(), undefined);
    await assert.rejects(
      source.resolve(),
      /CredentialsError: .*1970-01-01T00:00:01.000Z; give a function/,
    );
  });
});

describe("credentialSource() with a function", () => {
  test("calls it once for all clients that have it", async () => {
    let calls = 0;
    const credentials = async (): Promise<typeof KEYS> => {
      calls += 1;
      return KEYS;
    };
    const one = credentialSource(options({ credentials }));
    const other = credentialSource(options({ credentials, region: "eu-west-1" }));
    assert.deepEqual(await Promise.all([one.resolve(), other.resolve()]), [KEYS, KEYS]);
    assert.equal(calls, 1);
  });

  test("says that it failed, with its reason as the cause", async () => {
    const cause = new Error("vault is sealed");
    const source = credentialSource(options({ credentials: () => Promise.reject(cause) }));
    await assert.rejects(source.resolve(), {
      name: "CredentialsError",
      message:
        'Cannot get credentials: the function given as "credentials" failed: vault is sealed',
      cause,
      providers: [{ provider: "option", message: "vault is sealed" }],
    });
  });

  test("says what is wrong with its answer, without showing it", async () => {
    const answer = { accessKeyId: "AKID", secretAccessKey: "se cret" };
    const source = credentialSource(options({ credentials: () => Promise.resolve(answer) }));
    await assert.rejects(source.resolve(), (error: Error) => {
      assert.match(
        error.message,
        /the function given as "credentials": "secretAccessKey" has a blank/,
      );
      assert.doesNotMatch(inspect(error), /se cret/);
      return true;
    });
  });
});

describe("credentialSource() with the chain", () => {
  test("gives the environment's keys without waiting", () => {
    const source = credentialSource(options({ environment: ENVIRONMENT }));
    assert.equal(source.current()?.accessKeyId, "ENV");
  });

  test("leaves the environment's keys when a profile was named in code", async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "credentials-"));
    t.after(() => rm(folder, { recursive: true }));
    const credentialsFile = join(folder, "credentials");
    const write = (id: string): Promise<void> =>
      writeFile(credentialsFile, `[dev]\naws_access_key_id=${id}\naws_secret_access_key=s`);
    await write("FILE");
    const environment = { ...ENVIRONMENT, AWS_CONFIG_FILE: join(folder, "none") };
    const source = credentialSource(options({ environment, profile: "dev", credentialsFile }));
    assert.equal(source.current(), undefined);
    const first = await source.resolve();
    assert.equal(first.accessKeyId, "FILE");
    await write("WRITTEN-ANEW");
    assert.equal(source.current(), first);
    source.expire(first);
    assert.equal((await source.resolve()).accessKeyId, "WRITTEN-ANEW");
  });

  test("rejects for half a pair in the environment", async () => {
    const source = credentialSource(options({ environment: { AWS_ACCESS_KEY_ID: "ENV" } }));
    assert.equal(source.current(), undefined);
    await assert.rejects(source.resolve(), /CredentialsError: .*set both or neither/);
  });

  test("is one source for equal options, and another for each that differs", () => {
    const base = options({ environment: ENVIRONMENT });
    const source = credentialSource(base);
    assert.equal(
      credentialSource({ ...base, environment: { ...ENVIRONMENT, _X_AMZN_TRACE_ID: "x" } }),
      source,
    );
    const others: readonly Partial<CredentialSourceOptions>[] = [
      { environment: { ...ENVIRONMENT, AWS_SESSION_TOKEN: "t" } },
      { environment: { ...ENVIRONMENT, HOME: "/elsewhere" } },
      // A credential_process can look at any variable.
      { environment: { ...ENVIRONMENT, VAULT_ROLE: "x" } },
      { profile: "dev" },
      { configFile: "/a" },
      { credentialsFile: "/a" },
      { region: "eu-west-1" },
      { callOperation: async () => ({}) },
      { mfaCode: async () => "1" },
      { logger: { warn: () => undefined } },
    ];
    const all = new Set([
      source,
      ...others.map((other) => credentialSource({ ...base, ...other })),
    ]);
    assert.equal(all.size, others.length + 1);
  });

  test("keeps a bounded number of sources for sessions to come, those in use longest", () => {
    const base = options({ environment: ENVIRONMENT, region: "kept" });
    const kept = credentialSource(base);
    const first = credentialSource({ ...base, region: "0" });
    for (let n = 1; n < 100; n += 1) {
      credentialSource({ ...base, region: `${n}` });
      assert.equal(credentialSource(base), kept);
    }
    assert.notEqual(credentialSource({ ...base, region: "0" }), first);
    assert.equal(first.current()?.accessKeyId, "ENV");
  });
});
