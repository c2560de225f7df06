import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ServiceError } from "../client/errors.ts";
import { type Answer, clientOf, startServer } from "./scripted-server-fixture.test.ts";

const url = "<EncodingType>url</EncodingType>";

const listings: [operation: string, body: string, expected: object][] = [
  [
    "ListObjectsV2",
    `<ListBucketResult>${url}<Prefix>a+%2B%2F</Prefix><Delimiter>%2F</Delimiter><StartAfter>s%20t</StartAfter>` +
      "<ContinuationToken>a+%2B=</ContinuationToken><NextContinuationToken>1%2B+x==</NextContinuationToken>" +
      "<Contents><Key>a+%2B%2Fb%0B%C3%BC</Key></Contents><CommonPrefixes><Prefix>a%2Fc%2F</Prefix></CommonPrefixes></ListBucketResult>",
    {
      Prefix: "a +/",
      Delimiter: "/",
      StartAfter: "s t",
      ContinuationToken: "a+%2B=",
      NextContinuationToken: "1%2B+x==",
      Contents: [{ Key: "a +/b\u000bü" }],
      CommonPrefixes: [{ Prefix: "a/c/" }],
    },
  ],
  [
    "ListObjects",
    `<ListBucketResult>${url}<Marker>m%2F</Marker><NextMarker>n+1</NextMarker><Contents><Key>100%25</Key></Contents></ListBucketResult>`,
    { Marker: "m/", NextMarker: "n 1", Contents: [{ Key: "100%" }] },
  ],
  [
    "ListObjectVersions",
    `<ListVersionsResult>${url}<KeyMarker>k%2B</KeyMarker><NextKeyMarker>n%2B</NextKeyMarker><VersionIdMarker>v%2B</VersionIdMarker>` +
      "<NextVersionIdMarker>w%2B</NextVersionIdMarker><Version><Key>a%2B</Key></Version><DeleteMarker><Key>b%2B</Key></DeleteMarker></ListVersionsResult>",
    {
      KeyMarker: "k+",
      NextKeyMarker: "n+",
      VersionIdMarker: "v%2B",
      NextVersionIdMarker: "w%2B",
      Versions: [{ Key: "a+" }],
      DeleteMarkers: [{ Key: "b+" }],
    },
  ],
  [
    "ListMultipartUploads",
    `<ListMultipartUploadsResult>${url}<UploadIdMarker>u%2B</UploadIdMarker><Upload><Key>a%2B</Key><UploadId>x%2B</UploadId></Upload></ListMultipartUploadsResult>`,
    { UploadIdMarker: "u%2B", Uploads: [{ Key: "a+", UploadId: "x%2B" }] },
  ],
];

describe("s3Output() decodes listings", () => {
  for (const [operation, body, expected] of listings) {
    test(`of ${operation}, but no tokens`, async (t) => {
      const server = await startServer(t, () => ({ body }));
      const { $metadata, ...output } = await clientOf(t, "s3", server).call(operation, {
        Bucket: "b",
      });
      assert.ok($metadata);
      assert.deepEqual(output, expected);
      assert.equal(server.requests[0]?.query.get("encoding-type"), "url");
    });
  }

  test("not where the caller asked for the encoding", async (t) => {
    const body = `<ListBucketResult>${url}<Contents><Key>a+%2F</Key></Contents></ListBucketResult>`;
    const server = await startServer(t, () => ({ body }));
    const input = { Bucket: "b", EncodingType: "url" };
    const output = await clientOf(t, "s3", server).call("ListObjectsV2", input);
    assert.deepEqual(output["Contents"], [{ Key: "a+%2F" }]);
    assert.equal(output["EncodingType"], "url");
  });

  test("not of servers that do not encode", async (t) => {
    const body = "<ListBucketResult><Contents><Key>a+%2F</Key></Contents></ListBucketResult>";
    const server = await startServer(t, () => ({ body }));
    const output = await clientOf(t, "s3", server).call("ListObjectsV2", { Bucket: "b" });
    assert.deepEqual(output["Contents"], [{ Key: "a+%2F" }]);
  });

  test("and keeps what is not encoded after all", async (t) => {
    const body = `<ListBucketResult>${url}<Contents><Key>100%</Key></Contents></ListBucketResult>`;
    const server = await startServer(t, () => ({ body }));
    const output = await clientOf(t, "s3", server).call("ListObjectsV2", { Bucket: "b" });
    assert.deepEqual(output["Contents"], [{ Key: "100%" }]);
  });
});

describe("s3Output() and Expires", () => {
  const dates: [text: string, expires: Date | undefined][] = [
    ["Sat, 21 Nov 2026 12:00:00 GMT", new Date("2026-11-21T12:00:00Z")],
    ["0", new Date(0)],
    ["never", undefined],
  ];
  for (const [text, expires] of dates) {
    test(`"${text}"`, async (t) => {
      const server = await startServer(t, () => ({ headers: { Expires: text }, body: "x" }));
      const output = await clientOf(t, "s3", server).call("GetObject", { Bucket: "b", Key: "k" });
      assert.equal(output["ExpiresString"], text);
      assert.deepEqual(output["Expires"], expires);
      assert.equal("Expires" in output, expires !== undefined);
    });
  }
});

