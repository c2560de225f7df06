import assert from "node:assert/strict";
import { test } from "node:test";
import { failureOf } from "../client/client-fixture.test.ts";
import type { TransferProgress } from "./transfer-types.ts";
import { refuse, startUploadServer, type UploadServer } from "./upload-fixture.test.ts";

const partSize = 5 * 1024 * 1024;
const size = 2 * partSize + 3;
const options = { partSize, threshold: partSize };
const place = { Bucket: "b", Key: "copy" };
const sourceHeaders = {
  "content-length": String(size),
  "content-type": "text/x",
  "cache-control": "no-store",
  "x-amz-meta-a": "b",
  "x-amz-website-redirect-location": "/else",
  expires: "Thu, 01 Jan 2026 00:00:00 GMT",
  etag: '"source"',
};
const tagging = `<T><TagSet><Tag><Key>a b</Key><Value>c&amp;d</Value></Tag></TagSet></T>`;

/** A stand-in whose source is large, with metadata and tags. */
function startCopyServer(
  headers: Readonly<Record<string, string>> = {},
  failing: (operation: string, part: number) => string | undefined = () => undefined,
): Promise<UploadServer> {
  return startUploadServer(({ operation, part }, response) => {
    const code = failing(operation, part);
    if (code !== undefined) return refuse(response, code === "NotImplemented" ? 501 : 412, code);
    if (operation === "HeadObject") response.writeHead(200, { ...sourceHeaders, ...headers }).end();
    else if (operation === "GetObjectTagging") response.end(tagging);
    else if (operation === "UploadPartCopy") {
      response.setHeader("x-amz-copy-source-version-id", "v7");
      response.end(`<R><ETag>"part-${part}"</ETag><ChecksumSHA256>sum${part}</ChecksumSHA256></R>`);
    } else if (operation === "CopyObject") response.end(`<R><ETag>"copied"</ETag></R>`);
    else return undefined;
    return true;
  });
}

test("copy below the threshold is one CopyObject with what was given", async () => {
  await using server = await startCopyServer();
  const seen: TransferProgress[] = [];
  const output = await server
    .client()
    .copy(
      { ...place, CopySource: { Bucket: "from", Key: "a key" }, MetadataDirective: "REPLACE" },
      { onProgress: (progress) => void seen.push(progress) },
    );
  assert.deepEqual(server.operations, ["HeadObject", "CopyObject"]);
  assert.equal(server.calls[1]?.headers["x-amz-copy-source"], "from/a%20key");
  assert.equal(server.calls[1]?.headers["x-amz-metadata-directive"], "REPLACE");
  assert.equal(output.CopyObjectResult?.ETag, '"copied"');
  assert.deepEqual([output.Bucket, output.Key], ["b", "copy"]);
  assert.deepEqual(seen, [{ loaded: size, total: size, part: undefined, key: "copy" }]);
});

