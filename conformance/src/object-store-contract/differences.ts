import type { StoreDifferences } from "./run-contract.ts";

const files = "it keeps objects as files: a key cannot be a folder of others, nor end in a slash";
const names = "it keeps objects as files of the key's name, with the file system's limits";
const notModified = "it answers 304 to a copy; S3 documents 412";
const nanoseconds = "it compares with fractions of a second that no header can carry";
const wildcard = "it knows If-Match on deletes, but takes * for an ETag";
const unchecked = "it does not check that";
const spaces = "it does not take the blank behind the comma of a list in a header";

/**
 * Where versitygw 1.8.0 differs from what Amazon documents of S3, by case: measured, and each known to
 * come from the server. A case that does not differ any more fails.
 */
export const versitygwDifferences: StoreDifferences = {
  "createBucket refuses two dots together with InvalidBucketName": unchecked,
  "putObject without ContentType makes binary/octet-stream of it":
    "it says application/octet-stream",
  "putObject over an object replaces bytes, headers, metadata and tags":
    "it keeps headers of the object before",
  "pages of one and of three keys are in the order of UTF-8 bytes too: folders": files,
  "folders are listed in the order of their bytes, with a key and its folder side by side": files,
  "a key that is its own prefix is a key, beside what is in its folder": files,
  "a delimiter that keys begin with, or have twice": files,
  "EncodingType url, when the caller sets it, leaves the decoding to the caller":
    "it does not know the encoding type",
  "a token that is none is InvalidArgument": "its tokens are keys",
  "listObjects goes on behind Marker; NextMarker is there with a delimiter alone":
    "it always has NextMarker",
  "getObject and headObject with If-Modified-Since its LastModified: 304": nanoseconds,
  "getObject and headObject with If-Unmodified-Since its LastModified: 200": nanoseconds,
  "deleteObject with If-Match * deletes what is there": wildcard,
  "deleteObjects with an ETag deletes that one alone, and reports the others":
    "it does not know conditions in DeleteObjects",
  "copyObject with If-None-Match of its ETag: PreconditionFailed": notModified,
  "copyObject with If-None-Match that does not hold beside If-Modified-Since that does: PreconditionFailed":
    notModified,
  "uploadPartCopy keeps to its conditions on the source": notModified,
  "copyObject with If-None-Match * and If-Match decides by its target":
    "it does not know conditions on the target of a copy",
  'CopySource names "x?versionId=1" as text, and as bucket and key':
    "it decodes the source before it looks for a version",
  "deleteObjects with Quiet true reports errors alone": "it does not know Quiet",
  "deleteObjects of more than 1,000 keys is MalformedXML, and deletes none": unchecked,
  "deleteObjects of no keys is MalformedXML": unchecked,
  "putObject with eleven tags is BadRequest, and stores nothing": unchecked,
  "abortMultipartUpload leaves nothing, and an object of that key as it is":
    "it completes an upload that is gone if there is an object of that key",
  "listMultipartUploads pages by its two markers": "its own markers are not valid to it",
  'uploadPartCopy with the range "bytes=2-" is InvalidArgument': "it takes an open range",
  "getObjectAttributes gives all that was asked for, and no parts of an object of one piece":
    spaces,
  "getObjectAttributes counts the parts": "it does not count the parts",
  "getObjectAttributes lists parts that have checksums, page by page": "it lists no parts",
  "keys with a dot are keys like others": names,
  "keys with two dots are keys like others": names,
  "keys with a way up are keys like others": names,
  "keys with a dot in the way are keys like others": names,
  "keys with a slash alone, first, last, or twice are keys like others": files,
  "keys with a NUL are keys like others": names,
  "keys with control characters are keys like others": "it does not know the encoding type",
  "keys with characters of URLs are keys like others": "it takes two slashes for one",
  "keys with ends of the plane are keys like others": "it does not know the encoding type",
  "keys with names of a store's own are keys like others": files,
  "a key of 1,024 bytes, of one name, is kept": names,
  "a key of 1,024 bytes, of letters of two bytes, is kept": names,
  "a key of 1,024 bytes, of characters of four bytes, is kept": names,
  "a key of 1,024 bytes, of names of 255 bytes, is kept": files,
  "a key of 1,024 bytes, of 512 folders, is kept": files,
  "a key of 1,024 bytes, of characters to escape, is kept": names,
  "a key of more than 1,024 bytes, of one name, is KeyTooLongError":
    "it begins a multipart upload of such a key",
  "a key of more than 1,024 bytes, of letters of two bytes, is KeyTooLongError":
    "it begins a multipart upload of such a key",
  "a key of more than 1,024 bytes, of 513 characters of two bytes, is KeyTooLongError":
    "it begins a multipart upload of such a key",
  "a key, the folder of its name, and what is in that are three objects": files,
  "a missing key below, above or beside an object is NoSuchKey": files,
  "deleteObjects and multipart uploads take every odd key": names,
};
