import assert from "node:assert/strict";
import { test } from "node:test";
import { loadModel } from "../../model/load-model.ts";
import type { Shape } from "../../model/model.ts";
import { attributeName } from "./attributes.ts";
import { S3Bucket } from "./bucket.ts";
import { S3MultipartUpload } from "./multipart-upload.ts";
import { S3MultipartUploadPart } from "./multipart-upload-part.ts";
import { S3Object } from "./object.ts";
import { S3ObjectSummary } from "./object-summary.ts";
import { S3ObjectVersion } from "./object-version.ts";
import { stubS3 } from "./stub-client-fixture.test.ts";

for (const [member, name] of [
  ["ETag", "eTag"],
  ["ContentLength", "contentLength"],
  ["SSEKMSKeyId", "ssekmsKeyId"],
  ["SSECustomerKeyMD5", "sseCustomerKeyMD5"],
  ["MFADelete", "mfaDelete"],
  ["CORSRules", "corsRules"],
  ["ChecksumCRC64NVME", "checksumCRC64NVME"],
  ["Size", "size"],
] as const) {
  test(`attributeName: ${member} is ${name}`, () => {
    assert.equal(attributeName(member), name);
  });
}

/** The members of an output, or of the items of a list in it. */
function membersOf(operation: string, list?: string): string[] {
  let shape: Shape | undefined = loadModel("s3").operation(operation)?.output;
  if (list !== undefined && shape?.kind === "structure") {
    shape = shape.members.find(({ name }) => name === list)?.shape;
    shape = shape?.kind === "list" ? shape.member.shape : undefined;
  }
  assert.ok(shape?.kind === "structure", operation);
  return shape.members.map(({ name }) => name);
}

for (const { resource, operation, list, identifiers = [], ours = [] } of [
  { resource: S3Object, operation: "HeadObject", ours: ["ExpiresString"] },
  { resource: S3Bucket, operation: "ListBuckets", list: "Buckets", identifiers: ["Name"] },
  {
    resource: S3ObjectSummary,
    operation: "ListObjectsV2",
    list: "Contents",
    identifiers: ["Key"],
  },
  {
    resource: S3ObjectVersion,
    operation: "ListObjectVersions",
    list: "Versions",
    identifiers: ["Key", "VersionId"],
    ours: ["IsDeleteMarker"],
  },
  {
    resource: S3MultipartUpload,
    operation: "ListMultipartUploads",
    list: "Uploads",
    identifiers: ["Key", "UploadId"],
  },
  {
    resource: S3MultipartUploadPart,
    operation: "ListParts",
    list: "Parts",
    identifiers: ["PartNumber"],
  },
]) {
  test(`the attributes of ${resource.name} are the members of ${operation} in the model`, () => {
    const expected = membersOf(operation, list).filter((name) => !identifiers.includes(name));
    const declared = new Set(resource.attributes.split(/\s+/));
    assert.deepEqual(declared, new Set([...expected, ...ours]));
  });
}

for (const name of [
  "Acl",
  "Cors",
  "LifecycleConfiguration",
  "Logging",
  "Notification",
  "Policy",
  "RequestPayment",
  "Tagging",
  "Versioning",
  "Website",
] as const) {
  test(`bucket.${name}() calls its operations, and has the attributes of what they answer`, async () => {
    const { s3, calls } = stubS3();
    const configuration = s3.Bucket("b")[name]();
    assert.equal(calls.length, 0);
    await configuration.load();
    await (configuration.put as (input: object) => Promise<unknown>)({ Given: 1 });
    if ("delete" in configuration) await configuration.delete({ ExpectedBucketOwner: "1" });
    const ofIt = `Bucket${name}`;
    const inModel = calls[0]?.operation ?? "";
    assert.match(inModel, new RegExp(`^Get${ofIt}`));
    assert.deepEqual(
      calls.map(({ input }) => input),
      [{ Bucket: "b" }, { Given: 1, Bucket: "b" }, { ExpectedBucketOwner: "1", Bucket: "b" }].slice(
        0,
        calls.length,
      ),
    );
    assert.equal(calls[1]?.operation, inModel.replace("Get", "Put"));
    const operation = loadModel("s3").operation(inModel);
    assert.ok(operation !== undefined, "the model has it");
    for (const { operation: called } of calls) assert.ok(loadModel("s3").operation(called), called);
    const { attributes } = configuration.constructor as unknown as { attributes: string };
    assert.deepEqual(new Set(attributes.split(" ")), new Set(membersOf(inModel)));
    for (const member of membersOf(inModel)) {
      assert.ok(attributeName(member) in configuration, member);
    }
    const deletes = loadModel("s3").operationNames.some((each) =>
      [`Delete${ofIt}`, `Delete${ofIt.replace("Configuration", "")}`].includes(each),
    );
    assert.equal("delete" in configuration, deletes);
  });
}
