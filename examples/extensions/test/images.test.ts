// The images, as far as they go without Docker: what they copy exists, and their entry scripts start
// the right thing.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, test, type TestContext } from "node:test";

const folder = join(import.meta.dirname, "..");
const read = (name: string): string => readFileSync(join(folder, name), "utf8");

const images = [
  {
    dockerfile: "Dockerfile",
    script: "entrypoint.sh",
    lambdad: "/opt/lambdad/bin/node",
    command: "/opt/lambdad/bin/node /ROOT/opt/lambdad/bin/lambdad /ROOT/lambda-entrypoint.sh",
    handler: "src/hello.handler",
    name: "hello",
  },
  {
    dockerfile: "node.Dockerfile",
    script: "node-entrypoint.sh",
    lambdad: "/opt/lambdad/bin/lambdad",
    command: "/opt/lambdad/bin/lambdad run",
    handler: "src/greet.handler",
    name: "",
  },
] as const;

/** A root with programs that say how they were started, and the script that uses them. */
function makeRoot(t: TestContext, script: string, programs: readonly string[]): string {
  const root = mkdtempSync(join(tmpdir(), "lambdad-image-"));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    chmodSync(join(root, path), 0o755);
  };
  for (const path of programs) {
    write(path, '#!/bin/sh\necho "$0" "$@"\necho "name=${AWS_LAMBDA_FUNCTION_NAME:-}"\n');
  }
  write("entrypoint.sh", read(script).replaceAll(/(?<= )\/(?=opt|lambda-)/g, `${root}/`));
  return root;
}

for (const { dockerfile, script, lambdad, command, handler, name } of images) {
  describe(dockerfile, () => {
    test("copies files that are there, and that can be executed where they must", () => {
      const copies = read(dockerfile).matchAll(/^COPY (?!--from)(?:--chmod=\d+ )?(.+) \S+$/gm);
      const paths = Array.from(copies, ([, sources = ""]) => sources.split(" ")).flat();
      const ours = paths.filter((path) => path !== "*.tgz");
      assert.notDeepEqual(ours, []);
      for (const path of ours) {
        assert.ok(existsSync(join(folder, path)), path);
        if (/\.sh$|^extensions\//.test(path)) accessSync(join(folder, path), constants.X_OK);
      }
      assert.ok(ours.includes(script));
    });

    const cases = [
      { where: "anywhere else", env: {}, starts: command, named: name },
      {
        where: "under a name of its own",
        env: { AWS_LAMBDA_FUNCTION_NAME: "own" },
        starts: command,
        named: "own",
      },
      {
        where: "on AWS Lambda",
        env: { AWS_LAMBDA_RUNTIME_API: "169.254.100.1:9001", AWS_LAMBDA_FUNCTION_NAME: "aws" },
        starts: "/lambda-entrypoint.sh",
        named: "aws",
      },
    ];
    for (const { where, env, starts, named } of cases) {
      test(`${script} starts what it must ${where}`, (t) => {
        const root = makeRoot(t, script, [lambdad, "lambda-entrypoint.sh"]);
        const { status, stdout, stderr } = spawnSync(join(root, "entrypoint.sh"), [handler], {
          env: { PATH: process.env["PATH"] ?? "", ...env },
          encoding: "utf8",
        });
        assert.equal(status, 0, stderr);
        const expected = `${root}${starts.replaceAll("/ROOT", root)} ${handler}\nname=${named}\n`;
        assert.equal(stdout, expected);
      });
    }
  });
}
