import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeName, keyOfPath, keyPath, prefixFolder } from "./key-path.ts";

const pathOf = (key: string): string => {
  const { parent, name } = keyPath(key);
  return parent === "" ? name : `${parent}/${name}`;
};

for (const [key, path] of [
  ["a/b.txt", "a/b.txt"],
  ["100% sure", "100% sure"],
  ["50%2F", "50%252F"],
  ["50%2f", "50%2f"],
  ["a%~f", "a%25~f"],
  ["a//b", "a/%/b"],
  ["a/", "a/%"],
  ["%", "%25"],
  ["a%", "a%"],
  ["/", "%/%"],
  ["..", "%2E%2E"],
  ["../../x", "%2E%2E/%2E%2E/x"],
  ["./.hidden", "%2E/.hidden"],
  ["nul\0", "nul%00"],
  ["line\nend\x7f", "line%0Aend%7F"],
  ["ünï/😀", "ünï/😀"],
  ["back\\slash:x", "back\\slash:x"],
] as const) {
  const skip = process.platform === "win32" && /[\\:]/.test(key);
  test(`keyPath: ${JSON.stringify(key)} is ${path}`, { skip }, () => {
    assert.equal(pathOf(key), path);
    assert.equal(keyOfPath(path), key);
  });
}

const piece = fc.oneof(
  fc.constantFrom(
    "/",
    ".",
    "..",
    "%",
    "%2",
    "%25",
    "%2F",
    "~",
    "%~",
    "%~e",
    "%~c",
    "%~f",
    "\0",
    "\n",
  ),
  fc.constantFrom("a", "é", "😀", "\u{FFFD}", "\uE000", " ", "\\", "con", "nul.txt", "é"),
  fc.nat({ max: 260 }).map((count) => "x".repeat(count)),
  fc.nat({ max: 90 }).map((count) => "\x01".repeat(count)),
  fc.string({ unit: "binary" }),
);
const anyKey = fc
  .array(piece, { minLength: 1, maxLength: 12 })
  .map((pieces) => pieces.join(""))
  .filter((key) => key !== "" && Buffer.byteLength(key) <= 1024);

test("keyPath: any key comes back, in names that a file system takes", () => {
  fc.assert(
    fc.property(anyKey, (key) => {
      const path = pathOf(key);
      assert.equal(keyOfPath(path), key);
      for (const name of path.split("/")) {
        assert.ok(Buffer.byteLength(name) <= 253 && name !== "" && name !== "." && name !== "..");
        assert.doesNotMatch(name, /[\0\n]/);
      }
    }),
    { numRuns: 500 },
  );
});

test("keyPath: two keys have two paths, also beside a folder", () => {
  fc.assert(
    fc.property(anyKey, anyKey, (a, b) => {
      assert.equal(a === b, pathOf(a) === pathOf(b));
      assert.notEqual(pathOf(a), `${pathOf(b)}%~f`);
    }),
    { numRuns: 500 },
  );
});

for (const name of ["a%2Fb", "%2e%2E", "%41", "%~e", "a%~c", "%~x", "a%~f%~f", "line\nend"]) {
  test(`decodeName: ${JSON.stringify(name)} is no key's folder, and no file's own name`, () => {
    if (name === "%2e%2E") {
      assert.equal(decodeName(name, false), undefined);
      return;
    }
    assert.equal(decodeName(name, true), undefined);
    assert.equal(decodeName(name, false), undefined);
  });
}

test("keyPath: pieces of long segments stay together in the order of keys", () => {
  const long = "x".repeat(246);
  // The folder `x…%~c` begins with 247 bytes: no name of its own can lie between its keys.
  assert.equal(pathOf(long), long);
  assert.equal(pathOf(`${long}y`), `${long}y%~c/%`);
  assert.equal(pathOf(`${long}yz/w`), `${long}y%~c/z/w`);
});

test("prefixFolder: the deepest folder that a prefix names whole", () => {
  assert.deepEqual(prefixFolder("abc"), { path: "", prefix: "" });
  assert.deepEqual(prefixFolder("a/b/c"), { path: "a/b", prefix: "a/b/" });
  assert.deepEqual(prefixFolder("a//"), { path: "a/%", prefix: "a//" });
});
