import { setTimeout as delay } from "node:timers/promises";
import type {
  DeletedObject,
  DeleteObjectsCommandOutput,
  _Error as DeleteFailure,
  ObjectIdentifier,
  S3Client,
} from "../../../types/s3.d.ts";
import { startAll } from "../../client/concurrent-calls.ts";
import { AbortError, ServiceError } from "../../client/errors.ts";
import type { CallOptions } from "../../client/options.ts";
import type { DeleteListedInput } from "./deletable-collection.ts";
import { DeleteObjectsError } from "./delete-objects-error.ts";

/** What is deleted, and how. */
export interface DeleteListedRequest {
  readonly client: S3Client;
  readonly bucketName: string;
  readonly pages: AsyncIterable<readonly ObjectIdentifier[]>;
  readonly input: DeleteListedInput;
  readonly concurrency: number;
  readonly options: CallOptions;
}

/** DeleteObjects takes no more keys. */
const keysMax = 1_000;
/** Keys of one page that are deleted each by a request of its own, at once. */
const singlesAtOnce = 8;
/** Requests for a key that S3 could not delete at the time. */
const attemptsMax = 3;
const pauseBaseMs = 200;
/** Codes of errors per key that may be gone with the next request. */
const PASSING: ReadonlySet<string> = new Set(["InternalError", "ServiceUnavailable", "SlowDown"]);

/**
 * Deletes pages of keys as they are listed, several at once. A page is deleted only when the one
 * behind it has been listed: no listing goes on from a key that is already gone.
 * @throws DeleteObjectsError, or what a request or the listing failed with
 */
export async function deleteListed(
  request: DeleteListedRequest,
): Promise<DeleteObjectsCommandOutput[]> {
  const run: Run = { outputs: [], failure: undefined };
  await startAll(deletions(request, run), { concurrency: request.concurrency });
  const deleted = run.outputs.flatMap(({ Deleted }) => Deleted ?? []);
  const errors = run.outputs.flatMap(({ Errors }) => Errors ?? []);
  if (run.failure !== undefined) throw withOutcome(run.failure.error, deleted, errors);
  if (errors.length > 0) throw new DeleteObjectsError(request.bucketName, deleted, errors);
  return run.outputs;
}

interface Run {
  readonly outputs: DeleteObjectsCommandOutput[];
  /** The first request that failed as a whole: nothing more is begun, what is in flight ends. */
  failure: { readonly error: unknown } | undefined;
}

/**
 * The calls that delete. Neither they nor the generator throw: what fails is the run's.
 * @yields a call for each up to 1,000 keys
 */
async function* deletions(
  request: DeleteListedRequest,
  run: Run,
): AsyncGenerator<() => Promise<void>, void, undefined> {
  let index = 0;
  const deletion = (objects: readonly ObjectIdentifier[]): (() => Promise<void>) => {
    const place = index++;
    return async () => {
      try {
        const output = (run.outputs[place] = noneDeleted());
        await deleteObjects(request, objects, output);
      } catch (error) {
        run.failure ??= { error };
      }
    };
  };
  try {
    for await (const objects of oneBehind(request.pages)) {
      for (let start = 0; start < objects.length; start += keysMax) {
        if (run.failure !== undefined) return;
        yield deletion(objects.slice(start, start + keysMax));
      }
    }
  } catch (error) {
    run.failure ??= { error };
  }
}

/**
 * Holds each page back until the next one is there. A server may begin one with the item at its
 * marker, which was the last page's.
 * @yields pages without that item
 */
async function* oneBehind(
  pages: DeleteListedRequest["pages"],
): AsyncGenerator<readonly ObjectIdentifier[], void, undefined> {
  let held: readonly ObjectIdentifier[] = [];
  for await (const page of pages) {
    const last = held.at(-1);
    if (last !== undefined) yield held;
    const [first] = page;
    const isRepeated = first !== undefined && last !== undefined && isSame(first, last);
    held = isRepeated ? page.slice(1) : page;
  }
  if (held.length > 0) yield held;
}

function isSame(one: ObjectIdentifier, other: ObjectIdentifier): boolean {
  return one.Key === other.Key && one.VersionId === other.VersionId;
}

