import type { DeleteObjectsRequest, ObjectIdentifier } from "../../../types/s3.d.ts";
import type { Input, Output } from "../../protocol/protocol.ts";
import { refuseVersion, unsupported } from "../object-members.ts";
import { quotedEtag } from "../read-conditions.ts";
import type { StoreCall } from "../store-call.ts";
import { StoreFailure } from "../store-errors.ts";
import { checkBucket, checkKey, noSuchBucket, refusedWrite } from "../store-names.ts";

/** Keys of one request. Source: the Amazon S3 API Reference, DeleteObjects. */
const keysMax = 1000;
/** Objects that are deleted side by side. */
const concurrency = 32;

/** Deletes an object; one that is not there is deleted already. */
export async function deleteObject(call: StoreCall, input: Input): Promise<Output> {
  const { Bucket, Key, VersionId, IfMatch } = input as unknown as {
    readonly Bucket: string;
    readonly Key: string;
    readonly VersionId?: string;
    readonly IfMatch?: string;
  };
  checkBucket(Bucket);
  refuseVersion(VersionId);
  refuseConditions(input, ["IfMatchLastModifiedTime", "IfMatchSize"], call);
  await deleteOne(call, Bucket, Key, IfMatch);
  return {};
}

/** Conditions that S3 has for directory buckets alone: nothing is deleted as if they were not there. */
function refuseConditions(input: object, names: readonly string[], { storage }: StoreCall): void {
  for (const name of names) {
    const value = (input as Input)[name];
    if (value !== undefined && value !== null) throw unsupported(name, storage.url);
  }
}

async function deleteOne(
  { storage }: StoreCall,
  bucket: string,
  key: string,
  etag: string | null | undefined,
): Promise<void> {
  checkKey(key);
  const ifMatch =
    etag === undefined || etag === null ? undefined : etag === "*" ? etag : quotedEtag(etag);
  const outcome = await storage.delete(bucket, key, { ifMatch });
  if (outcome !== "done") throw refusedWrite(outcome, bucket, key, "If-Match");
}

/** Deletes many objects, and says of each how it went. */
export async function deleteObjects(call: StoreCall, input: Input): Promise<Output> {
  const { Bucket, Delete } = input as unknown as DeleteObjectsRequest;
  checkBucket(Bucket);
  const objects = Delete.Objects;
  if (objects.length === 0 || objects.length > keysMax) {
    throw new StoreFailure("MalformedXML", {
      message: `The input has ${objects.length} objects: give 1 to ${keysMax}`,
    });
  }
  if ((await call.storage.bucket(Bucket)) === undefined) throw noSuchBucket(Bucket);
  const failures: (StoreFailure | undefined)[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < objects.length) {
      const at = next++;
      failures[at] = await deleteListed(call, Bucket, objects[at] as ObjectIdentifier);
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, objects.length) }, work));
  const output: Output = {};
  const isQuiet = Delete.Quiet === true;
  const deleted = objects.filter((_, at) => failures[at] === undefined);
  if (!isQuiet && deleted.length > 0) output["Deleted"] = deleted.map(({ Key }) => ({ Key }));
  const errors = objects.flatMap(({ Key }, at) => {
    const failure = failures[at];
    return failure === undefined ? [] : [{ Key, Code: failure.code, Message: failure.message }];
  });
  if (errors.length > 0) output["Errors"] = errors;
  return output;
}

/** The failure of one key is its own. What is wrong with the store itself fails the call. */
async function deleteListed(
  call: StoreCall,
  bucket: string,
  object: ObjectIdentifier,
): Promise<StoreFailure | undefined> {
  const { Key, VersionId, ETag } = object;
  try {
    refuseVersion(VersionId);
    refuseConditions(object, ["LastModifiedTime", "Size"], call);
    await deleteOne(call, bucket, Key, ETag);
    return undefined;
  } catch (error) {
    if (error instanceof StoreFailure) return error;
    throw error;
  }
}
