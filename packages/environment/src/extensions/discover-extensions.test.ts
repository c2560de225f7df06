import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { temporaryFolder } from "../testdata/pool-fixture.ts";
import { disableFile, discoverExtensions, extensionsDisabled } from "./discover-extensions.ts";

describe("discoverExtensions()", () => {
  test("finds nothing in a folder that does not exist, or is a file", async (t) => {
    const folder = await temporaryFolder(t);
    await writeFile(join(folder, "file"), "");
    assert.deepEqual(discoverExtensions(join(folder, "none")), []);
    assert.deepEqual(discoverExtensions(join(folder, "none", "none")), []);
    assert.deepEqual(discoverExtensions(join(folder, "file")), []);
    assert.deepEqual(discoverExtensions(join(folder, "file", "none")), []);
  });

  test("finds nothing in an empty folder", async (t) => {
    assert.deepEqual(discoverExtensions(await temporaryFolder(t)), []);
  });

  test("gives complete file names in the order of the names", async (t) => {
    const folder = await temporaryFolder(t);
    const names = ["b.sh", "a", "B", ".hidden", "with space", "10", "9", "ä.py"];
    for (const name of names) await writeFile(join(folder, name), "");
    assert.deepEqual(discoverExtensions(folder), names.toSorted());
  });

  test("leaves out folders, and links to folders, and does not look into them", async (t) => {
    const folder = await temporaryFolder(t);
    await mkdir(join(folder, "lib"));
    await writeFile(join(folder, "lib", "inner"), "");
    await symlink(join(folder, "lib"), join(folder, "link-to-lib"));
    await writeFile(join(folder, "agent"), "");
    assert.deepEqual(discoverExtensions(folder), ["agent"]);
  });

  test("gives every other file, also one that cannot be executed: its start says why", async (t) => {
    const folder = await temporaryFolder(t);
    await writeFile(join(folder, "plain"), "");
    await chmod(join(folder, "plain"), 0o400);
    await symlink(join(folder, "plain"), join(folder, "link"));
    await symlink(join(folder, "none"), join(folder, "broken"));
    await symlink(join(folder, "loop"), join(folder, "loop"));
    assert.deepEqual(discoverExtensions(folder), ["broken", "link", "loop", "plain"]);
  });

  test("throws when the folder cannot be read for another reason", async (t) => {
    const folder = await temporaryFolder(t);
    await symlink(join(folder, "loop"), join(folder, "loop"));
    assert.throws(() => discoverExtensions(join(folder, "loop")), { code: "ELOOP" });
  });
});

describe("extensionsDisabled()", () => {
  test("looks for AWS's file", () => {
    assert.equal(disableFile, "/opt/disable-extensions-jwigqn8j");
    assert.equal(extensionsDisabled(), existsSync(disableFile));
  });

  test("is asked each time: the file may come and go", async (t) => {
    const path = join(await temporaryFolder(t), "disable");
    assert.equal(extensionsDisabled(path), false);
    await writeFile(path, "");
    assert.equal(extensionsDisabled(path), true);
  });

  test("is false when the file cannot be looked for", async (t) => {
    const folder = await temporaryFolder(t);
    await writeFile(join(folder, "file"), "");
    await symlink(join(folder, "loop"), join(folder, "loop"));
    assert.equal(extensionsDisabled(join(folder, "file", "disable")), false);
    assert.equal(extensionsDisabled(join(folder, "loop", "disable")), false);
  });
});
