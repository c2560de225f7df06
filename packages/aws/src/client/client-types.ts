import type { AllOptions } from "./concurrent-calls.ts";
import type { ResponseMetadata, ServiceError, ServiceErrorFields } from "./errors.ts";
import type { ClientEvents, ClientListener } from "./observation.ts";
import type { CallOptions } from "./options.ts";
import type { PopularClients } from "./popular-clients.ts";
import type { ClientMeta } from "./service-client.ts";

// What the generated declarations of services (`types/<service>.d.ts`) are written with.

/** A member of an input that holds bytes; text goes as UTF-8. */
export type BlobInput = Uint8Array | ArrayBuffer | string;

/** A part of a file; `end` is the first byte that is not sent. */
export interface FileInput {
  readonly path: string;
  readonly start?: number | undefined;
  readonly end?: number | undefined;
}

/** The object that S3 copies from. As text: `bucket/key`, or with `?versionId=` behind it. */
export interface CopySourceInput {
  readonly Bucket: string;
  readonly Key: string;
  readonly VersionId?: string | undefined;
}

/**
 * The body of a request: bytes, text, a stream, anything that yields bytes, or a file; or a function
 * that gives one of these. A function is called for each attempt, so that a call whose body is a
 * stream can be repeated: `() => createReadStream(path)`.
 */
export type StreamingBlobInput =
  | StreamingSource
  | (() => StreamingSource | Promise<StreamingSource>);

/** Bytes that are sent: in memory, as a stream, or in a file. */
export type StreamingSource =
  | BlobInput
  | Blob
  | ReadableStream<Uint8Array>
  | NodeJS.ReadableStream
  | AsyncIterable<Uint8Array | string>
  | Iterable<Uint8Array>
  | FileInput;

/** Any JSON value. */
export type DocumentValue =
  | null
  | boolean
  | number
  | string
  | DocumentValue[]
  | { [name: string]: DocumentValue };

/** What every output has. */
export interface MetadataBearer {
  readonly $metadata: ResponseMetadata;
}

/** The input of an operation that has none. */
export interface NoInput {
  readonly [name: string]: never;
}

/** A value of an enumeration: the known ones, and any that the service adds later. */
export type Open<Values extends string> = Values | (string & {});

/**
 * A union of AWS: an object with exactly one of the members. A variant that the model does not have
 * is `{ $unknown: [name, value] }`.
 */
export type Union<Members> = Variants<Members & { $unknown: [name: string, value: unknown] }>;

type Variants<Members> = {
  [Name in keyof Members]: { [Key in Name]: Members[Name] } & {
    [Key in Exclude<keyof Members, Name>]?: never;
  };
}[keyof Members];

/** Class of an error of a service, for `instanceof`. */
export type ErrorClass<E> = new (fields: ServiceErrorFields) => E & ServiceError;

/** An operation as a method of a client. */
export type Operation = (input: never, options?: CallOptions) => Promise<unknown>;

/** The operations of a service: methods, none of another kind. */
type OperationsOf<Operations> = { [Name in keyof Operations]: Operation };

/** Input of an operation. */
export type InputOf<Method> = Method extends (input: infer Input, ...rest: never[]) => unknown
  ? NonNullable<Input>
  : never;

/** Output of an operation. */
export type OutputOf<Method> = Method extends (...parameters: never[]) => Promise<infer Output>
  ? Output
  : never;

/** Options of a paginator. */
export interface PaginateOptions extends CallOptions {
  /** Items per page: sets the operation's own limit. */
  readonly pageSize?: number | undefined;
  /** Items in all; the rest is found with `resumeToken`. */
  readonly limit?: number | undefined;
  /** A `resumeToken` of an earlier run. */
  readonly startingToken?: string | undefined;
  /** 1: ask for the next page while this one is being used. Default 0. */
  readonly prefetch?: 0 | 1 | undefined;
}

/** Pages of an operation, asked for as they are used. */
export interface Paginator<Page, Item = unknown> extends AsyncIterable<Page> {
  /** The items of all pages: those of the model's first result key, or of another one. */
  items(): AsyncIterable<Item>;
  items(key: string): AsyncIterable<unknown>;
  /** Every item, in one list. */
  all(): Promise<Item[]>;
  /** Where the next run can go on, after `limit` ended this one. */
  readonly resumeToken: string | undefined;
}

/** A paginator of a client. */
export type Paginate<Input, Page, Item = unknown> = (
  input: Input,
  options?: PaginateOptions,
) => Paginator<Page, Item>;

/** Options of a waiter. */
export interface WaitOptions extends CallOptions {
  /** Milliseconds for all of it; default: attempts times delay. */
  readonly maxWaitTime?: number | undefined;
  /** Milliseconds between attempts; default: the model's. */
  readonly delay?: number | undefined;
  /** Attempts; default: the model's. */
  readonly maxAttempts?: number | undefined;
  /** `fixed`: the same delay each time; `exponential`: longer each time, at random. Default `fixed`. */
  readonly backoff?: "fixed" | "exponential" | undefined;
}

/** How a waiter ended well. */
export interface WaiterResult<Output = unknown> {
  readonly state: "success";
  /** The output, or the error that is the wanted state. */
  readonly reason: Output | Error;
  readonly attempts: number;
}

/** A waiter of a client. */
export type Wait<Input, Output = unknown> = (
  input: Input,
  options?: WaitOptions,
) => Promise<WaiterResult<Output>>;