type PageOutput = DeleteObjectsCommandOutput & {
  Deleted: DeletedObject[];
  Errors: DeleteFailure[];
};

function noneDeleted(): PageOutput {
  return { $metadata: { attempts: 0, totalRetryDelay: 0 }, Deleted: [], Errors: [] };
}

/** Deletes the keys of a page; the output is filled as the answers come. */
async function deleteObjects(
  request: DeleteListedRequest,
  objects: readonly ObjectIdentifier[],
  output: PageOutput,
): Promise<void> {
  const { client, bucketName, input, options } = request;
  const plain = objects.filter(({ Key }) => !isUnfitForXml(Key));
  let left = plain;
  for (let attempt = 1; left.length > 0; attempt++) {
    const Delete = { ...input.Delete, Objects: left };
    const answer = await client.deleteObjects({ ...input, Bucket: bucketName, Delete }, options);
    const { Deleted = [], Errors = [], ...others } = answer;
    const passing = Errors.filter(({ Code = "" }) => attempt < attemptsMax && PASSING.has(Code));
    const failed = new Set(passing.map(identity));
    left = left.filter((object) => failed.has(identity(object)));
    const again = new Set(left.map(identity));
    Object.assign(output, others);
    output.Deleted.push(...Deleted);
    // Nobody asks again for a key that was not in the request: its error stands.
    output.Errors.push(...Errors.filter((error) => !again.has(identity(error))));
    if (left.length > 0) await pause(attempt, options);
  }
  if (plain.length === objects.length) return;
  const unfit = objects.filter(({ Key }) => isUnfitForXml(Key));
  await startAll(
    unfit.map((object) => () => deleteOne(request, object, output)),
    { concurrency: singlesAtOnce },
  );
}

/** Servers write the version of an object without versions as an empty one, or not at all. */
function identity({ Key, VersionId }: DeleteFailure): string {
  return JSON.stringify([Key, VersionId || undefined]);
}

/** Some hundred milliseconds, more each time, at random. @throws AbortError */
async function pause(attempt: number, { signal, abortSignal }: CallOptions): Promise<void> {
  const stop = signal ?? abortSignal;
  try {
    const ms = Math.random() * pauseBaseMs * 2 ** attempt;
    await delay(ms, undefined, stop && { signal: stop });
  } catch {
    throw new AbortError(stop?.reason);
  }
}

/** A key that a document cannot carry goes into a URL. What S3 refuses is an entry, as in its answer to DeleteObjects. */
async function deleteOne(
  { client, bucketName, input, options }: DeleteListedRequest,
  object: ObjectIdentifier,
  output: PageOutput,
): Promise<void> {
  const { Delete, ChecksumAlgorithm: _, ...params } = input;
  try {
    const answer = await client.deleteObject({ ...params, Bucket: bucketName, ...object }, options);
    if (output.$metadata.attempts === 0) Object.assign(output, { $metadata: answer.$metadata });
    if (Delete?.Quiet === true) return;
    const { DeleteMarker, VersionId } = answer;
    // Where no version was asked for, the one in the answer is that of the marker it has made.
    const isNewMarker = object.VersionId === undefined && VersionId !== undefined;
    output.Deleted.push({
      ...object,
      ...(DeleteMarker !== undefined && { DeleteMarker }),
      ...(isNewMarker && { DeleteMarkerVersionId: VersionId }),
    });
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const { Key, VersionId } = object;
    output.Errors.push({ Key, VersionId, Code: error.code, Message: error.message });
  }
}

/**
 * Whether a key has characters that XML 1.0 (§2.2) has no place for, not even as references: a parser
 * of the server would refuse the whole document.
 */
function isUnfitForXml(key: string): boolean {
  // oxlint-disable-next-line no-control-regex
  return /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/.test(key);
}

/** What was deleted before, and what was not, as members of the error that ended it. */
function withOutcome(
  error: unknown,
  deleted: readonly DeletedObject[],
  errors: readonly DeleteFailure[],
): unknown {
  if (error instanceof Error && Object.isExtensible(error)) {
    Object.defineProperties(error, {
      deleted: { value: deleted, enumerable: false, configurable: true },
      errors: { value: errors, enumerable: false, configurable: true },
    });
  }
  return error;
}
