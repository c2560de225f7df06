import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { test } from "node:test";
import { RequestSigner, type SignableRequest } from "./request-signer.ts";

// The worked examples of "Authenticating Requests: Using the Authorization Header" (S3 API Reference).
const s3Credentials = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};
const s3Time = Date.UTC(2013, 4, 24);
const s3Signer = new RequestSigner({
  region: "us-east-1",
  service: "s3",
  pathAsSent: true,
  contentSha256Header: true,
});
const host = ["host", "examplebucket.s3.amazonaws.com"];
const emptyHash = hash("sha256", "");

const examples: readonly [string, SignableRequest, string, string, string][] = [
  [
    "GET Object",
    {
      method: "GET",
      path: "/test.txt",
      query: [],
      headers: [...host, "range", "bytes=0-9"],
    },
    emptyHash,
    "host;range;x-amz-content-sha256;x-amz-date",
    "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
  ],
  [
    "PUT Object",
    {
      method: "PUT",
      path: "/test%24file.text",
      query: [],
      headers: [
        ...host,
        "date",
        "Fri, 24 May 2013 00:00:00 GMT",
        "x-amz-storage-class",
        "REDUCED_REDUNDANCY",
      ],
    },
    hash("sha256", "Welcome to Amazon S3."),
    "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
    "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
  ],
  [
    "GET Bucket Lifecycle",
    { method: "GET", path: "/", query: ["lifecycle"], headers: [...host] },
    emptyHash,
    "host;x-amz-content-sha256;x-amz-date",
    "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
  ],
  [
    "GET Bucket (List Objects)",
    { method: "GET", path: "/", query: ["max-keys=2", "prefix=J"], headers: [...host] },
    emptyHash,
    "host;x-amz-content-sha256;x-amz-date",
    "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
  ],
];

for (const [name, request, payloadHash, names, signature] of examples) {
  test(`RequestSigner.sign() signs the documentation's ${name}`, () => {
    assert.equal(s3Signer.sign(request, payloadHash, s3Credentials, s3Time), signature);
    assert.equal(
      request.headers.at(-1),
      `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=${names}, Signature=${signature}`,
    );
    assert.equal(request.headers.at(-2), "authorization");
  });
}

function lambdaSigner(): RequestSigner {
  return new RequestSigner({ region: "r", service: "lambda" });
}

function get(headers: string[] = []): SignableRequest {
  return { method: "GET", path: "/", query: [], headers: ["host", "h.example", ...headers] };
}

test("RequestSigner.sign() sends x-amz-content-sha256 for other services only if no digest is signed", () => {
  const signer = lambdaSigner();
  const signed = get();
  signer.sign(signed, emptyHash, s3Credentials, s3Time);
  assert.ok(!signed.headers.includes("x-amz-content-sha256"));
  const unsigned = get();
  signer.sign(unsigned, "UNSIGNED-PAYLOAD", s3Credentials, s3Time);
  const at = unsigned.headers.indexOf("x-amz-content-sha256");
  assert.equal(unsigned.headers[at + 1], "UNSIGNED-PAYLOAD");
  assert.match(unsigned.headers.at(-1) ?? "", /host;x-amz-content-sha256;x-amz-date/);
});

test("RequestSigner.sign() leaves what a proxy may change out of the signature", () => {
  const signer = lambdaSigner();
  const plain = get();
  const dressed = get([
    "user-agent",
    "a",
    "expect",
    "100-continue",
    "x-amzn-trace-id",
    "Root=1",
    "cache-control",
    "no-cache",
    "amz-sdk-request",
    "attempt=1; max=3",
    "proxy-authorization",
    "Basic",
    "sec-fetch-mode",
    "cors",
    "accept-encoding",
    "identity",
  ]);
  const signature = signer.sign(plain, emptyHash, s3Credentials, s3Time);
  assert.equal(signer.sign(dressed, emptyHash, s3Credentials, s3Time), signature);
});

test("RequestSigner.sign() signs anew after the list of headers is cut back", () => {
  const signer = lambdaSigner();
  const request = get();
  const { length } = request.headers;
  const first = signer.sign(request, emptyHash, s3Credentials, s3Time);
  request.headers.length = length;
  assert.notEqual(signer.sign(request, emptyHash, s3Credentials, s3Time + 1000), first);
  request.headers.length = length;
  assert.equal(signer.sign(request, emptyHash, s3Credentials, s3Time + 999), first);
});

test("RequestSigner.sign() follows a change of day, of keys and of access key id", () => {
  const signer = lambdaSigner();
  const cases: [string, string, number][] = [
    ["A", "one", s3Time],
    ["A", "one", s3Time + 86_400_000],
    ["A", "two", s3Time + 86_400_000],
    ["B", "two", s3Time + 86_400_000],
    ["B", "two", s3Time],
  ];
  for (const [accessKeyId, secretAccessKey, nowMs] of cases) {
    const kept = get();
    const other = get();
    signer.sign(kept, emptyHash, { accessKeyId, secretAccessKey }, nowMs);
    lambdaSigner().sign(other, emptyHash, { accessKeyId, secretAccessKey }, nowMs);
    assert.deepEqual(kept.headers, other.headers);
  }
});

test("RequestSigner.sign() sends the token of S3 Express under its own name", () => {
  const signer = new RequestSigner({
    region: "r",
    service: "s3express",
    tokenHeader: "x-amz-s3session-token",
  });
  const request = get();
  signer.sign(request, emptyHash, { ...s3Credentials, sessionToken: "T" }, s3Time);
  assert.ok(!request.headers.includes("x-amz-security-token"));
  assert.match(request.headers.at(-1) ?? "", /host;x-amz-date;x-amz-s3session-token/);
});
