import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { canonicalHeaders } from "./canonical-headers.ts";
import { canonicalPath, encodeStrict } from "./canonical-path.ts";
import { canonicalQuery } from "./canonical-query.ts";
import { SIGNING_KEYS_MAX, signingKey, signText } from "./signing-key.ts";
import { signingTime } from "./signing-time.ts";

const paths: readonly [string, string][] = [
  ["", "/"],
  ["/", "/"],
  ["/a/b", "/a/b"],
  ["/a/b/", "/a/b/"],
  ["/a%20b", "/a%2520b"],
  ["/a/./b/../c", "/a/c"],
  ["/..", "/"],
  ["/a/..", "/"],
  ["//a//b//", "/a/b/"],
  ["/.hidden/..visible", "/.hidden/..visible"],
  ["/2015-03-31/functions/f:1/invocations", "/2015-03-31/functions/f%3A1/invocations"],
  ["/(a)*'!", "/%28a%29%2A%27%21"],
];
for (const [path, expected] of paths) {
  test(`canonicalPath("${path}") is "${expected}"`, () => {
    assert.equal(canonicalPath(path), expected);
  });
}

const queries: readonly [readonly string[], string][] = [
  [[], ""],
  [["acl"], "acl="],
  [["b=2", "a=1"], "a=1&b=2"],
  [["a-b=1", "a=2"], "a=2&a-b=1"],
  [["a%20=1", "a=2", "A=3"], "A=3&a=2&a%20=1"],
  [["a=b", "a=B", "a"], "a=&a=B&a=b"],
  [["x=1=2", "x=1"], "x=1&x=1=2"],
];
for (const [query, expected] of queries) {
  test(`canonicalQuery(${JSON.stringify(query)}) is "${expected}"`, () => {
    const given = [...query];
    assert.equal(canonicalQuery(given), expected);
    assert.deepEqual(given, query);
  });
}

test("canonicalQuery() is the same for any order of the pairs", () => {
  const pair = fc.stringMatching(/^[a-c%-]{1,3}(=[a-c%-]{0,3})?$/);
  fc.assert(
    fc.property(fc.array(pair), fc.infiniteStream(fc.nat()), (pairs, numbers) => {
      const shuffled = pairs
        .map((each) => ({ each, order: numbers.next().value }))
        .sort((left, right) => left.order - right.order)
        .map(({ each }) => each);
      assert.equal(canonicalQuery(shuffled), canonicalQuery(pairs));
    }),
  );
});

test("canonicalHeaders() sorts, trims, collapses, and joins repeated names in their order", () => {
  const headers = ["x-b", "  1 \t 2  ", "host", "h", "x-a", "z", "x-b", "0", "x-ab", ""];
  const given = [...headers];
  assert.deepEqual(canonicalHeaders(given), {
    lines: "host:h\nx-a:z\nx-ab:\nx-b:1 2,0\n",
    names: "host;x-a;x-ab;x-b",
  });
  assert.deepEqual(given, headers);
  assert.deepEqual(canonicalHeaders(["user-agent", "u"]), { lines: "", names: "" });
});

test("canonicalHeaders() sorts any names by their bytes", () => {
  const name = fc.stringMatching(/^[a-e0-2-]{1,5}$/);
  fc.assert(
    fc.property(fc.uniqueArray(name), (names) => {
      const expected = names.filter((each) => each !== "te").sort();
      const found = canonicalHeaders(names.flatMap((each) => [each, "v"]));
      assert.equal(found.names, expected.join(";"));
    }),
  );
});

test("encodeStrict() leaves only unreserved characters", () => {
  assert.equal(encodeStrict("aZ0-._~!'()*/ é+"), "aZ0-._~%21%27%28%29%2A%2F%20%C3%A9%2B");
});

test("signingTime() follows the clock in both directions", () => {
  const second = Date.UTC(2015, 7, 30, 12, 36, 0);
  assert.equal(signingTime(second), "20150830T123600Z");
  assert.equal(signingTime(second + 999), "20150830T123600Z");
  assert.equal(signingTime(second + 1000), "20150830T123601Z");
  assert.equal(signingTime(second - 1), "20150830T123559Z");
  assert.throws(() => signingTime(Number.NaN), RangeError);
});

test("signingKey() derives the documentation's key", () => {
  const { key, scope } = signingKey(
    "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    "20120215",
    "us-east-1",
    "iam",
  );
  assert.equal(scope, "20120215/us-east-1/iam/aws4_request");
  assert.equal(
    key.export().toString("hex"),
    "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d",
  );
});

test("signingKey() keeps keys, and not more than it says", () => {
  const first = signingKey("secret", "20260101", "r", "s");
  assert.equal(signingKey("secret", "20260101", "r", "s"), first);
  for (let index = 0; index < SIGNING_KEYS_MAX; index++) {
    signingKey("secret", "20260101", "r", `s${index}`);
  }
  const again = signingKey("secret", "20260101", "r", "s");
  assert.notEqual(again, first);
  assert.equal(signText(again.key, "text"), signText(first.key, "text"));
});
