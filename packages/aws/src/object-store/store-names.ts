import { StoreFailure } from "./store-errors.ts";

/** Source: Amazon S3 User Guide, "General purpose bucket naming rules". */
const newBucketForm = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const addressForm = /^\d+\.\d+\.\d+\.\d+$/;
/** Others may have made buckets in a place of theirs with names of their own. */
const bucketForm = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,254}$/;

const keyBytesMax = 1024;
/** A UTF-16 unit is at most three bytes of UTF-8. */
const keyUnitsSure = Math.floor(keyBytesMax / 3);

/** @throws StoreFailure `InvalidBucketName` */
export function checkNewBucket(bucket: string): void {
  const isValid = newBucketForm.test(bucket) && !bucket.includes("..") && !addressForm.test(bucket);
  if (isValid) return;
  throw new StoreFailure("InvalidBucketName", {
    message: `The bucket name "${bucket}" is not valid: give 3 to 63 lower-case letters, digits, "-" and ".", with a letter or digit at each end`,
    members: { BucketName: bucket },
  });
}

/** @throws StoreFailure `InvalidBucketName` for what no store may use as a name. */
export function checkBucket(bucket: string): void {
  if (bucketForm.test(bucket) && !bucket.includes("..")) return;
  throw new StoreFailure("InvalidBucketName", {
    message: `The bucket name "${bucket}" is not valid: a store's bucket has letters, digits, "-", "_" and "."`,
    members: { BucketName: bucket },
  });
}

/** @throws StoreFailure `KeyTooLongError`, or `InvalidArgument` for what is no text of Unicode. */
export function checkKey(key: string): void {
  if (key.length > keyUnitsSure && Buffer.byteLength(key) > keyBytesMax) {
    throw new StoreFailure("KeyTooLongError", {
      message: `The key has ${Buffer.byteLength(key)} bytes: S3 allows ${keyBytesMax}`,
      members: { Size: String(Buffer.byteLength(key)), MaxSizeAllowed: String(keyBytesMax) },
    });
  }
  if (!key.isWellFormed()) {
    throw new StoreFailure("InvalidArgument", {
      message: "The key has half a character (a lone surrogate): UTF-8 cannot hold it",
    });
  }
}

/** The error of a bucket that is not there. */
export function noSuchBucket(bucket: string): StoreFailure {
  return new StoreFailure("NoSuchBucket", {
    message: `The bucket "${bucket}" does not exist`,
    members: { BucketName: bucket },
  });
}

/** The error of an object that is not there. */
export function noSuchKey(key: string): StoreFailure {
  return new StoreFailure("NoSuchKey", {
    message: `The key "${key}" does not exist`,
    members: { Key: key },
  });
}

/** The error of an upload that is not there. */
export function noSuchUpload(id: string): StoreFailure {
  return new StoreFailure("NoSuchUpload", { members: { UploadId: id } });
}

/** A write that did not take place, as an error. */
export function refusedWrite(
  outcome: "no-bucket" | "no-key" | "condition",
  bucket: string,
  key: string,
  condition: string | undefined,
): StoreFailure {
  if (outcome === "no-bucket") return noSuchBucket(bucket);
  if (outcome === "no-key") return noSuchKey(key);
  return new StoreFailure("PreconditionFailed", { members: { Condition: condition } });
}
