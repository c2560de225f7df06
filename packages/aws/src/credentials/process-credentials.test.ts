import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import { runProgram } from "./process-credentials.ts";
import { resolveChain } from "./provider-chain.ts";
import type { Provided } from "./provider.ts";
import { chainOptions } from "./testdata/chain-fixture.ts";

/** Resolves a profile whose process is Node with a script. */
function run(script: string, more = ""): Promise<Provided> {
  const config = `[default]\ncredential_process = "${process.execPath}" -e '${script}'\n${more}`;
  return resolveChain(chainOptions({ config, environment: { FROM_OUTSIDE: "AKID" } }).options);
}

const print = (json: unknown): string =>
  `process.stdout.write(${JSON.stringify(JSON.stringify(json))})`;
const KEYS = { Version: 1, AccessKeyId: "AKID", SecretAccessKey: "process-secret" };

describe("processCredentials()", () => {
  test("reads all members", async () => {
    const Expiration = "2030-01-01T02:00:00+02:00";
    const json = { ...KEYS, SessionToken: "token", Expiration, AccountId: "123456789012" };
    assert.deepEqual(await run(print(json)), {
      credentials: {
        accessKeyId: "AKID",
        secretAccessKey: "process-secret",
        sessionToken: "token",
        expiration: new Date("2030-01-01T00:00:00Z"),
        accountId: "123456789012",
      },
      provider: "process",
    });
  });

  test("takes an account that is a number", async () => {
    const { credentials } = await run(print({ ...KEYS, AccountId: 12_345_678_901 }));
    assert.equal(credentials.accountId, "012345678901");
  });

  test("takes the profile's account when the program tells none", async () => {
    const { credentials } = await run(print(KEYS), "aws_account_id = 999999999999");
    assert.equal(credentials.accountId, "999999999999");
  });

  test("gives the program the session's environment, and an input that is at its end", async () => {
    const script = `process.stdin.on("end",()=>console.log(JSON.stringify({Version:1,AccessKeyId:process.env.FROM_OUTSIDE,SecretAccessKey:"s"}))).resume()`;
    assert.equal((await run(script)).credentials.accessKeyId, "AKID");
  });

  const FAULTS: readonly (readonly [string, string, RegExp])[] = [
    ["another version", print({ ...KEYS, Version: 2 }), /wrote Version 2, and only 1 is known/],
    [
      "no version",
      print({ AccessKeyId: "AKID", SecretAccessKey: "process-secret" }),
      /wrote Version null/,
    ],
    ["no secret", print({ Version: 1, AccessKeyId: "AKID" }), /"secretAccessKey" is missing/],
    ["garbage", `console.log("process-secret")`, /did not write a JSON object/],
    ["nothing", "", /did not write a JSON object/],
    ["a list", print([KEYS]), /did not write a JSON object/],
    [
      "an exit code",
      `console.error("log in first");process.exit(3)`,
      /failed with exit code 3: log in first$/,
    ],
    ["a signal", `process.kill(process.pid,"SIGTERM")`, /was ended by SIGTERM$/],
    [
      "too much",
      `process.stdout.write("process-secret ".repeat(1e5))`,
      /wrote more than 65536 bytes/,
    ],
    [
      "secrets in its errors",
      `console.error(JSON.stringify({SecretAccessKey:"process-secret"}),"SessionToken=process-secret","A".repeat(40));process.exit(1)`,
      /exit code 1: .*\(hidden\).*\(hidden\).*\(hidden\)$/,
    ],
  ];
  for (const [name, script, message] of FAULTS) {
    test(`fails for ${name}, and shows no secret`, async () => {
      await assert.rejects(run(script), (error: Error) => {
        assert.equal(error.name, "CredentialsError");
        assert.match(error.message, message);
        assert.doesNotMatch(
          inspect(error, { depth: null, showHidden: true }),
          /process-secret|AAAA/,
        );
        return true;
      });
    });
  }

  test("fails for a program that is not there, without its arguments", async () => {
    const config = "[default]\ncredential_process = /no/such/program --password hush";
    await assert.rejects(resolveChain(chainOptions({ config }).options), (error: Error) => {
      assert.match(error.message, /"\/no\/such\/program" cannot be started \(ENOENT\)/);
      assert.doesNotMatch(inspect(error), /hush/);
      return true;
    });
  });

  test("fails for a quote that is not closed", async () => {
    const config = `[default]\ncredential_process = /bin/echo "hush`;
    await assert.rejects(
      resolveChain(chainOptions({ config }).options),
      /a quote in it is not closed/,
    );
  });

  test("does not wait for what an ended program has started", async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "process-"));
    t.after(() => rm(folder, { recursive: true }));
    const ended = join(folder, "ended");
    const orphan = `setTimeout(()=>require("fs").existsSync(${JSON.stringify(folder)})&&require("fs").writeFileSync(${JSON.stringify(ended)},""),8000)`;
    const script = `require("child_process").spawn(process.execPath,["-e",${JSON.stringify(orphan)}],{stdio:"inherit"})`;
    const given = { program: process.execPath, args: ["-e", script], profile: "p" };
    await assert.rejects(
      runProgram({ ...given, environment: process.env, timeoutMs: 1500 }),
      /did not end within 1.5 s$/,
    );
    assert.equal(existsSync(ended), false);
  });

  test("ends a program that is silent", async () => {
    const program = process.execPath;
    const args = ["-e", "setInterval(() => 0, 1000)"];
    await assert.rejects(
      runProgram({ program, args, profile: "p", environment: process.env, timeoutMs: 300 }),
      /did not end within 0.3 s$/,
    );
  });
});
