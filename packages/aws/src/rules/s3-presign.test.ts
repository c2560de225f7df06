import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { CredentialProvider } from "../credentials/credentials.ts";
import { clientOf, startServer, testCredentials } from "./scripted-server-fixture.test.ts";

const noon = Date.UTC(2026, 10, 21, 12);

/** Signed by botocore 1.43 at noon for 900 seconds, with virtual addressing. */
const signed: [
  operation: string,
  input: object,
  place: string,
  headers: string,
  signature: string,
][] = [
  [
    "getObject",
    { Bucket: "bucket", Key: "a b/ü+?.txt", VersionId: "v 1", ResponseContentType: "text/plain" },
    "bucket.s3.eu-west-1.amazonaws.com/a%20b/%C3%BC%2B%3F.txt",
    "host",
    "7b15b40ede90439d1e9b60d6703a72b81d4191816894d702632391b155cef8bb",
  ],
  [
    "putObject",
    { Bucket: "b.dots", Key: "k", ContentType: "text/plain" },
    "s3.eu-west-1.amazonaws.com/b.dots/k",
    "content-type;host",
    "d0d13890951022987453a393625940de9b0e95d7cc486d059e0ecf8ef14a6f02",
  ],
  [
    "uploadPart",
    { Bucket: "bucket", Key: "k", UploadId: "u", PartNumber: 2 },
    "bucket.s3.eu-west-1.amazonaws.com/k",
    "host",
    "479a9d211b8dffcb85ff07ffd61cde7e1e0608c59809e7dc24ab8d78168e3cb1",
  ],
  [
    "headBucket",
    { Bucket: "bucket" },
    "bucket.s3.eu-west-1.amazonaws.com/",
    "host",
    "a7f28de9ba4d8084300e975c1785fdf2308b87cc5aff5d5a62bd10efd441cab3",
  ],
  [
    "listObjectsV2",
    { Bucket: "bucket", Prefix: "a/" },
    "bucket.s3.eu-west-1.amazonaws.com/",
    "host",
    "83af22a6345596a7b8efb0ab79bbdeb3bb6a9f9ea899e039d2ad2880259f6a6b",
  ],
  [
    "deleteObject",
    { Bucket: "bucket", Key: "k" },
    "bucket.s3.eu-west-1.amazonaws.com/k",
    "host",
    "d5b1c24f22e68e44bf2f0ad2ff3e1cd94f9e3b51644d7fe061af6c3bfb2abf4a",
  ],
  [
    "putObject",
    { Bucket: "bucket", Key: "k", ServerSideEncryption: "AES256" },
    "bucket.s3.eu-west-1.amazonaws.com/k",
    "host;x-amz-server-side-encryption",
    "9ec95667467066f3c7a0d4b8d46d658424176060c71d9dbca7c42db6be406183",
  ],
  [
    "getObject",
    { Bucket: "bucket", Key: "k", Range: "bytes=0-1", IfMatch: '"x"' },
    "bucket.s3.eu-west-1.amazonaws.com/k",
    "host;if-match;range",
    "d0562d4e375f7ccf5ecc77b03447a9f01a5d1447ba17eb06bb85947227ee5be4",
  ],
  [
    "getObject",
    { Bucket: "arn:aws:s3:eu-west-1:123456789012:accesspoint/ap", Key: "k" },
    "ap-123456789012.s3-accesspoint.eu-west-1.amazonaws.com/k",
    "host",
    "9a05206be0f05588086985ea3a0abab621b4bec900d73b18b59d29ce5476a270",
  ],
];

const lateCredentials: CredentialProvider = () => Promise.resolve(testCredentials);

describe("presign of S3", () => {
  for (const [operation, input, place, headers, signature] of signed) {
    test(`${operation} ${JSON.stringify(input)} as botocore`, async (t) => {
      t.mock.timers.enable({ apis: ["Date"], now: noon });
      const server = await startServer(t, []);
      const client = clientOf(t, "s3", server, { region: "eu-west-1" });
      const text = (await client.presign[operation]?.({ ...input }, { expiresIn: 900 })) ?? "";
      const url = new URL(text);
      assert.equal(text.slice("https://".length).split("?")[0], place);
      assert.equal(url.searchParams.get("X-Amz-SignedHeaders"), headers);
      assert.equal(url.searchParams.get("X-Amz-Signature"), signature);
      assert.equal(client.presignSync[operation]?.({ ...input }, { expiresIn: 900 }), text);
      assert.equal(server.requests.length, 0);
    });
  }

  test("signs with a session token as botocore", async (t) => {
    t.mock.timers.enable({ apis: ["Date"], now: noon });
    const server = await startServer(t, []);
    const credentials = { ...testCredentials, sessionToken: "TOKEN/+=" };
    const client = clientOf(t, "s3", server, { region: "eu-west-1", credentials });
    const input = { Bucket: "bucket", Key: "k" };
    const url = new URL((await client.presign["getObject"]?.(input, { expiresIn: 900 })) ?? "");
    assert.equal(
      url.searchParams.get("X-Amz-Signature"),
      "5776a83465974889dc63bbd63c23f6955698df124f2011cca6fb690a454c3feb",
    );
  });

  test("has no checksum that the body would have to meet", async (t) => {
    const server = await startServer(t, []);
    const url = await clientOf(t, "s3", server).presign["putObject"]?.({ Bucket: "b", Key: "k" });
    assert.doesNotMatch(url ?? "", /checksum/i);
  });

  test("presignPost makes the fields of botocore, and signs its policy", async (t) => {
    t.mock.timers.enable({ apis: ["Date"], now: noon });
    const server = await startServer(t, []);
    const client = clientOf(t, "s3", server, { region: "eu-west-1", credentials: lateCredentials });
    const forms = client as unknown as {
      presignPost(input: object): Promise<{ url: string; fields: Record<string, string> }>;
    };
    const { url, fields } = await forms.presignPost({
      Bucket: "bucket",
      Key: "up/${filename}",
      Fields: { acl: "private", "Content-Type": "text/plain" },
      Conditions: [
        { acl: "private" },
        ["content-length-range", 0, 1024],
        { "Content-Type": "text/plain" },
      ],
      expiresIn: 600,
    });
    assert.equal(url, "https://bucket.s3.eu-west-1.amazonaws.com/");
    const { policy = "", "x-amz-signature": signature, ...others } = fields;
    assert.deepEqual(others, {
      acl: "private",
      "Content-Type": "text/plain",
      key: "up/${filename}",
      "x-amz-algorithm": "AWS4-HMAC-SHA256",
      "x-amz-credential": "AKIDEXAMPLE/20261121/eu-west-1/s3/aws4_request",
      "x-amz-date": "20261121T120000Z",
    });
    assert.match(signature ?? "", /^[0-9a-f]{64}$/);
    assert.deepEqual(JSON.parse(Buffer.from(policy, "base64").toString()), {
      expiration: "2026-11-21T12:10:00.000Z",
      conditions: [
        { acl: "private" },
        ["content-length-range", 0, 1024],
        { "Content-Type": "text/plain" },
        { bucket: "bucket" },
        ["starts-with", "$key", "up/"],
        { "x-amz-algorithm": "AWS4-HMAC-SHA256" },
        { "x-amz-credential": "AKIDEXAMPLE/20261121/eu-west-1/s3/aws4_request" },
        { "x-amz-date": "20261121T120000Z" },
      ],
    });
  });
});
