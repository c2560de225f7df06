import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { EndpointError } from "../client/errors.ts";
import { toEndpoint } from "./to-endpoint.ts";

const at = (url: string): ReturnType<typeof toEndpoint> =>
  toEndpoint({ url, properties: {}, headers: {} });

const withAuth = (authSchemes: unknown, preference?: readonly string[]): string | undefined =>
  toEndpoint({ url: "https://a", properties: { authSchemes }, headers: {} }, preference).auth?.name;

describe("toEndpoint", () => {
  const cases: readonly (readonly [
    url: string,
    expected: readonly [string, string, number, string],
  ])[] = [
    ["https://s3.amazonaws.com", ["https:", "s3.amazonaws.com", 443, ""]],
    ["http://localhost/", ["http:", "localhost", 80, ""]],
    ["http://127.0.0.1:9000/base/path/", ["http:", "127.0.0.1", 9000, "/base/path"]],
    ["https://[fd00:ec2::254]:8443", ["https:", "fd00:ec2::254", 8443, ""]],
    ["https://s3.amazonaws.com/a%20b/ü", ["https:", "s3.amazonaws.com", 443, "/a%20b/%C3%BC"]],
  ];
  for (const [url, [protocol, host, port, path]] of cases) {
    it(`reads ${url}`, () => {
      assert.deepEqual(at(url), { protocol, host, port, path, headers: [], auth: undefined });
    });
  }

  for (const url of [
    "s3.amazonaws.com",
    "https://a/b?c",
    "https://a*b",
    "https://ü",
    "https://a:0",
    "https://a:70000",
  ]) {
    it(`refuses ${url}`, () => assert.throws(() => at(url), EndpointError));
  }

  it("puts headers in pairs, names in lower case", () => {
    const headers = { "X-Amz-A": ["1", "2"], "x-b": ["3"] };
    const endpoint = toEndpoint({ url: "https://a", properties: {}, headers });
    assert.deepEqual(endpoint.headers, ["x-amz-a", "1,2", "x-b", "3"]);
  });

  const schemes = [
    { name: "sigv4a", signingName: "s3", signingRegionSet: ["*"] },
    { name: "sigv4", signingName: "s3", signingRegion: "r", disableDoubleEncoding: true },
    { name: "bearer" },
  ];
  it("takes the first scheme that we can, or the preferred one", () => {
    assert.equal(withAuth(schemes), "sigv4");
    assert.equal(withAuth(schemes, ["sigv4a", "bearer", "sigv4"]), "sigv4a");
    assert.equal(withAuth(schemes, ["bearer", "sigv4"]), "bearer");
    assert.equal(withAuth(schemes.slice(0, 1)), "sigv4a");
    assert.equal(withAuth([]), undefined);
    assert.equal(withAuth(undefined), undefined);
  });

  it("keeps what the scheme says", () => {
    const endpoint = toEndpoint({
      url: "https://a",
      properties: { authSchemes: schemes },
      headers: {},
    });
    assert.deepEqual(endpoint.auth, {
      name: "sigv4",
      signingName: "s3",
      signingRegion: "r",
      signingRegionSet: undefined,
      disableDoubleEncoding: true,
    });
  });
});