describe("GetBucketLocation", () => {
  const namespace = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';
  const bodies: [body: string, region: string | undefined][] = [
    [
      `<?xml version="1.0"?>\n<LocationConstraint ${namespace}>eu-west-1</LocationConstraint>`,
      "eu-west-1",
    ],
    [`<LocationConstraint ${namespace}>EU</LocationConstraint>`, "EU"],
    [`<LocationConstraint ${namespace}/>`, undefined],
    [`<LocationConstraint ${namespace}></LocationConstraint>`, undefined],
  ];
  for (const [body, region] of bodies) {
    test(`reads ${region} from ${body.slice(-40)}`, async (t) => {
      const server = await startServer(t, () => ({ body }));
      const output = await clientOf(t, "s3", server).call("GetBucketLocation", { Bucket: "b" });
      assert.equal(output["LocationConstraint"], region);
      assert.equal("LocationConstraint" in output, region !== undefined);
    });
  }
});

const failure =
  '<?xml version="1.0"?>\n<Error><Code>InternalError</Code><Message>We encountered an internal error</Message></Error>';

const failing: [operation: string, input: object, body: string][] = [
  ["CopyObject", { CopySource: "b/s" }, "<CopyObjectResult><ETag>e</ETag></CopyObjectResult>"],
  ["UploadPartCopy", { CopySource: "b/s", UploadId: "u", PartNumber: 1 }, "<CopyPartResult/>"],
  ["CompleteMultipartUpload", { UploadId: "u" }, "<CompleteMultipartUploadResult/>"],
  ["DeleteObjects", { Delete: { Objects: [{ Key: "k" }] } }, "<DeleteResult/>"],
  ["ListObjectsV2", {}, "<ListBucketResult/>"],
  ["GetBucketAcl", {}, "<AccessControlPolicy/>"],
  ["GetBucketLocation", {}, "<LocationConstraint/>"],
];

describe("s3 answers with an error inside 200 (CL-7)", () => {
  for (const [operation, more, body] of failing) {
    const keyed = ["CopyObject", "UploadPartCopy", "CompleteMultipartUpload"].includes(operation);
    const input = { Bucket: "b", ...(keyed ? { Key: "k" } : {}), ...more };

    test(`${operation} retries it as 500`, async (t) => {
      const server = await startServer(t, [{ body: failure }, { body }]);
      const output = await clientOf(t, "s3", server).call(operation, { ...input });
      assert.equal(server.requests.length, 2);
      assert.equal((output["$metadata"] as { attempts: number }).attempts, 2);
    });

    test(`${operation} ends with it when it stays`, async (t) => {
      const server = await startServer(t, () => ({ body: failure }));
      const call = clientOf(t, "s3", server).call(operation, { ...input });
      await assert.rejects(call, (error: ServiceError) => {
        assert.equal(error.name, "InternalError");
        assert.equal(error.$fault, "server");
        return true;
      });
      assert.equal(server.requests.length, 3);
    });

    test(`${operation} retries an answer that was cut`, async (t) => {
      const cut: Answer = { body: `${body.replace(/\/?>$/, ">")}<Cut`.replace("</", "<") };
      const server = await startServer(t, [cut, { body }]);
      await clientOf(t, "s3", server).call(operation, { ...input });
      assert.equal(server.requests.length, 2);
    });
  }

  for (const [operation, more, body] of failing.slice(0, 3)) {
    test(`${operation} retries an empty answer`, async (t) => {
      const server = await startServer(t, [{}, { body }]);
      await clientOf(t, "s3", server).call(operation, { Bucket: "b", Key: "k", ...more });
      assert.equal(server.requests.length, 2);
    });
  }

  test("is no matter for the bytes of an object", async (t) => {
    const server = await startServer(t, () => ({ body: failure }));
    const output = await clientOf(t, "s3", server).call("GetObject", { Bucket: "b", Key: "k" });
    assert.equal(await (output["Body"] as { text(): Promise<string> }).text(), failure);
  });
});

describe("s3 answers 404 to HEAD", () => {
  for (const [operation, input] of [
    ["HeadBucket", { Bucket: "b" }],
    ["HeadObject", { Bucket: "b", Key: "k" }],
  ] as const) {
    test(`${operation} fails with NotFound, whose code is the status`, async (t) => {
      const server = await startServer(t, () => ({ status: 404 }));
      const client = clientOf(t, "s3", server);
      await assert.rejects(client.call(operation, input), (error: ServiceError) => {
        const { NotFound } = client.errors;
        assert.ok(NotFound !== undefined && error instanceof NotFound);
        assert.deepEqual([error.name, error.code, error.$fault], ["NotFound", "404", "client"]);
        return true;
      });
      assert.equal(server.requests.length, 1);
    });
  }
});
