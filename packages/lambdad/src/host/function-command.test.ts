import assert from "node:assert/strict";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { ConfigError } from "../configuration/config-error.ts";
import { temporaryFolder } from "../testdata/named-pipe.ts";
import { pythonBootstrap } from "./python-runtime.ts";
import { commandOfHandler, commandOfWords, type FunctionCommand } from "./function-command.ts";

/** Files with their contents, below a new folder. */
function folderOf(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder(t);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

function run(handler: string, cwd: string, bootstrapHandler?: string): Promise<FunctionCommand> {
  return commandOfHandler(handler, {
    cwd,
    memorySizeMb: undefined,
    ...(bootstrapHandler === undefined ? {} : { bootstrapHandler }),
  });
}

async function problemOf(handler: string, cwd: string): Promise<string> {
  try {
    await run(handler, cwd);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    assert.equal(error.problems.length, 1);
    return error.problems[0] ?? "";
  }
  return assert.fail(`'${handler}' must be refused`);
}

/** Puts a `python3` before all others that does what this shell script says. */
function fakePython(t: TestContext, script: string): void {
  const folder = folderOf(t, { python3: `#!/bin/sh\n${script}\n` });
  chmodSync(join(folder, "python3"), 0o755);
  setPath(t, `${folder}:${process.env["PATH"]}`);
}

function setPath(t: TestContext, path: string): void {
  const before = process.env["PATH"];
  process.env["PATH"] = path;
  t.after(() => {
    process.env["PATH"] = before;
  });
}

test("commandOfWords() runs the words as they are, in the current folder", () => {
  const words = ["python3", "-m", "x", "app.handler"];
  const { command, taskRoot, language } = commandOfWords(words, "/task");
  assert.deepEqual(command, {
    file: "python3",
    args: ["-m", "x", "app.handler"],
    cwd: "/task",
    variables: {},
    channel: false,
  });
  assert.equal(taskRoot, "/task");
  assert.equal(language, undefined);
});

describe("commandOfHandler() with a JavaScript or TypeScript file", () => {
  for (const ending of [".js", ".mjs", ".cjs", ".ts", ".mts", ".cts"]) {
    test(`runs the Node runtime for ${ending}`, async (t) => {
      const cwd = folderOf(t, { [`app${ending}`]: "" });
      const { command, taskRoot, watchFolder, language } = await run("app.handler", cwd);
      assert.equal(language, "node");
      assert.equal(command.file, process.execPath);
      assert.match(command.args.at(-1) ?? "", /main\.ts$/);
      assert.equal(command.cwd, cwd);
      assert.equal(command.channel, true);
      assert.equal(command.variables["_HANDLER"], "app.handler");
      assert.equal(command.variables["LAMBDA_TASK_ROOT"], cwd);
      assert.equal(taskRoot, cwd);
      assert.equal(watchFolder, cwd);
    });
  }

  test("names a file in a folder below as on AWS, and watches that folder", async (t) => {
    const cwd = folderOf(t, { "a/b/file.mjs": "" });
    for (const written of ["a/b/file.deep.export", "./a/b/file.deep.export"]) {
      const { command, taskRoot, watchFolder } = await run(written, cwd);
      assert.equal(command.variables["_HANDLER"], "a/b/file.deep.export");
      assert.equal(taskRoot, cwd);
      assert.equal(watchFolder, join(cwd, "a/b"));
    }
  });

  test("makes the folder of a file outside of the current one the task root", async (t) => {
    const folder = folderOf(t, { "app.mjs": "" });
    const cwd = temporaryFolder(t);
    for (const written of [
      join(folder, "app.handler"),
      relative(cwd, join(folder, "app.handler")),
    ]) {
      const { command, taskRoot } = await run(written, cwd);
      assert.equal(taskRoot, folder);
      assert.equal(command.cwd, folder);
      assert.equal(command.variables["_HANDLER"], "app.handler");
      assert.equal(command.variables["LAMBDA_TASK_ROOT"], folder);
    }
  });

  test("finds a file whose name begins with two dots in the current folder", async (t) => {
    const cwd = folderOf(t, { "..a/app.mjs": "" });
    assert.equal((await run("..a/app.handler", cwd)).taskRoot, cwd);
  });

  test("gives V8 less than the memory of the function when that is enforced", async (t) => {
    const cwd = folderOf(t, { "app.mjs": "" });
    const { command } = await commandOfHandler("app.handler", { cwd, memorySizeMb: 1000 });
    assert.ok(command.args.includes("--max-old-space-size=900"));
  });
});

describe("commandOfHandler() with a Python file", () => {
  test("runs awslambdaric in the task root, with the handler's own name", async (t) => {
    fakePython(t, "exit 0");
    const folder = folderOf(t, { "a/app.py": "" });
    for (const [cwd, written, name, taskRoot] of [
      [folder, "./a/app.handler", "a/app.handler", folder],
      [join(folder, "a"), "app.handler", "app.handler", join(folder, "a")],
      [temporaryFolder(t), join(folder, "a/app.handler"), "app.handler", join(folder, "a")],
    ] as const) {
      const found = await run(written, cwd);
      assert.deepEqual(found.command, {
        file: "python3",
        args: [pythonBootstrap()],
        cwd: taskRoot,
        variables: { _HANDLER: name, LAMBDA_TASK_ROOT: taskRoot },
        channel: false,
      });
      assert.equal(found.language, "python");
      assert.equal(found.taskRoot, taskRoot);
      assert.equal(found.watchFolder, join(folder, "a"));
    }
  });

  test("asks Python in the task root, where the package may lie", async (t) => {
    const cwd = folderOf(t, { "app.py": "", "awslambdaric.here": "" });
    fakePython(t, "test -e awslambdaric.here || exit 86");
    assert.equal((await run("app.handler", cwd)).command.file, "python3");
  });

  for (const [what, script, reason] of [
    [
      "has no package awslambdaric",
      "exit 86",
      "Python has no package 'awslambdaric'. Type: python3 -m pip install awslambdaric",
    ],
    [
      "does not work",
      "echo one >&2; echo 'Fatal Python error: init' >&2; exit 1",
      "python3 does not work: Fatal Python error: init",
    ],
    ["ends without a word", "exit 7", "python3 does not work: it ended with 7"],
  ] as const) {
    test(`says what to do when Python ${what}`, async (t) => {
      fakePython(t, script);
      const cwd = folderOf(t, { "app.py": "" });
      assert.equal(await problemOf("app.handler", cwd), `Cannot run 'app.handler': ${reason}`);
    });
  }

  test("says so when there is no Python", async (t) => {
    setPath(t, temporaryFolder(t));
    const cwd = folderOf(t, { "app.py": "" });
    const problem = await problemOf("app.handler", cwd);
    assert.equal(problem, "Cannot run 'app.handler': python3 is not installed");
  });
});

describe("commandOfHandler() with a folder", () => {
  for (const [given, handler] of [
    [undefined, "bootstrap"],
    ["function.handler", "function.handler"],
  ] as const) {
    test(`runs its bootstrap with _HANDLER '${handler}'`, async (t) => {
      const cwd = folderOf(t, { "f/bootstrap": "#!/bin/sh\n" });
      const folder = join(cwd, "f");
      chmodSync(join(folder, "bootstrap"), 0o755);
      const { command, taskRoot, watchFolder, language } = await run("f", cwd, given);
      assert.equal(language, undefined);
      assert.deepEqual(command, {
        file: join(folder, "bootstrap"),
        args: [],
        cwd: folder,
        variables: { _HANDLER: handler, LAMBDA_TASK_ROOT: folder },
        channel: false,
      });
      assert.equal(taskRoot, folder);
      assert.equal(watchFolder, folder);
    });
  }

  test("says what to type when the bootstrap is not executable", async (t) => {
    const cwd = folderOf(t, { "f/bootstrap": "" });
    const path = join(cwd, "f/bootstrap");
    assert.equal(
      await problemOf("f", cwd),
      `Cannot run '${path}': it is not executable. Type: chmod +x '${path}'`,
    );
  });

  test("says what to give when there is no bootstrap", async (t) => {
    const cwd = folderOf(t, { "f/app.mjs": "" });
    assert.equal(
      await problemOf("f", cwd),
      "Cannot run 'f': it is a folder without a file 'bootstrap'. Name the handler in it: file.export, e.g. f/app.handler",
    );
  });
});

describe("commandOfHandler() refuses", () => {
  for (const handler of ["app", ".handler", "a/.handler", "app.", "app.handler/", "nothing/"]) {
    test(`'${handler}', which is not file.export`, async (t) => {
      const cwd = folderOf(t, { "app.mjs": "", "a/.mjs": "" });
      assert.equal(
        await problemOf(handler, cwd),
        `Cannot run '${handler}': it is neither a folder nor of the form file.export, e.g. app.handler`,
      );
    });
  }

  test("a file that does not exist, with its path and the endings", async (t) => {
    const cwd = temporaryFolder(t);
    const problem = await problemOf("src/app.handler", cwd);
    assert.ok(problem.startsWith("Cannot run 'src/app.handler': there is no file"));
    assert.ok(problem.includes(join(cwd, "src/app")));
    assert.ok(problem.endsWith(".cts or .py"));
  });

  for (const [handler, example] of [
    ["src/app.mjs", "src/app.handler"],
    ["app.py", "app.handler"],
  ] as const) {
    test(`'${handler}', a file without an export, with what to type`, async (t) => {
      const cwd = folderOf(t, { [handler]: "" });
      assert.equal(
        await problemOf(handler, cwd),
        `Cannot run '${handler}': it is a file. Name the function in it, without the file's ending: e.g. ${example}`,
      );
    });
  }

  test("a program, with what to type", async (t) => {
    const cwd = folderOf(t, { runtime: "#!/bin/sh\n" });
    assert.match(await problemOf("runtime", cwd), /it is a file\. Give file\.export/);
    chmodSync(join(cwd, "runtime"), 0o755);
    assert.match(await problemOf("runtime", cwd), /type: lambdad \.\/runtime$/);
  });
});
