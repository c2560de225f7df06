import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { encodePath, isIpv4, parseUrl } from "./parse-url.ts";

describe("parseUrl", () => {
  const cases: readonly (readonly [url: string, expected: readonly unknown[]])[] = [
    ["https://example.com", ["https", "example.com", "", "/", false]],
    ["http://example.com:80/", ["http", "example.com:80", "/", "/", false]],
    ["https://example.com:8443/a/b", ["https", "example.com:8443", "/a/b", "/a/b/", false]],
    ["https://example.com/a//./c/../b/", ["https", "example.com", "/a//./c/../b/", "/a/b/", false]],
    ["https://example.com/%41 ".trim(), ["https", "example.com", "/%41", "/%41/", false]],
    ["https://example.com/é%", ["https", "example.com", "/é%", "/%C3%A9%25/", false]],
    ["HTTP://Example.com", ["http", "Example.com", "", "/", false]],
    ["http://127.0.0.1:9000", ["http", "127.0.0.1:9000", "", "/", true]],
    ["http://127.0.0.1", ["http", "127.0.0.1", "", "/", true]],
    ["http://[::1]:9000/x", ["http", "[::1]:9000", "/x", "/x/", true]],
    ["http://1.2.3.4.example", ["http", "1.2.3.4.example", "", "/", false]],
  ];
  for (const [url, [scheme, authority, path, normalizedPath, isIp]] of cases) {
    it(`reads ${url}`, () => {
      assert.deepEqual(parseUrl(url), { scheme, authority, path, normalizedPath, isIp });
    });
  }

  for (const url of [
    "",
    "example.com",
    "ftp://example.com",
    "https://",
    "https:///a",
    "https://example.com?a=b",
    "https://example.com/#a",
    "https://user:password@example.com",
    "https://example.com:port",
    "https://a b",
    "https://a\\b",
    "https://a/b\r\nx: y",
  ]) {
    it(`does not read ${JSON.stringify(url)}`, () => assert.equal(parseUrl(url), undefined));
  }

  it("gives a normalized path that is clean, and normal already, for any path", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (path) => {
        const parsed = parseUrl(`https://a/${path}`);
        if (parsed === undefined) return;
        assert.match(parsed.normalizedPath, /^\/(?:[\w\-.~!$&'()*+,;=:@%]+\/)*$/);
        const again = parseUrl(`https://a${parsed.normalizedPath}`);
        assert.equal(again?.normalizedPath, parsed.normalizedPath);
      }),
    );
  });
});

describe("encodePath", () => {
  it("keeps slashes and what is encoded", () => {
    assert.equal(encodePath("/a b/%2F/%zz//ü"), "/a%20b/%2F/%25zz//%C3%BC");
  });
});

describe("isIpv4", () => {
  for (const [text, expected] of [
    ["0.0.0.0", true],
    ["255.255.255.255", true],
    ["192.168.1.1:8080", true],
    ["256.1.1.1", false],
    ["1.2.3", false],
    ["1.2.3.4.5", false],
    ["1.2.3.4.", false],
    ["a.2.3.4", false],
  ] as const) {
    it(`says ${expected} of ${text}`, () => assert.equal(isIpv4(text), expected));
  }
});
