import type { Call } from "../client/call.ts";
import type { Engine } from "../client/engine.ts";
import { ServiceError } from "../client/errors.ts";
import { headerValue } from "../client/metadata.ts";
import { parseRegion } from "../endpoint/region.ts";
import type { BufferedResponse, Input } from "../protocol/protocol.ts";

/** Regions of buckets, learned from redirects; the longest unused goes first. */
const regions = new Map<string, string>();
const regionsMax = 1000;

/** The region of a bucket that was found elsewhere before. */
export function knownBucketRegion(input: Input, engine: Engine): string | undefined {
  if (regions.size === 0 || !engine.config.followRegionRedirects) return undefined;
  const bucket = bucketOf(input);
  return bucket === undefined ? undefined : regions.get(keyOf(engine, bucket));
}

/**
 * The region to repeat a refused call in: from the answer's header, its body, or one HeadBucket.
 * Source: aws-client.md §13.2.
 */
export function otherBucketRegion(
  call: Call,
  error: Error,
  response: BufferedResponse | undefined,
): string | undefined | Promise<string | undefined> {
  const bucket = bucketOf(call.input);
  if (bucket === undefined || response === undefined || !(error instanceof ServiceError)) {
    return undefined;
  }
  if (questions.has(call.input) || !isElsewhere(call.operation.name, error, response)) {
    return undefined;
  }
  const { engine } = call;
  const told =
    headerValue(response.headers, "x-amz-bucket-region") ?? (error as { Region?: unknown }).Region;
  const learn = (region: unknown): string | undefined => {
    if (typeof region !== "string" || region === engine.region) return undefined;
    // What a server says decides where the keys are sent: it must be the name of a region.
    if (parseRegion(region) === undefined) return undefined;
    remember(keyOf(engine, bucket), region);
    return region;
  };
  if (told !== undefined) return learn(told);
  if (call.operation.name === "HeadBucket") return undefined;
  return askForRegion(engine, bucket).then(learn);
}

/** An ARN names its region; a redirect would be wrong. */
function bucketOf(input: Input): string | undefined {
  const bucket = input["Bucket"];
  return typeof bucket === "string" && !bucket.startsWith("arn:") ? bucket : undefined;
}

/** Names of buckets are unique at an endpoint and within a partition, which regions begin with. */
function keyOf({ config }: Engine, bucket: string): string {
  const partition = /^(?:cn|eusc|us-gov|us-iso[a-z]*|eu-iso[a-z]*)-/.exec(config.region ?? "");
  return `${config.endpoint ?? ""} ${partition?.[0] ?? ""} ${bucket}`;
}

function remember(key: string, region: string): void {
  regions.delete(key);
  regions.set(key, region);
  if (regions.size <= regionsMax) return;
  for (const oldest of regions.keys()) {
    regions.delete(oldest);
    return;
  }
}

function isElsewhere(operation: string, error: ServiceError, response: BufferedResponse): boolean {
  const { status, headers } = response;
  if (status === 301 || status === 302 || status === 307) return true;
  if (error.code === "PermanentRedirect") return true;
  if (error.code === "AuthorizationHeaderMalformed") {
    return (error as { Region?: unknown }).Region !== undefined;
  }
  if (error.code === "IllegalLocationConstraintException") return operation !== "CreateBucket";
  if (status !== 400) return false;
  if (operation === "HeadObject") return true;
  return operation === "HeadBucket" && headerValue(headers, "x-amz-bucket-region") !== undefined;
}

/** Inputs of calls that ask for a region: their redirect is the answer, and is not followed. */
const questions = new WeakSet<Input>();

/** One HeadBucket; its answer names the region whether or not it may be seen. */
async function askForRegion(engine: Engine, bucket: string): Promise<string | undefined> {
  const input: Input = { Bucket: bucket };
  questions.add(input);
  try {
    const { $metadata } = await engine.call("HeadBucket", input, { maxAttempts: 1 });
    return headersOf($metadata)["x-amz-bucket-region"];
  } catch (error) {
    return error instanceof ServiceError
      ? headersOf(error.$metadata)["x-amz-bucket-region"]
      : undefined;
  }
}

function headersOf(metadata: unknown): Readonly<Record<string, string>> {
  return (metadata as { httpHeaders?: Record<string, string> } | undefined)?.httpHeaders ?? {};
}
