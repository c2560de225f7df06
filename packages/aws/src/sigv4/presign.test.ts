import assert from "node:assert/strict";
import { test } from "node:test";
import type { Credentials } from "../credentials/credentials.ts";
import { presignRequest, type PresignOptions } from "./presign.ts";
import type { SignableRequest } from "./request-signer.ts";

const credentials: Credentials = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};
const options: PresignOptions = {
  region: "us-east-1",
  service: "s3",
  pathAsSent: true,
  nowMs: Date.UTC(2013, 4, 24),
  payloadHash: "UNSIGNED-PAYLOAD",
};

function request(headers: string[] = []): SignableRequest {
  return {
    method: "GET",
    path: "/test.txt",
    query: [],
    headers: ["host", "examplebucket.s3.amazonaws.com", ...headers],
  };
}

test("presignRequest() makes the documentation's URL", () => {
  const { query, headers } = presignRequest(request(), credentials, {
    ...options,
    expiresIn: 86_400,
  });
  assert.equal(
    query,
    "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
  );
  assert.deepEqual(headers, []);
});

test("presignRequest() puts the operation's own parameters first, the signature last", () => {
  const given = { ...request(), query: ["uploadId=a", "partNumber=1"] };
  const { query } = presignRequest(given, { ...credentials, sessionToken: "t/o=" }, options);
  const names = query.split("&").map((pair) => pair.split("=")[0]);
  assert.deepEqual(names, [
    "uploadId",
    "partNumber",
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-SignedHeaders",
    "X-Amz-Security-Token",
    "X-Amz-Signature",
  ]);
  assert.match(query, /&X-Amz-Security-Token=t%2Fo%3D&/);
  assert.match(query, /&X-Amz-Expires=3600&/);
});

test("presignRequest() moves x-amz headers into the query, but not encryption and checksums", () => {
  const given = request([
    "x-amz-acl",
    "public-read",
    "x-amz-meta-a b",
    "c/d",
    "x-amz-server-side-encryption",
    "aws:kms",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "k",
    "x-amz-checksum-sha256",
    "s=",
    "if-none-match",
    "*",
    "user-agent",
    "me",
  ]);
  const { query, headers } = presignRequest(given, credentials, options);
  assert.match(query, /^x-amz-acl=public-read&x-amz-meta-a%20b=c%2Fd&X-Amz-Algorithm/);
  assert.match(
    query,
    /X-Amz-SignedHeaders=host%3Bif-none-match%3Bx-amz-checksum-sha256%3Bx-amz-server-side-encryption%3Bx-amz-server-side-encryption-aws-kms-key-id&/,
  );
  assert.deepEqual(headers, [
    "x-amz-server-side-encryption",
    "aws:kms",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "k",
    "x-amz-checksum-sha256",
    "s=",
    "if-none-match",
    "*",
  ]);
});

test("presignRequest() signs content-type only if the caller gave it", () => {
  const given = request(["content-type", "text/plain"]);
  assert.match(presignRequest(given, credentials, options).query, /SignedHeaders=host&/);
  const signed = presignRequest(given, credentials, { ...options, signContentType: true });
  assert.match(signed.query, /SignedHeaders=content-type%3Bhost&/);
  assert.deepEqual(signed.headers, ["content-type", "text/plain"]);
});

test("presignRequest() names the token of S3 Express", () => {
  const express: PresignOptions = { ...options, tokenHeader: "x-amz-s3session-token" };
  const { query } = presignRequest(request(), { ...credentials, sessionToken: "T" }, express);
  assert.match(query, /&X-Amz-S3session-Token=T&/);
  assert.doesNotMatch(query, /Security-Token/);
});

test("presignRequest() does not change the request", () => {
  const given = request(["x-amz-acl", "private"]);
  const before = structuredClone(given);
  presignRequest(given, credentials, options);
  assert.deepEqual(given, before);
});

for (const expiresIn of [0, -1, 604_801, 1.5, Number.NaN]) {
  test(`presignRequest() refuses ${expiresIn} seconds`, () => {
    assert.throws(() => presignRequest(request(), credentials, { ...options, expiresIn }), {
      name: "RangeError",
      message: /integer in 1\.\.604800/,
    });
  });
}
