import type { PutObjectRequest, S3Client } from "../../types/s3.d.ts";
import type { AllOptions } from "../client/concurrent-calls.ts";
import { ConnectionError, ServiceError, TimeoutError } from "../client/errors.ts";
import type { ResponseBody } from "../client/response-body.ts";
import type * as ReferenceName from "./reference-name.ts";
import { type ReferenceValue, storedValue, type StoredValue } from "./reference-value.ts";
import { parseS3Uri, type S3Location, s3Uri } from "./s3-uri.ts";

/** Bytes from which a value goes and comes in parts. */
const partsFrom: number = 8 * 1024 * 1024;

/** Loaded when the first key is made. */
let names: typeof ReferenceName | undefined;

/** The client of references: S3's, on AWS or on any store. */
export type ReferenceClient = Pick<
  S3Client,
  "deleteObject" | "download" | "getObject" | "headObject" | "putObject" | "upload"
>;

/** Where references are put, and which are resolved. */
export interface ReferencesOptions {
  /** Where values are put. */
  readonly bucket: string;
  /** What keys begin with: `texts/`. Default none. */
  readonly prefix?: string | undefined;
  /**
   * Keys that are not given: `random` (UUIDs), or `content`: the SHA-256 of the bytes, so that equal
   * values are one object. Default `random`.
   */
  readonly naming?: "random" | "content" | undefined;
  /**
   * Buckets beside `bucket` that references are resolved in. Default: any that the client may read.
   * Name them, or give an empty list, where references come from those who should not choose.
   */
  readonly buckets?: readonly string[] | undefined;
  /** Further members of each `PutObject`: `ServerSideEncryption`, `StorageClass`, `Tagging`, … */
  readonly put?: Omit<Partial<PutObjectRequest>, "Body" | "Bucket" | "Key"> | undefined;
  /** Objects on their way at once, where there is a list of them; default 64. */
  readonly concurrency?: number | undefined;
}

/** How one value is put. */
export interface PutReferenceOptions {
  /** The key, behind the prefix; what is there is replaced. Default: see `naming`. */
  readonly key?: string | undefined;
  /** Default: that of the value's kind. */
  readonly contentType?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How references are resolved. */
export interface ReferenceOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Values by reference: put one, and get `s3://bucket/key`, which is passed in its place; resolve it
 * where the value is needed. Works on AWS and on any store that S3's client talks to.
 *
 * Methods that take a reference take a list of them, too, and give a list of results, in the same
 * order. Errors are those of the client, with the member `reference`.
 */
export class References {
  readonly #client: ReferenceClient;
  readonly #options: ReferencesOptions;
  readonly #prefix: string;

  /** @throws TypeError for a bucket that is none. */
  constructor(client: ReferenceClient, options: ReferencesOptions) {
    const { bucket, prefix = "" } = options;
    // What cannot be read back is refused now.
    s3Uri({ Bucket: bucket, Key: `${prefix}key` });
    this.#client = client;
    this.#options = options;
    this.#prefix = prefix;
  }

  /**
   * Stores a value. Text, bytes and JSON are told apart by the value; streams go in parts as they
   * come.
   *
   * @returns its reference.
   */
  async put(value: ReferenceValue, options: PutReferenceOptions = {}): Promise<string> {
    return this.#put(storedValue(value), options);
  }

  /** Stores a file, in parts where it is large. @returns its reference. */
  async putFile(path: string, options: PutReferenceOptions = {}): Promise<string> {
    const { openAsBlob } = process.getBuiltinModule("node:fs");
    const isNamed = options.key !== undefined || this.#options.naming !== "content";
    const body = isNamed ? { path } : await openAsBlob(path);
    return this.#put({ body, contentType: "application/octet-stream" }, options);
  }

  /** Stores values, several at once. @returns their references, in the same order. */
  putAll(
    values: Iterable<ReferenceValue> | AsyncIterable<ReferenceValue>,
    options: Omit<PutReferenceOptions, "key"> = {},
  ): Promise<string[]> {
    return this.#all(values, options, (value, signal) => this.put(value, { ...options, signal }));
  }

  /** The value as text. */
  text(reference: string, options?: ReferenceOptions): Promise<string>;
  text(references: readonly string[], options?: ReferenceOptions): Promise<string[]>;
  text(given: string | readonly string[], options?: ReferenceOptions): Promise<string | string[]> {
    return this.#each(given, options, async (place, signal) =>
      (await this.#bytes(place, signal)).toString(),
    );
  }

  /** The value as bytes. */
  bytes(reference: string, options?: ReferenceOptions): Promise<Buffer>;
  bytes(references: readonly string[], options?: ReferenceOptions): Promise<Buffer[]>;
  bytes(given: string | readonly string[], options?: ReferenceOptions): Promise<Buffer | Buffer[]> {
    return this.#each(given, options, (place, signal) => this.#bytes(place, signal));
  }

