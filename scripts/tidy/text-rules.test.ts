import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { checkLength, checkMachinePaths, checkRegistries, checkUnfinished } from "./text-rules.ts";
import type { Checkout } from "./tidy-rule.ts";

function checkoutOf(path: string, text: string): Checkout {
  return { files: [{ path, text }], workspaces: [] };
}

describe("checkLength()", () => {
  const long = "x;\n".repeat(401);

  test("takes 400 lines and refuses 401", () => {
    assert.deepEqual(checkLength(checkoutOf("a.ts", long.slice(3))), []);
    assert.deepEqual(checkLength(checkoutOf("a.ts", long)), ["a.ts: 401 lines, at most 400"]);
  });

  for (const path of ["src/testdata/a.ts", "src/generated/a.ts", "a.md", "Cargo.lock"]) {
    test(`does not look at ${path}`, () => {
      assert.deepEqual(checkLength(checkoutOf(path, long)), []);
    });
  }
});

describe("checkUnfinished()", () => {
  for (const word of ["todo", "fixme", "xxx"].map((text) => text.toUpperCase())) {
    test(`finds ${word} with its line`, () => {
      const found = checkUnfinished(checkoutOf("a.ts", `x;\n// ${word}: y\n`));
      assert.deepEqual(found, [`a.ts:2: '${word}'`]);
    });
  }

  test("leaves words alone that only contain one", () => {
    assert.deepEqual(checkUnfinished(checkoutOf("a.ts", "mas_TODOS todo")), []);
  });
});

/** Put together from parts: this file is checked too. */
function below(...parts: string[]): string {
  return `/${parts.join("/")}`;
}

describe("checkMachinePaths()", () => {
  const checkoutRoot = below("srv", "lambdad");
  const machine = [below("home", "ada", "x"), below("Users", "ada"), below("srv", "lambdad", "x")];
  for (const path of [...machine, below("root", ".cache")]) {
    test(`finds ${path}`, () => {
      assert.equal(
        checkMachinePaths(checkoutOf("a.ts", `open("${path}")`), checkoutRoot).length,
        1,
      );
    });
  }

  for (const path of [
    "/var/task",
    "/opt/extensions",
    "/home/sbx_user1051",
    "./work/x",
    "/a/work/x",
  ]) {
    test(`takes ${path}`, () => {
      assert.deepEqual(checkMachinePaths(checkoutOf("a.ts", `open("${path}")`), checkoutRoot), []);
    });
  }
});

describe("checkRegistries()", () => {
  const scheme = "https:";
  for (const line of [
    `"resolved": "${scheme}//example.com/pino.tgz"`,
    `registry=${scheme}//example.com`,
    `npm ci --registry ${scheme}//example.com`,
    `pip install --index-url=${scheme}//example.com/simple`,
    `${scheme}//${["registry", "example", "com"].join(".")}`,
    `GOPROXY=${scheme}//example.com`,
  ]) {
    test(`finds ${line}`, () => {
      assert.equal(checkRegistries(checkoutOf("a", line), undefined).length, 1);
    });
  }

  test("finds the host of the registry that this machine uses", () => {
    const checkout = checkoutOf("a", "fetch from mirror.example:4873 first");
    assert.deepEqual(checkRegistries(checkout, "mirror.example:4873"), [
      "a:1: 'mirror.example:4873'",
    ]);
    assert.deepEqual(checkRegistries(checkout, undefined), []);
  });

  test("takes a link to a workspace in the lock file", () => {
    assert.deepEqual(
      checkRegistries(checkoutOf("a", '"resolved": "packages/core"'), undefined),
      [],
    );
  });
});
