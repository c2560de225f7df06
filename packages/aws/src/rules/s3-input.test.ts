import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import type { CopyObjectRequest } from "../../types/s3.d.ts";
import { ParamValidationError } from "../client/errors.ts";
import { clientOf, type Received, startServer } from "./scripted-server-fixture.test.ts";

const arn = "arn:aws:s3:eu-west-1:123456789012:accesspoint/ap";

const places: [
  name: string,
  operation: string,
  input: object,
  options: object,
  host: string,
  url: string,
][] = [
  [
    "a bucket before the host",
    "GetObject",
    { Bucket: "bkt", Key: "k" },
    {},
    "bkt.s3.us-east-1.amazonaws.com",
    "/k",
  ],
  ["the whole bucket", "ListBuckets", {}, {}, "s3.us-east-1.amazonaws.com", "/"],
  ["a bucket alone", "HeadBucket", { Bucket: "bkt" }, {}, "bkt.s3.us-east-1.amazonaws.com", "/"],
  [
    "a bucket with dots",
    "GetObject",
    { Bucket: "b.dots", Key: "k" },
    {},
    "s3.us-east-1.amazonaws.com",
    "/b.dots/k",
  ],
  [
    "a bucket in capitals",
    "GetObject",
    { Bucket: "BKT", Key: "k" },
    {},
    "s3.us-east-1.amazonaws.com",
    "/BKT/k",
  ],
  [
    "path style",
    "GetObject",
    { Bucket: "bkt", Key: "k" },
    { forcePathStyle: true },
    "s3.us-east-1.amazonaws.com",
    "/bkt/k",
  ],
  [
    "path style of a bucket alone",
    "HeadBucket",
    { Bucket: "bkt" },
    { forcePathStyle: true },
    "s3.us-east-1.amazonaws.com",
    "/bkt",
  ],
  [
    "GetBucketLocation",
    "GetBucketLocation",
    { Bucket: "bkt" },
    {},
    "s3.us-east-1.amazonaws.com",
    "/bkt?location",
  ],
  [
    "keys as they are",
    "GetObject",
    { Bucket: "bkt", Key: "/a//./../b c+ü?#%" },
    {},
    "bkt.s3.us-east-1.amazonaws.com",
    "//a//./../b%20c%2B%C3%BC%3F%23%25",
  ],
  [
    "an access point",
    "GetObject",
    { Bucket: arn, Key: "k" },
    {},
    "ap-123456789012.s3-accesspoint.eu-west-1.amazonaws.com",
    "/k",
  ],
  [
    "acceleration",
    "GetObject",
    { Bucket: "bkt", Key: "k" },
    { useAccelerate: true },
    "bkt.s3-accelerate.amazonaws.com",
    "/k",
  ],
  [
    "dual stack",
    "GetObject",
    { Bucket: "bkt", Key: "k" },
    { useDualstack: true },
    "bkt.s3.dualstack.us-east-1.amazonaws.com",
    "/k",
  ],
  [
    "an address as endpoint",
    "GetObject",
    { Bucket: "bkt", Key: "k" },
    { endpoint: "http://127.0.0.1:9000" },
    "127.0.0.1:9000",
    "/bkt/k",
  ],
  [
    "an endpoint with a path",
    "PutObject",
    { Bucket: "bkt", Key: "k" },
    { endpoint: "https://store.example/base", forcePathStyle: true },
    "store.example",
    "/base/bkt/k",
  ],
  [
    "a named endpoint",
    "GetObject",
    { Bucket: "bkt", Key: "k" },
    { endpoint: "https://store.example" },
    "bkt.store.example",
    "/k",
  ],
];

describe("addresses of S3", () => {
  for (const [name, operation, input, options, host, url] of places) {
    test(`${operation}: ${name}`, async (t) => {
      const server = await startServer(t, () => ({ status: 404 }));
      const client = clientOf(t, "s3", server, options);
      await client.call(operation, { ...input }).catch(() => undefined);
      assert.equal(`${server.requests[0]?.host} ${server.requests[0]?.url}`, `${host} ${url}`);
    });
  }
});

const buckets: [bucket: string, message: RegExp][] = [
  ["a/b", /"a\/b" is no bucket: what follows the "\/" belongs into Key or Prefix/],
  ["with space", /is no bucket: a name has letters/],
  ["x".repeat(256), /is no bucket/],
];

