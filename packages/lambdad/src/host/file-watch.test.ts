import assert from "node:assert/strict";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { waitFor } from "@lambdad/testkit";
import { temporaryFolder } from "../testdata/named-pipe.ts";
import { FileWatch } from "./file-watch.ts";

interface Fixture {
  readonly folder: string;
  readonly errors: Error[];
  readonly watch: FileWatch;
  readonly write: (name: string, text: string) => void;
  /** Waits for the next change, and gives its path. */
  readonly next: () => Promise<string>;
  /** Changes that nobody has waited for. */
  readonly pending: readonly string[];
}

function startWatch(t: TestContext, files: readonly string[] = ["app.mjs"]): Fixture {
  const folder = temporaryFolder(t);
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  for (const name of files) write(name, "1");
  const pending: string[] = [];
  const errors: Error[] = [];
  const watch = new FileWatch(folder, (path) => pending.push(path));
  watch.start((error) => errors.push(error));
  t.after(() => watch.stop());
  const next = async (): Promise<string> => {
    await waitFor(() => pending.length > 0, { what: "a change" });
    return pending.shift() ?? "";
  };
  return { folder, errors, watch, write, next, pending };
}

describe("FileWatch (HO-11)", () => {
  test("tells of a file that is written again, each time", async (t) => {
    const { write, next } = startWatch(t);
    for (const text of ["2", "3", "4"]) {
      write("app.mjs", text);
      assert.equal(await next(), "app.mjs");
    }
  });

  test("tells of a file that an editor replaces, each time", async (t) => {
    const { folder, next } = startWatch(t);
    const outside = temporaryFolder(t);
    for (const text of ["2", "3", "4"]) {
      writeFileSync(join(outside, "new"), text);
      renameSync(join(outside, "new"), join(folder, "app.mjs"));
      assert.equal(await next(), "app.mjs");
    }
    writeFileSync(join(folder, "app.mjs"), "5");
    assert.equal(await next(), "app.mjs");
  });

  test("tells of files in folders below, also in new ones", async (t) => {
    const { write, next } = startWatch(t, ["lib/deep/a.mjs"]);
    write("lib/deep/a.mjs", "2");
    assert.equal(await next(), "lib/deep/a.mjs");
    write("new/b.mjs", "1");
    assert.match(await next(), /^new(\/b\.mjs)?$/);
    write("new/b.mjs", "2");
    assert.equal(await next(), "new/b.mjs");
  });

  test("tells of files in a folder that was replaced, or came back", async (t) => {
    const { folder, write, next } = startWatch(t, ["lib/a.mjs"]);
    const outside = temporaryFolder(t);
    renameSync(join(folder, "lib"), join(outside, "lib"));
    assert.equal(await next(), "lib");
    renameSync(join(outside, "lib"), join(folder, "lib"));
    assert.equal(await next(), "lib");
    write("lib/a.mjs", "2");
    assert.equal(await next(), join("lib", "a.mjs"));
    rmSync(join(folder, "lib"), { recursive: true });
    assert.match(await next(), /^lib/);
    write("lib/a.mjs", "3");
    assert.match(await next(), /^lib/);
    write("lib/a.mjs", "4");
    assert.equal(await next(), join("lib", "a.mjs"));
  });

  test("tells of a file that is removed", async (t) => {
    const { folder, next } = startWatch(t);
    rmSync(join(folder, "app.mjs"));
    assert.equal(await next(), "app.mjs");
  });

  test("tells once of changes that come together", async (t) => {
    const names = Array.from({ length: 20 }, (_, index) => `file-${index}.mjs`);
    const { write, next, pending } = startWatch(t, names);
    for (const name of names) write(name, "2");
    await next();
    write("file-0.mjs", "3");
    assert.equal(await next(), "file-0.mjs");
    assert.deepEqual(pending, []);
  });

  test("says nothing of installed packages, caches and the repository", async (t) => {
    const ignored = ["node_modules/a/index.js", ".git/HEAD", "lib/__pycache__/a.pyc"];
    const { write, next, pending } = startWatch(t, [...ignored, "app.mjs"]);
    for (const name of ignored) write(name, "2");
    write("app.mjs", "2");
    assert.equal(await next(), "app.mjs");
    assert.deepEqual(pending, []);
  });

  test("says why a folder cannot be watched, and throws nothing", async (t) => {
    const errors: Error[] = [];
    const watch = new FileWatch(join(temporaryFolder(t), "nothing"), () => {});
    watch.start((error) => errors.push(error));
    t.after(() => watch.stop());
    await waitFor(() => errors.length > 0, { what: "an error" });
    assert.match(errors[0]?.message ?? "", /ENOENT/);
  });

  test("says nothing more when it is stopped", async (t) => {
    const { write, watch, pending } = startWatch(t);
    write("app.mjs", "2");
    watch.stop();
    const other = startWatch(t);
    other.write("app.mjs", "2");
    await other.next();
    assert.deepEqual(pending, []);
  });
});
