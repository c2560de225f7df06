import type { S3Client, S3Operations } from "../../../types/s3.d.ts";
import type { InputOf, OutputOf } from "../../client/client-types.ts";
import type { CallOptions } from "../../client/options.ts";
import { attributeName } from "./attributes.ts";
import type { S3Resource } from "./s3-resource.ts";

/** Input of an action: that of the client's method, without what the resource itself gives. */
export type ActionInput<
  Method extends keyof S3Operations,
  Given extends string = "Bucket" | "Key",
> = Omit<InputOf<S3Operations[Method]>, Given>;

/** What an action resolves to: what the client's method does. */
export type ActionOutput<Method extends keyof S3Operations> = OutputOf<S3Operations[Method]>;

/** What a resource says of itself. */
export interface ResourceMeta {
  /** The client that it calls. */
  readonly client: S3Client;
}

/**
 * Something in S3, known by its identifiers: plain, read-only properties. Making one does no I/O and
 * does not say that it exists.
 */
export abstract class Resource {
  /** What makes other resources of the same client. */
  readonly #service: S3Resource;

  constructor(service: S3Resource) {
    this.#service = service;
  }

  get meta(): ResourceMeta {
    return this.#service.meta;
  }

  protected get service(): S3Resource {
    return this.#service;
  }
}

/**
 * Checks what a resource is known by: without the id of a version, deleting it would delete the object.
 * @throws TypeError
 */
export function checkIdentifiers(
  resource: string,
  identifiers: Readonly<Record<string, string>>,
): void {
  for (const [name, value] of Object.entries(identifiers)) {
    if (typeof value === "string" && value !== "") continue;
    throw new TypeError(
      `Cannot make ${resource}: its ${name} is ${JSON.stringify(value)}: give a text that is not empty`,
    );
  }
}

/** On a prototype: its getters are there. */
const defined = Symbol("attributes");

/**
 * A resource with attributes beside its identifiers, as a listing or `load` said them. Reading one
 * before throws; one that S3 did not send is `undefined`.
 */
export abstract class ResourceWithAttributes<Data extends object> extends Resource {
  /** The members of AWS's output that are attributes, with spaces between them. */
  static readonly attributes: string = "";
  /** Properties that cannot have the usual name, by member. */
  static readonly renamed: Readonly<Record<string, string>> = {};

  #data: Data | undefined;

  constructor(service: S3Resource, data?: Data) {
    super(service);
    this.#data = data;
    if (!Object.hasOwn(new.target.prototype, defined)) ResourceWithAttributes.#define(new.target);
  }

  /** Names the resource in errors: `Object "bucket/key"`. */
  protected abstract describe(): string;

  /** How attributes come to be there, for the error of one that is not. */
  protected remedy(): string {
    return "await load() first";
  }

  protected get data(): Data | undefined {
    return this.#data;
  }

  protected set data(data: Data | undefined) {
    this.#data = data;
  }

  /** Puts the getters onto a class: with its first resource, as importing the package must cost little. */
  static #define({ prototype, attributes, renamed }: typeof ResourceWithAttributes): void {
    Object.defineProperty(prototype, defined, { value: true });
    for (const member of attributes.split(/\s+/)) {
      const name = renamed[member] ?? attributeName(member);
      Object.defineProperty(prototype, name, {
        configurable: true,
        get(this: ResourceWithAttributes<object>): unknown {
          const data = this.#data;
          if (data === undefined) throw this.#notLoaded(name);
          return (data as Record<string, unknown>)[member];
        },
      });
    }
  }

  #notLoaded(name: string): TypeError {
    return new TypeError(
      `Cannot read "${name}" of ${this.describe()}: its attributes are not loaded: ${this.remedy()}`,
    );
  }
}

/** A resource whose attributes S3 can be asked for. */
export abstract class LoadableResource<Data extends object> extends ResourceWithAttributes<Data> {
  /** Asks S3 for the attributes. */
  protected abstract fetch(options?: CallOptions): Promise<Data>;

  /** Asks S3 for the attributes, also when they are there; the resource itself comes back. */
  async load(options?: CallOptions): Promise<this> {
    this.data = await this.fetch(options);
    return this;
  }

  /** The attributes under AWS's names; S3 is asked only when they are not there yet. */
  async attributes(options?: CallOptions): Promise<Data> {
    return this.data ?? ((await this.load(options)).data as Data);
  }

  /** A call that changes the resource begins: what was loaded before is true no more. */
  protected changed<T>(call: T): T {
    this.data = undefined;
    return call;
  }
}
