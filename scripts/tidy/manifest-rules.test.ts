import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { PackageManifest } from "../repository.ts";
import { checkDependencyReasons, checkLockFile, checkManifests } from "./manifest-rules.ts";

const manifest: PackageManifest = {
  name: "@lambdad/core",
  version: "1.2.3",
  description: "The vocabulary",
  license: "Apache-2.0",
  type: "module",
  files: ["dist", "src", "!src/**/*.test.ts", "!src/**/testdata"],
  exports: {
    ".": {
      "@lambdad/source": "./src/index.ts",
      types: "./dist/index.d.ts",
      default: "./dist/index.js",
    },
  },
  engines: { node: ">=22.18" },
  dependencies: { "@lambdad/http1": "1.2.3", pino: "10.4.0" },
};

function problems(changed: Partial<PackageManifest>, paths = ["packages/core/README.md"]): number {
  const first = { folder: "packages/aaa", manifest };
  const second = { folder: "packages/core", manifest: { ...manifest, ...changed } };
  const files = [...paths, "packages/aaa/README.md"].map((path) => ({ path, text: "" }));
  return checkManifests({ files, workspaces: [first, second] }).length;
}

describe("checkManifests()", () => {
  test("takes the one form", () => {
    assert.equal(problems({}), 0);
  });

  const wrong: readonly Partial<PackageManifest>[] = [
    { version: "1.2.4", dependencies: {} },
    { description: "" },
    { license: "MIT" },
    { type: "commonjs" },
    { files: ["src"] },
    { exports: "./src/index.ts" },
    { engines: { node: ">=20" } },
    { scripts: { postinstall: "node x.js" } },
    { dependencies: { "@lambdad/http1": "1.2.2" } },
    { dependencies: { pino: "^10.4.0" } },
  ];
  for (const changed of wrong) {
    test(`refuses ${JSON.stringify(changed)}`, () => {
      assert.equal(problems(changed), 1);
    });
  }

  test("refuses a package without a README.md", () => {
    assert.equal(problems({}, []), 1);
  });
});

describe("checkLockFile()", () => {
  const linux = { "node_modules/oxlint-linux": {} };
  const darwin = { "node_modules/oxlint-darwin": {} };
  const oxlint = { optionalDependencies: { "oxlint-linux": "1.0.0", "oxlint-darwin": "1.0.0" } };

  function lockProblems(others: object): readonly string[] {
    const text = JSON.stringify({ packages: { "node_modules/oxlint": oxlint, ...others } });
    return checkLockFile({ files: [{ path: "package-lock.json", text }], workspaces: [] });
  }

  test("takes a lock file with the packages of every platform", () => {
    assert.deepEqual(lockProblems({ ...linux, ...darwin }), []);
  });

  test("finds a platform that npm left out", () => {
    assert.deepEqual(lockProblems(linux), [
      "package-lock.json: no 'oxlint-darwin' 1.0.0, which 'node_modules/oxlint' may need",
    ]);
  });

  test("wants a lock file", () => {
    assert.equal(checkLockFile({ files: [], workspaces: [] }).length, 1);
  });
});

describe("checkDependencyReasons()", () => {
  const workspaces = [{ folder: "packages/core", manifest }];

  test("wants a line for each dependency that is not ours", () => {
    const found = checkDependencyReasons({ files: [], workspaces });
    assert.deepEqual(found, ["docs/internals/dependencies.md: no line for 'pino'"]);
  });

  test("is content when the page names it", () => {
    const page = { path: "docs/internals/dependencies.md", text: "| `pino` | logs |" };
    assert.deepEqual(checkDependencyReasons({ files: [page], workspaces }), []);
  });
});
