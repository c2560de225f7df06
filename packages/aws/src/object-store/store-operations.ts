import type { Input, Output } from "../protocol/protocol.ts";
import {
  createBucket,
  deleteBucket,
  getBucketLocation,
  headBucket,
  listBuckets,
} from "./operations/buckets.ts";
import { copyObject } from "./operations/copy-object.ts";
import { deleteObject, deleteObjects } from "./operations/delete-objects.ts";
import { getObject, headObject } from "./operations/get-object.ts";
import { listObjects, listObjectsV2 } from "./operations/list-objects.ts";
import { getObjectAttributes } from "./operations/object-attributes.ts";
import {
  abortMultipartUpload,
  completeMultipartUpload,
  createMultipartUpload,
} from "./operations/multipart-upload.ts";
import { listMultipartUploads, listParts } from "./operations/list-uploads.ts";
import { putObject } from "./operations/put-object.ts";
import { deleteObjectTagging, getObjectTagging, putObjectTagging } from "./operations/tagging.ts";
import { uploadPart, uploadPartCopy } from "./operations/upload-part.ts";
import type { StoreCall } from "./store-call.ts";

/** An operation of S3 as stores have it. */
export interface StoreOperation {
  readonly run: (call: StoreCall, input: Input) => Promise<Output>;
  /** HTTP status of its success. */
  readonly status: number;
}

/** The operations that stores have, by their names in S3's model. Source: aws-client.md §15.1. */
export const storeOperations: Readonly<Record<string, StoreOperation>> = {
  AbortMultipartUpload: { run: abortMultipartUpload, status: 204 },
  CompleteMultipartUpload: { run: completeMultipartUpload, status: 200 },
  CopyObject: { run: copyObject, status: 200 },
  CreateBucket: { run: createBucket, status: 200 },
  CreateMultipartUpload: { run: createMultipartUpload, status: 200 },
  DeleteBucket: { run: deleteBucket, status: 204 },
  DeleteObject: { run: deleteObject, status: 204 },
  DeleteObjectTagging: { run: deleteObjectTagging, status: 204 },
  DeleteObjects: { run: deleteObjects, status: 200 },
  GetBucketLocation: { run: getBucketLocation, status: 200 },
  GetObject: { run: getObject, status: 200 },
  GetObjectAttributes: { run: getObjectAttributes, status: 200 },
  GetObjectTagging: { run: getObjectTagging, status: 200 },
  HeadBucket: { run: headBucket, status: 200 },
  HeadObject: { run: headObject, status: 200 },
  ListBuckets: { run: listBuckets, status: 200 },
  ListMultipartUploads: { run: listMultipartUploads, status: 200 },
  ListObjects: { run: listObjects, status: 200 },
  ListObjectsV2: { run: listObjectsV2, status: 200 },
  ListParts: { run: listParts, status: 200 },
  PutObject: { run: putObject, status: 200 },
  PutObjectTagging: { run: putObjectTagging, status: 200 },
  UploadPart: { run: uploadPart, status: 200 },
  UploadPartCopy: { run: uploadPartCopy, status: 200 },
};
