import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { temporaryFolder } from "../testdata/named-pipe.ts";
import { compileCacheFolder } from "./cache-folder.ts";

/** The folder below this one. */
function below(base: string): string {
  return join(base, "lambdad", "compile-cache");
}

describe("compileCacheFolder()", () => {
  test("is made in the cache of the user, for nobody else", (t) => {
    const home = temporaryFolder(t);
    const folder = compileCacheFolder({ HOME: home });
    assert.equal(folder, below(join(home, ".cache")));
    for (const path of [folder, join(home, ".cache", "lambdad")]) {
      assert.equal(statSync(path).mode & 0o777, 0o700);
    }
    assert.equal(compileCacheFolder({ HOME: home }), folder, "it is used again");
  });

  test("prefers XDG_CACHE_HOME", (t) => {
    const cache = temporaryFolder(t);
    assert.equal(compileCacheFolder({ HOME: "/none", XDG_CACHE_HOME: cache }), below(cache));
  });

  test("is none without a home, or where it cannot be made", (t) => {
    assert.equal(compileCacheFolder({}), undefined);
    assert.equal(compileCacheFolder({ HOME: "", XDG_CACHE_HOME: "" }), undefined);
    const missing = join(temporaryFolder(t), "missing");
    assert.equal(compileCacheFolder({ HOME: missing }), undefined);
    assert.equal(existsSync(missing), false, "a home is not made");
    const file = join(temporaryFolder(t), "file");
    writeFileSync(file, "");
    assert.equal(compileCacheFolder({ HOME: file }), undefined);
  });

  for (const [what, prepare] of [
    ["that others may write to", (base: string) => open(below(base))],
    ["in one that others may write to", (base: string) => open(join(base, "lambdad"))],
    ["that leads elsewhere", link],
  ] as const) {
    test(`is none for a folder ${what}: what is in it is executed`, (t) => {
      const base = temporaryFolder(t);
      prepare(base, t);
      assert.equal(compileCacheFolder({ XDG_CACHE_HOME: base }), undefined);
    });
  }
});

function open(folder: string): void {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o777);
}

function link(base: string, t: TestContext): void {
  mkdirSync(join(base, "lambdad"), { mode: 0o700 });
  symlinkSync(temporaryFolder(t), below(base));
}