describe("s3Input() checks buckets", () => {
  for (const [Bucket, message] of buckets) {
    test(`refuses "${Bucket.slice(0, 20)}"`, async (t) => {
      const server = await startServer(t, []);
      const call = clientOf(t, "s3", server).call("ListObjectsV2", { Bucket });
      await assert.rejects(call, { name: "ParamValidationError", path: "Bucket", message });
      assert.equal(server.requests.length, 0);
    });
  }
});

const sources: [name: string, source: unknown, sent: string][] = [
  ["text", "bkt/a b+ü.txt", "bkt/a%20b%2B%C3%BC.txt"],
  ["text with a version", "bkt/a?versionId=v.1_x", "bkt/a?versionId=v.1_x"],
  ["text with a question mark", "bkt/what?", "bkt/what%3F"],
  ["text that is encoded", "bkt/a%20b", "bkt/a%20b"],
  ["an object", { Bucket: "bkt", Key: "a b/c" }, "bkt/a%20b/c"],
  ["an object with a version", { Bucket: "bkt", Key: "k", VersionId: "v1" }, "bkt/k?versionId=v1"],
  ["a key that looks encoded", { Bucket: "bkt", Key: "100%25" }, "bkt/100%2525"],
  ["a key with a version's text", { Bucket: "bkt", Key: "a?versionId=b" }, "bkt/a%3FversionId%3Db"],
  [
    "an access point",
    { Bucket: arn, Key: "k" },
    "arn%3Aaws%3As3%3Aeu-west-1%3A123456789012%3Aaccesspoint/ap/object/k",
  ],
];

describe("s3Input() writes CopySource", () => {
  for (const [name, CopySource, sent] of sources) {
    test(`of ${name}`, async (t) => {
      const server = await startServer(t, () => ({ body: "<CopyObjectResult/>" }));
      await clientOf(t, "s3", server).call("CopyObject", { Bucket: "to", Key: "k", CopySource });
      assert.equal(server.requests[0]?.headers["x-amz-copy-source"], sent);
    });
  }

  test("and keys of bytes, as the declarations have them", async (t) => {
    const server = await startServer(t, () => ({ body: "<CopyObjectResult/>" }));
    const copied: CopyObjectRequest = {
      Bucket: "to",
      Key: "k",
      CopySource: { Bucket: "b", Key: "a b", VersionId: undefined },
      CopySourceSSECustomerKey: new Uint8Array(32),
    };
    await clientOf(t, "s3", server).call("CopyObject", { ...copied });
    assert.equal(server.requests[0]?.headers["x-amz-copy-source"], "b/a%20b");
  });

  test("and refuses an object without a key", async (t) => {
    const server = await startServer(t, []);
    const input = { Bucket: "to", Key: "k", CopySource: { Bucket: "b" } };
    const call = clientOf(t, "s3", server).call("CopyObject", input);
    await assert.rejects(call, { name: "ParamValidationError", path: "CopySource" });
  });
});

const key = Buffer.from("0123456789abcdef0123456789abcdef");
const encryption = "x-amz-server-side-encryption-customer-key";

describe("s3Input() sends customer keys in base64 with their MD5", () => {
  const forms: [string, unknown][] = [
    ["bytes", new Uint8Array(key)],
    ["a part of a buffer", Buffer.concat([Buffer.of(1), key]).subarray(1)],
    ["text of 32 bytes", key.toString()],
    ["base64 of 32 bytes", key.toString("base64")],
  ];
  for (const [name, SSECustomerKey] of forms) {
    test(`given as ${name}, also for the source of a copy`, async (t) => {
      const server = await startServer(t, () => ({ body: "<CopyObjectResult/>" }));
      const input = {
        Bucket: "b",
        Key: "k",
        CopySource: "b/s",
        SSECustomerKey,
        CopySourceSSECustomerKey: SSECustomerKey,
      };
      await clientOf(t, "s3", server).call("CopyObject", input);
      const headers = (server.requests[0] as Received).headers;
      const md5 = createHash("md5").update(key).digest("base64");
      for (const header of [encryption, "x-amz-copy-source-server-side-encryption-customer-key"]) {
        assert.equal(headers[header], key.toString("base64"));
        assert.equal(headers[`${header}-md5`], md5);
      }
      assert.equal(input.SSECustomerKey, SSECustomerKey, "the input is not changed");
    });
  }

  test("with an MD5 of the caller's", async (t) => {
    const server = await startServer(t, () => ({}));
    const input = { Bucket: "b", Key: "k", SSECustomerKey: key, SSECustomerKeyMD5: "given" };
    await clientOf(t, "s3", server).call("PutObject", input);
    assert.equal(server.requests[0]?.headers[`${encryption}-md5`], "given");
  });
});

