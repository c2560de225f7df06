import type { CallOptions } from "../../client/options.ts";
import type { MultipartUploadsFilter, ObjectsFilter, ObjectVersionsFilter } from "./bucket.ts";
import { Collection } from "./collection.ts";
import { DeletableCollection } from "./deletable-collection.ts";
import { S3MultipartUpload } from "./multipart-upload.ts";
import { S3ObjectSummary } from "./object-summary.ts";
import { listedVersions, S3ObjectVersion } from "./object-version.ts";
import type { S3Resource } from "./s3-resource.ts";

/** The objects of a bucket. */
export function objects(
  service: S3Resource,
  bucketName: string,
): DeletableCollection<S3ObjectSummary, ObjectsFilter> {
  const { client } = service.meta;
  return new DeletableCollection({
    name: "objects",
    limitKey: "MaxKeys",
    client,
    bucketName,
    identify: ({ key }: S3ObjectSummary) => ({ Key: key }),
    pages: async function* (params: ObjectsFilter, options: CallOptions) {
      const input = { ...params, Bucket: bucketName };
      for await (const { Contents = [] } of client.paginate.listObjectsV2(input, options)) {
        yield Contents.map(
          (data) => new S3ObjectSummary(service, bucketName, data.Key ?? "", data),
        );
      }
    },
  });
}

/** The versions of a bucket's objects, and delete markers. */
export function objectVersions(
  service: S3Resource,
  bucketName: string,
): DeletableCollection<S3ObjectVersion, ObjectVersionsFilter> {
  const { client } = service.meta;
  return new DeletableCollection({
    name: "object versions",
    limitKey: "MaxKeys",
    client,
    bucketName,
    identify: ({ objectKey, id }: S3ObjectVersion) => ({ Key: objectKey, VersionId: id }),
    pages: async function* (params: ObjectVersionsFilter, options: CallOptions) {
      const input = { ...params, Bucket: bucketName };
      for await (const page of client.paginate.listObjectVersions(input, options)) {
        yield listedVersions(page).map(
          (data) =>
            new S3ObjectVersion(
              service,
              bucketName,
              data.Key ?? "",
              // A server without versions may send none; S3's name for that one is "null".
              data.VersionId ?? "null",
              data,
            ),
        );
      }
    },
  });
}

/** The multipart uploads of a bucket that are neither completed nor aborted. */
export function multipartUploads(
  service: S3Resource,
  bucketName: string,
): Collection<S3MultipartUpload, MultipartUploadsFilter> {
  const { client } = service.meta;
  return new Collection({
    name: "multipart uploads",
    limitKey: "MaxUploads",
    pages: async function* (params: MultipartUploadsFilter, options: CallOptions) {
      const input = { ...params, Bucket: bucketName };
      for await (const { Uploads = [] } of client.paginate.listMultipartUploads(input, options)) {
        yield Uploads.map(
          (data) =>
            new S3MultipartUpload(service, bucketName, data.Key ?? "", data.UploadId ?? "", data),
        );
      }
    },
  });
}
