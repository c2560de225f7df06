import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { wrappedCommand } from "./exec-wrapper.ts";

interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly wrapper: string;
}

/** Runs `printf '<%s>' ARGS…` by a wrapper with this text, or by whatever `make` puts there. */
function run(t: TestContext, make: (path: string) => unknown, args: readonly string[] = []): Run {
  const folder = mkdtempSync(join(tmpdir(), "lambdad-wrapper-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const wrapper = join(folder, "my wrapper");
  make(wrapper);
  const command = wrappedCommand("printf", ["<%s>", ...args]);
  const env = { PATH: process.env["PATH"], AWS_LAMBDA_EXEC_WRAPPER: wrapper };
  const { status, stdout } = spawnSync(command.file, command.args, { env, encoding: "utf8" });
  return { status, stdout, wrapper };
}

const script =
  (text: string) =>
  (path: string): void => {
    writeFileSync(path, `#!/bin/sh\n${text}\n`);
    chmodSync(path, 0o755);
  };

type WrapperFault = [what: string, make: (path: string) => unknown, status: number, reason: string];

describe("wrappedCommand()", () => {
  test("gives the wrapper the command, each argument as it is", (t) => {
    const { status, stdout } = run(t, script('exec "$@"'), ["a b", "", "*", "$HOME", 'q"']);
    assert.equal(stdout, '<a b><><*><$HOME><q">');
    assert.equal(status, 0);
  });

  test("ends as the wrapper ends", (t) => {
    assert.deepEqual(run(t, script("exit 7")).status, 7);
  });

  test("tells the wrapper nothing of a channel that is not there", (t) => {
    const { stdout } = run(t, script("env"));
    assert.ok(!stdout.includes("LAMBDAD"), stdout);
  });

  for (const [what, make, status, reason] of [
    ["that is not there", (): void => {}, 127, "does not exist"],
    ["that is a folder", mkdirSync, 127, "does not exist"],
    [
      "that is not executable",
      (path: string): void => writeFileSync(path, "#!/bin/sh\n"),
      126,
      "is not an executable",
    ],
  ] as const satisfies readonly Readonly<WrapperFault>[]) {
    test(`ends with ${status} for a wrapper ${what}, as AWS's start scripts do`, (t) => {
      const ran = run(t, make);
      assert.equal(ran.stdout, `${ran.wrapper}: ${reason}\n`);
      assert.equal(ran.status, status);
    });
  }
});