  /** The value from its JSON. @throws SyntaxError when it is none. */
  json(reference: string, options?: ReferenceOptions): Promise<unknown>;
  json(references: readonly string[], options?: ReferenceOptions): Promise<unknown[]>;
  json(given: string | readonly string[], options?: ReferenceOptions): Promise<unknown> {
    return this.#each(given, options, async (place, signal) => {
      const bytes = await this.#bytes(place, signal);
      return JSON.parse(bytes.toString()) as unknown;
    });
  }

  /**
   * The value as it comes, in parts that are fetched ahead: `for await (const piece of body)`,
   * `body.pipe(target)`, `body.stream()`, `body.webStream()`.
   */
  stream(reference: string, options: ReferenceOptions = {}): Promise<ResponseBody> {
    return this.#each(reference, undefined, async (place) => {
      const { Body } = await this.#client.download(place, undefined, options);
      return Body;
    }) as Promise<ResponseBody>;
  }

  /** Writes the value into a file, which has its name when all of it is there. */
  async toFile(reference: string, path: string, options: ReferenceOptions = {}): Promise<void> {
    await this.#each(reference, undefined, (place) => this.#client.download(place, path, options));
  }

  /** Bytes of the value. */
  size(reference: string, options?: ReferenceOptions): Promise<number>;
  size(references: readonly string[], options?: ReferenceOptions): Promise<number[]>;
  size(given: string | readonly string[], options?: ReferenceOptions): Promise<number | number[]> {
    return this.#each(given, options, async (place, signal) => {
      const { ContentLength = 0 } = await this.#client.headObject(place, { signal });
      return ContentLength;
    });
  }

  /** Whether there is a value. */
  exists(reference: string, options?: ReferenceOptions): Promise<boolean>;
  exists(references: readonly string[], options?: ReferenceOptions): Promise<boolean[]>;
  exists(
    given: string | readonly string[],
    options?: ReferenceOptions,
  ): Promise<boolean | boolean[]> {
    return this.#each(given, options, async (place, signal) => {
      try {
        await this.#client.headObject(place, { signal });
        return true;
      } catch (error) {
        if (error instanceof ServiceError && error.statusCode === 404) return false;
        throw error;
      }
    });
  }

  /** Removes values. Those that are not there are no error. */
  async delete(given: string | readonly string[], options?: ReferenceOptions): Promise<void> {
    await this.#each(given, options, (place, signal) =>
      this.#client.deleteObject(place, { signal }),
    );
  }

  async #put(stored: StoredValue, options: PutReferenceOptions): Promise<string> {
    const { body, contentType } = stored;
    const Key = this.#prefix + (options.key ?? (await this.#name(stored)));
    const place = { Bucket: this.#options.bucket, Key };
    const reference = s3Uri(place);
    const { signal } = options;
    const input = {
      ContentType: contentType,
      ...this.#options.put,
      ...(options.contentType === undefined ? {} : { ContentType: options.contentType }),
      ...place,
      Body: body,
    };
    const isSmall = Buffer.isBuffer(body) && body.length < partsFrom;
    try {
      if (isSmall) await this.#client.putObject(input, { signal });
      else await this.#client.upload(input, { signal });
    } catch (error) {
      throw about(error, reference);
    }
    return reference;
  }

  async #name(stored: StoredValue): Promise<string> {
    // Asking again for a module that is there takes as long as putting a small value.
    names ??= await import("./reference-name.ts");
    return this.#options.naming === "content" ? names.contentName(stored) : names.randomName();
  }

  /** All bytes. What is small comes in one request; what is large, in parts, and is resumed. */
  async #bytes(place: S3Location, signal: AbortSignal | undefined): Promise<Buffer> {
    const { Body, ContentLength = Infinity } = await this.#client.getObject(place, { signal });
    if (Body === undefined) return Buffer.alloc(0);
    if (ContentLength < partsFrom) {
      try {
        return await Body.bytes();
      } catch (error) {
        const isLost = error instanceof ConnectionError || error instanceof TimeoutError;
        if (!isLost) throw error;
      }
    } else {
      await Body.cancel();
    }
    const found = await this.#client.download(place, undefined, { signal });
    return found.Body.bytes();
  }

  /** One result, or a list of them. */
  #each<Result>(
    given: string | readonly string[],
    options: ReferenceOptions | undefined,
    resolve: (place: S3Location, signal: AbortSignal | undefined) => Promise<Result>,
  ): Promise<Result | Result[]> {
    const one = async (reference: string, signal: AbortSignal | undefined): Promise<Result> => {
      const place = this.#locate(reference);
      try {
        return await resolve(place, signal);
      } catch (error) {
        throw about(error, reference);
      }
    };
    if (!Array.isArray(given)) return one(given as string, options?.signal);
    return this.#all(given as readonly string[], options, one);
  }

  async #all<Item, Result>(
    items: Iterable<Item> | AsyncIterable<Item>,
    options: ReferenceOptions | undefined,
    start: (item: Item, signal: AbortSignal) => Promise<Result>,
  ): Promise<Result[]> {
    const all: AllOptions = { concurrency: this.#options.concurrency, signal: options?.signal };
    const { startAll } = await import("../client/concurrent-calls.ts");
    return startAll(startsOf(items, start), all);
  }

  #locate(reference: string): S3Location {
    const place = parseS3Uri(reference);
    const { bucket, buckets } = this.#options;
    if (buckets === undefined || place.Bucket === bucket || buckets.includes(place.Bucket)) {
      return place;
    }
    throw new TypeError(
      `Cannot resolve "${reference}": "${place.Bucket}" is none of the buckets that references may be in; name it in the option "buckets"`,
    );
  }
}

async function* startsOf<Item, Result>(
  items: Iterable<Item> | AsyncIterable<Item>,
  start: (item: Item, signal: AbortSignal) => Promise<Result>,
): AsyncGenerator<(signal: AbortSignal) => Promise<Result>> {
  for await (const item of items) yield (signal) => start(item, signal);
}

/** The error, which says of which reference it is. */
function about(error: unknown, reference: string): unknown {
  if (error instanceof Error && Object.isExtensible(error) && !("reference" in error)) {
    Object.defineProperty(error, "reference", { value: reference, enumerable: true });
  }
  return error;
}
