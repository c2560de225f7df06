/** An object, in the names of S3's inputs: `s3.getObject(parseS3Uri(uri))`. */
export interface S3Location {
  /** A bucket's name, or the ARN of an access point. */
  readonly Bucket: string;
  readonly Key: string;
}

const scheme = "s3://";
/** What the client takes for a bucket (botocore's `VALID_BUCKET`). */
const bucketPattern = /^[a-zA-Z0-9._-]{1,255}$/;
/** Access points, of Object Lambda and several regions, too, and on Outposts (botocore's `_VALID_S3_ARN`). */
const accessPointPattern =
  /^arn:[^/:]+:(?:s3|s3-object-lambda):[a-z0-9-]*:\d{12}:accesspoint[/:][^/:]+(?=\/|$)/;
const outpostPattern =
  /^arn:[^/:]+:s3-outposts:[a-z0-9-]+:\d{12}:outpost[/:][^/:]+[/:]accesspoint[/:][^/:]+(?=\/|$)/;
/** Characters of a text that a message shows. */
const shownMax = 200;

/**
 * Reads `s3://bucket/key`. The key is all that follows the bucket and one slash, as it is: `?`, `#`,
 * `%`, spaces and further slashes belong to it, and nothing is decoded. A bucket may be the ARN of an
 * access point, as the AWS CLI writes it.
 *
 * @throws TypeError for what is no such text, and for a bucket without a key.
 */
export function parseS3Uri(uri: string): S3Location {
  if (typeof (uri as unknown) !== "string") {
    throw new TypeError(
      `Cannot read a reference of type ${uri === null ? "null" : typeof uri}: give "s3://bucket/key"`,
    );
  }
  if (!uri.startsWith(scheme)) throw refusal(uri, 'it does not begin with "s3://"');
  const place = uri.slice(scheme.length);
  const arn = (accessPointPattern.exec(place) ?? outpostPattern.exec(place))?.[0];
  const slash = place.indexOf("/", arn?.length ?? 0);
  const Bucket = slash < 0 ? place : place.slice(0, slash);
  const Key = slash < 0 ? "" : place.slice(slash + 1);
  if (Bucket === "") throw refusal(uri, "it names no bucket");
  if (arn === undefined && !bucketPattern.test(Bucket)) {
    throw refusal(uri, `"${shown(Bucket)}" is no bucket`);
  }
  if (Key === "") throw refusal(uri, "it names no object");
  return { Bucket, Key };
}

/**
 * Writes `s3://bucket/key`: what `parseS3Uri` reads. Nothing is encoded.
 *
 * @throws TypeError for a bucket that is none, and an empty key.
 */
export function s3Uri({ Bucket, Key }: S3Location): string {
  if (typeof (Bucket as unknown) !== "string" || typeof (Key as unknown) !== "string") {
    throw new TypeError("Cannot write a reference: give Bucket and Key as text");
  }
  const uri = `${scheme}${Bucket}/${Key}`;
  const read = parseS3Uri(uri);
  if (read.Bucket !== Bucket) throw refusal(uri, `"${shown(Bucket)}" is no bucket`);
  return uri;
}

function refusal(uri: string, reason: string): TypeError {
  return new TypeError(`Cannot read "${shown(uri)}": ${reason}; give "s3://bucket/key"`);
}

function shown(text: string): string {
  return text.length > shownMax ? `${text.slice(0, shownMax)}…` : text;
}
