import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { renderHead } from "./request-head.ts";
import { newRequest } from "./transport-fixture.test.ts";

const direct = { prefix: "", proxyLines: "" };

const refused: [name: string, request: Parameters<typeof newRequest>[0], message: RegExp][] = [
  [
    "a line break in a value",
    { headers: ["x-a", "b\r\nEvil: c"] },
    /header "x-a": its value has a line break/,
  ],
  ["a line feed in a value", { headers: ["x-a", "b\nc"] }, /line break/],
  ["a carriage return in a value", { headers: ["x-a", "b\rc"] }, /line break/],
  ["a NUL in a value", { headers: ["x-a", "b\0c"] }, /control character/],
  ["a control character beside other text", { headers: ["x-a", "ü\x7f"] }, /control character/],
  ["a line break in a name", { headers: ["x-a\r\nb", "c"] }, /header name "x-a\\r\\nb"/],
  ["a colon in a name", { headers: ["x-a:", "c"] }, /header name/],
  ["an empty name", { headers: ["", "c"] }, /header name/],
  [
    "a blank in the path",
    { path: "/a b" },
    /path "\/a b": it must begin with "\/" and be percent-encoded/,
  ],
  ["a line break in the path", { path: "/a\r\nEvil: b" }, /path/],
  ["text beyond ASCII in the path", { path: "/ü" }, /path/],
  ["a path without a slash", { path: "a" }, /path/],
  ["an empty path", { path: "" }, /path/],
  ["a line break in the method", { method: "GET /\r\n" }, /method/],
  ["an empty method", { method: "" }, /method/],
];
for (const [name, request, message] of refused) {
  test(`renderHead() refuses ${name}`, () => {
    assert.throws(() => renderHead(newRequest(request), direct, 0), {
      name: "TypeError",
      message,
    });
  });
}

test("renderHead() writes the framing itself, whatever the headers say", () => {
  const headers = [
    "Content-Length",
    "1",
    "transfer-encoding",
    "x",
    "Connection",
    "close",
    "Expect",
    "y",
    "a",
    "b",
  ];
  const request = newRequest({ method: "PUT", headers, body: "text", expectContinue: true });
  assert.equal(
    renderHead(request, direct, 4),
    "PUT / HTTP/1.1\r\na: b\r\ncontent-length: 4\r\nexpect: 100-continue\r\n\r\n",
  );
});

test("renderHead() writes the absolute form and the credentials for a proxy", () => {
  const target = { prefix: "http://h:80", proxyLines: "proxy-authorization: Basic eA==\r\n" };
  assert.equal(
    renderHead(newRequest({ path: "/a?b" }), target, 0),
    "GET http://h:80/a?b HTTP/1.1\r\nhost: test\r\nproxy-authorization: Basic eA==\r\n\r\n",
  );
});

test("renderHead() gives as many lines as there are headers, or refuses", () => {
  const any = fc.oneof(
    fc.string(),
    fc.string({ unit: "binary" }),
    fc.constantFrom("a", "\r\n", "x-a"),
  );
  const property = fc.property(
    fc.array(fc.tuple(any, any), { maxLength: 5 }),
    any,
    (pairs, path) => {
      const request = newRequest({ headers: pairs.flat(), path: `/${path}` });
      let head: string;
      try {
        head = renderHead(request, direct, 0);
      } catch (error) {
        assert.ok(error instanceof TypeError);
        return;
      }
      const own = /^(?:content-length|transfer-encoding|connection|expect)$/i;
      const sent = pairs.filter(([name]) => !own.test(name));
      assert.equal(head.split(/\r\n|\r|\n/).length, sent.length + 3);
      assert.ok(head.endsWith("\r\n\r\n"));
    },
  );
  fc.assert(property, { numRuns: 500 });
});