/** Options of presigning. */
export interface PresignOptions extends CallOptions {
  /** Seconds that the URL is valid for, 1 to 604,800; default 3,600. */
  readonly expiresIn?: number | undefined;
}

/** Operations as makers of URLs. */
export type Presign<Operations> = {
  readonly [Name in keyof Operations]: Presigner<Operations[Name], Promise<string>>;
};

/** As `Presign`; throws when the credentials are not at hand. */
export type PresignSync<Operations> = {
  readonly [Name in keyof Operations]: Presigner<Operations[Name], string>;
};

/** The input may be left out where the operation's may. */
type Presigner<Method, Result> = Method extends () => unknown
  ? (input?: InputOf<Method>, options?: PresignOptions) => Result
  : (input: InputOf<Method>, options?: PresignOptions) => Result;

/** What the client of every service has beside its operations. */
export interface ClientBase<
  Operations extends OperationsOf<Operations> = object,
  Paginators = object,
  Waiters = object,
  Errors = object,
> extends AsyncDisposable {
  readonly meta: ClientMeta;
  /** Classes of the service's errors by name, for `instanceof`. */
  readonly errors: Errors;
  readonly paginate: Paginators;
  readonly waitUntil: Waiters;
  readonly presign: Presign<Operations>;
  readonly presignSync: PresignSync<Operations>;
  /**
   * Calls an operation whose name is known only when the program runs, or whose service has no
   * declarations loaded: by its name in AWS's documentation or as a method.
   */
  call(operation: string, input?: object, options?: CallOptions): Promise<UntypedOutput>;
  /** Calls one operation for many inputs, with bounded concurrency; outputs in the order of inputs. */
  callAll<Name extends keyof Operations>(
    operation: Name,
    inputs: Inputs<InputOf<Operations[Name]>>,
    options: AllOptions & CallOptions & { readonly settle: true },
  ): Promise<PromiseSettledResult<OutputOf<Operations[Name]>>[]>;
  callAll<Name extends keyof Operations>(
    operation: Name,
    inputs: Inputs<InputOf<Operations[Name]>>,
    options?: AllOptions & CallOptions,
  ): Promise<OutputOf<Operations[Name]>[]>;
  /** Reports what happens; the function that comes back ends it. */
  on<Event extends keyof ClientEvents>(name: Event, listener: ClientListener<Event>): () => void;
  /** Takes no more calls, waits for those in flight, and lets the connections go. */
  close(): Promise<void>;
  /** Ends what is in flight with an error, and lets the connections go. */
  destroy(reason?: unknown): void;
}

/** Inputs for many calls. */
export type Inputs<Input> = Iterable<Input> | AsyncIterable<Input>;

/** Many calls of one operation: a method of its own (`lambda.invokeAll`). */
export interface CallMany<Input, Output> {
  (
    inputs: Inputs<Input>,
    options: AllOptions & CallOptions & { readonly settle: true },
  ): Promise<PromiseSettledResult<Output>[]>;
  (inputs: Inputs<Input>, options?: AllOptions & CallOptions): Promise<Output[]>;
}

/** Where a database user connects with a token as password. */
export interface RdsAuthTokenInput {
  readonly hostname: string;
  readonly port: number;
  readonly username: string;
  /** Default: the client's. */
  readonly region?: string | undefined;
}

/** The DSQL cluster that a token is for. */
export interface DsqlAuthTokenInput {
  readonly hostname: string;
  /** Default: the client's. */
  readonly region?: string | undefined;
  /** Seconds within which the connection must begin; default 900. */
  readonly expiresIn?: number | undefined;
}

/** What an upload form is for. */
export interface PresignPostInput {
  readonly Bucket: string;
  /** A key, or one that ends in `${filename}`. */
  readonly Key: string;
  /** Fields that the form has, beside those of the signature. */
  readonly Fields?: Readonly<Record<string, string>> | undefined;
  /** Conditions that the upload must meet: `["content-length-range", 0, 1024]`, `{ acl: "private" }`. */
  readonly Conditions?:
    | readonly (Readonly<Record<string, string>> | readonly unknown[])[]
    | undefined;
  /** Seconds; default 3,600. */
  readonly expiresIn?: number | undefined;
}

/** An upload form: where it goes, and its fields. */
export interface PresignedPost {
  readonly url: string;
  readonly fields: Readonly<Record<string, string>>;
}

/**
 * Clients by the name that `session.client` takes. The declarations of each service add theirs:
 * those of much used services are loaded with the package, the others by
 * `import type {} from "@lambdad/aws/<service>"`.
 */
// oxlint-disable-next-line typescript/no-empty-object-type
export interface ServiceClients extends PopularClients {}

/** An output whose members are not declared. */
export type UntypedOutput = MetadataBearer & Readonly<Record<string, unknown>>;

/** An operation whose input and output are not declared. */
export type UntypedOperation = (input?: object, options?: CallOptions) => Promise<UntypedOutput>;

/** A client of a service whose declarations are not loaded: any operation, any input. */
export type UntypedClient = ClientBase<
  Record<string, UntypedOperation>,
  Record<string, Paginate<object, UntypedOutput>>,
  Record<string, Wait<object>>,
  Record<string, ErrorClass<ServiceError>>
> & { readonly [operation: string]: UntypedOperation };
