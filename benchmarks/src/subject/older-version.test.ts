import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { checkOutVersion } from "./older-version.ts";

const hasCommit =
  spawnSync("git", ["rev-parse", "HEAD"], { cwd: import.meta.dirname }).status === 0;
const skip = hasCommit ? false : "needs git and a clone";

test(
  "checkOutVersion() takes a commit out, whose packages find each other",
  { skip },
  async (t) => {
    const cache = realpathSync(mkdtempSync(join(tmpdir(), "lambdad-versions-")));
    t.after(() => rmSync(cache, { recursive: true }));
    const { name, command } = checkOutVersion("node", "HEAD", cache);
    assert.match(name, /^lambdad [0-9a-f]{7}$/);
    const main = command.at(-1) ?? "";
    assert.ok(existsSync(main), main);
    const root = join(main, "..", "..", "..", "..");
    const core = realpathSync(join(root, "node_modules", "@lambdad", "core"));
    assert.equal(core, join(root, "packages", "core"));
    assert.deepEqual(checkOutVersion("node", "HEAD", cache), { name, command });
  },
);

test("checkOutVersion() refuses what is no commit", { skip }, () => {
  assert.throws(() => checkOutVersion("node", "no-such-commit"), TypeError);
});