test("copy in parts names their ranges, holds them to the source, and carries metadata and tags", async () => {
  await using server = await startCopyServer();
  const seen: TransferProgress[] = [];
  const CopySource = { Bucket: "from", Key: "a key", VersionId: "v7" };
  const output = await server
    .client()
    .copy(
      { ...place, CopySource, StorageClass: "STANDARD_IA", IfNoneMatch: "*" },
      { ...options, onProgress: (progress) => void seen.push(progress) },
    );
  assert.deepEqual(server.operations, [
    "HeadObject",
    "GetObjectTagging",
    "CreateMultipartUpload",
    "UploadPartCopy",
    "UploadPartCopy",
    "UploadPartCopy",
    "CompleteMultipartUpload",
  ]);
  const [head, tags, create] = server.calls;
  assert.deepEqual([head?.query.get("versionId"), tags?.query.get("versionId")], ["v7", "v7"]);
  for (const [name, value] of Object.entries({
    "content-type": "text/x",
    "cache-control": "no-store",
    "x-amz-meta-a": "b",
    expires: sourceHeaders.expires,
    "x-amz-tagging": "a%20b=c%26d",
    "x-amz-storage-class": "STANDARD_IA",
    "x-amz-website-redirect-location": undefined,
  })) {
    assert.equal(create?.headers[name], value, name);
  }
  const parts = server.calls
    .filter(({ operation }) => operation === "UploadPartCopy")
    .sort((a, b) => a.part - b.part);
  assert.deepEqual(
    parts.map(({ headers }) => headers["x-amz-copy-source-range"]),
    [`0-${partSize - 1}`, `${partSize}-${2 * partSize - 1}`, `${2 * partSize}-${size - 1}`].map(
      (range) => `bytes=${range}`,
    ),
  );
  for (const { headers } of parts) {
    assert.equal(headers["x-amz-copy-source"], "from/a%20key?versionId=v7");
    assert.equal(headers["x-amz-copy-source-if-match"], '"source"');
  }
  const complete = server.calls.at(-1);
  assert.equal(complete?.headers["if-none-match"], "*");
  const listed = [...(complete?.body.toString() ?? "").matchAll(/ETag>(?:&quot;|")(part-\d)/g)];
  assert.deepEqual(
    listed.map(([, etag]) => etag),
    ["part-1", "part-2", "part-3"],
  );
  assert.ok(complete?.body.toString().includes("<ChecksumSHA256>sum2<"));
  assert.equal(output.CopySourceVersionId, "v7");
  assert.match(output.CopyObjectResult?.ETag ?? "", /-3"$/);
  assert.equal(output.Location, "http://s3/copy");
  assert.deepEqual(seen.at(-1)?.loaded, size);
  assert.equal(seen.length, 3);
});

test("copy in parts with directives takes the input's metadata and tags", async () => {
  await using server = await startCopyServer();
  await server.client().copy(
    {
      ...place,
      CopySource: "from/a key",
      MetadataDirective: "REPLACE",
      TaggingDirective: "REPLACE",
      Tagging: "n=1",
      ContentType: "text/new",
      Metadata: { c: "d" },
    },
    options,
  );
  const create = server.calls.find(({ operation }) => operation === "CreateMultipartUpload");
  assert.ok(!server.operations.includes("GetObjectTagging"));
  assert.equal(create?.headers["content-type"], "text/new");
  assert.equal(create?.headers["cache-control"], undefined);
  assert.equal(create?.headers["x-amz-meta-a"], undefined);
  assert.equal(create?.headers["x-amz-meta-c"], "d");
  assert.equal(create?.headers["x-amz-tagging"], "n=1");
});

test("copy in parts keeps the kind of the source's checksum, where checksums are the rule", async () => {
  for (const [name, type, expected] of [
    ["crc64nvme", "FULL_OBJECT", "FULL_OBJECT"],
    ["sha256", "FULL_OBJECT", "COMPOSITE"],
    ["crc32", "COMPOSITE", "COMPOSITE"],
  ] as const) {
    const headers = { [`x-amz-checksum-${name}`]: "AAAAAAAAAAA=", "x-amz-checksum-type": type };
    await using server = await startCopyServer(headers);
    const client = server.client({ requestChecksumCalculation: "WHEN_SUPPORTED" });
    await client.copy({ ...place, CopySource: "from/key" }, options);
    const create = server.calls[2]?.headers;
    assert.equal(create?.["x-amz-checksum-algorithm"], name.toUpperCase());
    assert.equal(create?.["x-amz-checksum-type"], expected);
    assert.equal(server.calls[0]?.headers["x-amz-checksum-mode"], "ENABLED");
  }
});

test("copy sends the keys of the source and of the copy with each part", async () => {
  await using server = await startCopyServer();
  const keys = {
    SSECustomerAlgorithm: "AES256",
    SSECustomerKey: Buffer.alloc(32, 1),
    CopySourceSSECustomerAlgorithm: "AES256",
    CopySourceSSECustomerKey: Buffer.alloc(32, 2),
  };
  await server.client().copy({ ...place, CopySource: "from/key", ...keys }, options);
  const [own, source] = [keys.SSECustomerKey, keys.CopySourceSSECustomerKey].map((key) =>
    key.toString("base64"),
  );
  const [ofOwn, ofSource] = ["", "copy-source-"].map(
    (kind) => `x-amz-${kind}server-side-encryption-customer-key`,
  );
  for (const { operation, headers } of server.calls) {
    const isHead = operation === "HeadObject";
    const expected =
      operation === "GetObjectTagging"
        ? [undefined, undefined]
        : [isHead ? source : own, operation === "UploadPartCopy" ? source : undefined];
    assert.deepEqual([headers[ofOwn ?? ""], headers[ofSource ?? ""]], expected, operation);
  }
});

test("copy of a source that was replaced meanwhile fails, and leaves nothing", async () => {
  await using server = await startCopyServer({}, (operation, part) =>
    operation === "UploadPartCopy" && part === 2 ? "PreconditionFailed" : undefined,
  );
  const copying = server.client().copy({ ...place, CopySource: "from/key" }, options);
  const error = (await failureOf(copying)) as Error & { readonly uploadId?: string };
  assert.equal(error.name, "PreconditionFailed");
  assert.equal(error.uploadId, "upload-1");
  assert.equal(server.open.size, 0);
});

test("copy from a server that knows no tags goes without", async () => {
  await using server = await startCopyServer({}, (operation) =>
    operation === "GetObjectTagging" ? "NotImplemented" : undefined,
  );
  const client = server.client({ maxAttempts: 1 });
  await client.copy({ ...place, CopySource: "from/key" }, options);
  assert.equal(server.calls.at(2)?.headers["x-amz-tagging"], undefined);
});

for (const [CopySource, bucket, key, version] of [
  ["from/key", "from", "key", null],
  ["/from/a/b%20c", "from", "a/b%20c", null],
  ["from/a b", "from", "a%20b", null],
  ["from/a?versionId=x%2By", "from", "a", "x+y"],
  [{ Bucket: "from", Key: "50%25?versionId=1" }, "from", "50%2525%3FversionId%3D1", null],
] as const) {
  test(`copy looks for the source ${JSON.stringify(CopySource)} where CopyObject takes it from`, async () => {
    const paths: string[] = [];
    await using server = await startCopyServer();
    const client = server.client();
    client.on("request", ({ url }) => void paths.push(new URL(url).pathname));
    await client.copy({ ...place, CopySource });
    assert.equal(paths[0], `/${bucket}/${key}`);
    assert.equal(server.calls[0]?.query.get("versionId"), version);
  });
}

test("copy refuses a source that is none", async () => {
  await using server = await startCopyServer();
  for (const CopySource of ["bucket", "", { Bucket: "from" }, undefined]) {
    await assert.rejects(
      server.client().copy({ ...place, CopySource: CopySource as never }),
      /Cannot call copy: CopySource: give "bucket\/key", or an object/,
    );
  }
});
