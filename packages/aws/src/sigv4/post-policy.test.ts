import assert from "node:assert/strict";
import { test } from "node:test";
import { type PostPolicyOptions, postPolicyFields } from "./post-policy.ts";
import { signingKey, signText } from "./signing-key.ts";

const credentials = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};
const options: PostPolicyOptions = {
  bucket: "b",
  key: "photos/é.jpg",
  region: "eu-west-1",
  expiresIn: 60,
  nowMs: Date.UTC(2026, 10, 21, 12),
};

/** The policy of "Browser-based uploads using POST" (S3 API Reference), with its line breaks. */
const documented = `{ "expiration": "2015-12-30T12:00:00.000Z",
  "conditions": [
    {"bucket": "sigv4examplebucket"},
    ["starts-with", "$key", "user/user1/"],
    {"acl": "public-read"},
    {"success_action_redirect": "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html"},
    ["starts-with", "$Content-Type", "image/"],
    {"x-amz-meta-uuid": "14365123651274"},
    {"x-amz-server-side-encryption": "AES256"},
    ["starts-with", "$x-amz-meta-tag", ""],

    {"x-amz-credential": "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request"},
    {"x-amz-algorithm": "AWS4-HMAC-SHA256"},
    {"x-amz-date": "20151229T000000Z" }
  ]
}`;

test("signText() signs the documentation's policy", () => {
  const policy = Buffer.from(documented.replaceAll("\n", "\r\n")).toString("base64");
  const { key } = signingKey(credentials.secretAccessKey, "20151229", "us-east-1", "s3");
  assert.equal(
    signText(key, policy),
    "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e",
  );
});

function policyOf(fields: Readonly<Record<string, string>>): {
  expiration: string;
  conditions: unknown[];
} {
  return JSON.parse(Buffer.from(fields["policy"] ?? "", "base64").toString()) as never;
}

test("postPolicyFields() gives the form's fields, each of them a condition", () => {
  const fields = postPolicyFields(
    { ...options, fields: { acl: "private" } },
    { ...credentials, sessionToken: "T" },
  );
  const { policy, "x-amz-signature": signature, ...others } = fields;
  assert.deepEqual(others, {
    acl: "private",
    key: "photos/é.jpg",
    "x-amz-algorithm": "AWS4-HMAC-SHA256",
    "x-amz-credential": "AKIAIOSFODNN7EXAMPLE/20261121/eu-west-1/s3/aws4_request",
    "x-amz-date": "20261121T120000Z",
    "x-amz-security-token": "T",
  });
  assert.deepEqual(policyOf(fields), {
    expiration: "2026-11-21T12:01:00.000Z",
    conditions: [
      { bucket: "b" },
      { key: "photos/é.jpg" },
      { acl: "private" },
      { "x-amz-algorithm": "AWS4-HMAC-SHA256" },
      { "x-amz-credential": "AKIAIOSFODNN7EXAMPLE/20261121/eu-west-1/s3/aws4_request" },
      { "x-amz-date": "20261121T120000Z" },
      { "x-amz-security-token": "T" },
    ],
  });
  const { key } = signingKey(credentials.secretAccessKey, "20261121", "eu-west-1", "s3");
  assert.equal(signature, signText(key, policy ?? ""));
});

test("postPolicyFields() lets any name follow a key that ends in ${filename}", () => {
  const fields = postPolicyFields({ ...options, key: "up/${filename}" }, credentials);
  assert.equal(fields["key"], "up/${filename}");
  assert.deepEqual(policyOf(fields).conditions.slice(0, 2), [
    { bucket: "b" },
    ["starts-with", "$key", "up/"],
  ]);
});

test("postPolicyFields() adds no condition for a field that the caller's conditions name", () => {
  const fields = postPolicyFields(
    {
      ...options,
      fields: { "Content-Type": "image/png", acl: "private" },
      conditions: [
        ["starts-with", "$content-type", "image/"],
        ["content-length-range", 1, 1000],
        { acl: "private" },
      ],
    },
    credentials,
  );
  assert.equal(fields["Content-Type"], "image/png");
  assert.deepEqual(policyOf(fields).conditions.slice(0, 5), [
    ["starts-with", "$content-type", "image/"],
    ["content-length-range", 1, 1000],
    { acl: "private" },
    { bucket: "b" },
    { key: "photos/é.jpg" },
  ]);
  assert.equal(policyOf(fields).conditions.length, 8);
});

for (const expiresIn of [0, -5, Number.NaN, Number.POSITIVE_INFINITY]) {
  test(`postPolicyFields() refuses ${expiresIn} seconds`, () => {
    assert.throws(() => postPolicyFields({ ...options, expiresIn }, credentials), RangeError);
  });
}