describe("s3Input() and metadata", () => {
  test("lowers names, keeps values", async (t) => {
    const server = await startServer(t, () => ({}));
    const Metadata = { Author: "Some One", "x-b": "" };
    await clientOf(t, "s3", server).call("PutObject", { Bucket: "b", Key: "k", Metadata });
    assert.equal(server.requests[0]?.headers["x-amz-meta-author"], "Some One");
    assert.equal(server.requests[0].headers["x-amz-meta-x-b"], "");
    assert.deepEqual(Metadata, { Author: "Some One", "x-b": "" });
  });

  for (const Metadata of [{ a: "ü" }, { ü: "a" }, { a: "x\ny" }]) {
    test(`refuses ${JSON.stringify(Metadata)}`, async (t) => {
      const server = await startServer(t, []);
      const call = clientOf(t, "s3", server).call("PutObject", { Bucket: "b", Key: "k", Metadata });
      await assert.rejects(call, {
        name: "ParamValidationError",
        message: /^Cannot call PutObject: Metadata\..*encodeURIComponent/s,
      });
    });
  }
});

const created: [region: string, input: object, location: string | undefined][] = [
  ["eu-west-1", { Bucket: "b" }, "eu-west-1"],
  ["us-east-1", { Bucket: "b" }, undefined],
  ["eu-west-1", { Bucket: "b", CreateBucketConfiguration: { LocationConstraint: "EU" } }, "EU"],
];

describe("s3Input() places new buckets", () => {
  for (const [region, input, location] of created) {
    test(`${JSON.stringify(input)} from ${region} in ${location}`, async (t) => {
      const server = await startServer(t, () => ({}));
      await clientOf(t, "s3", server, { region }).call("CreateBucket", { ...input });
      const body = String(server.requests[0]?.body);
      const found = /<LocationConstraint>(.*)<\/LocationConstraint>/.exec(body)?.[1];
      assert.equal(found, location);
    });
  }
});

describe("PutObject with a stream whose length is not known", () => {
  test("is refused with what helps, before anything is sent", async (t) => {
    const server = await startServer(t, []);
    const Body = new Blob(["x"]).stream();
    const call = clientOf(t, "s3", server).call("PutObject", { Bucket: "b", Key: "k", Body });
    await assert.rejects(
      call,
      (error: unknown) =>
        error instanceof ParamValidationError && /length|upload/.test(error.message),
    );
    assert.equal(server.requests.length, 0);
  });

  test("is sent with a length", async (t) => {
    const server = await startServer(t, () => ({}));
    const Body = new Blob(["bytes"]).stream();
    const input = { Bucket: "b", Key: "k", Body, ContentLength: 5 };
    await clientOf(t, "s3", server).call("PutObject", input);
    assert.equal(server.requests[0]?.headers["x-amz-decoded-content-length"] ?? "5", "5");
    assert.match(String(server.requests[0]?.body), /bytes/);
  });

  test("says so to S3 with a trailer, also without a signature", async (t) => {
    const server = await startServer(t, () => ({}));
    const Body = new Blob(["bytes"]).stream();
    const input = { Bucket: "b", Key: "k", Body, ContentLength: 5 };
    await clientOf(t, "s3", server, { credentials: false }).call("PutObject", input);
    const { headers, body } = server.requests[0] as Received;
    assert.equal(headers["x-amz-content-sha256"], "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
    assert.equal(headers["x-amz-decoded-content-length"], "5");
    assert.match(String(body), /^5\r\nbytes\r\n0\r\nx-amz-checksum-crc32:.+\r\n\r\n$/);
  });
});
