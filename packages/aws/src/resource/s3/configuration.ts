import type { S3Operations } from "../../../types/s3.d.ts";
import type { CallOptions } from "../../client/options.ts";
import type { S3Bucket } from "./bucket.ts";
import type { S3Object } from "./object.ts";
import {
  type ActionInput,
  type ActionOutput,
  checkIdentifiers,
  LoadableResource,
} from "./resource.ts";
import type { S3Resource } from "./s3-resource.ts";

type Method = keyof S3Operations;

/** What a configuration is read and written with: methods of S3's client. */
export interface ConfigurationOperations {
  readonly get: Method;
  readonly put: Method;
  readonly delete?: Method;
}

/** What a configuration's `get` answers. */
export type Got<Of extends ConfigurationOperations> = ActionOutput<Of["get"]>;

/** A configuration of a bucket, or of an object. */
abstract class Configuration<Of extends ConfigurationOperations> extends LoadableResource<Got<Of>> {
  readonly bucketName: string;
  readonly #operations: Of;

  constructor(service: S3Resource, operations: Of, bucketName: string) {
    super(service);
    checkIdentifiers("a configuration", { bucketName });
    this.#operations = operations;
    this.bucketName = bucketName;
  }

  /** Replaces the configuration. */
  put(input: ActionInput<Of["put"]>, options?: CallOptions): Promise<ActionOutput<Of["put"]>> {
    return this.changed(this.call<Of["put"]>(this.#operations.put, input, options));
  }

  protected override fetch(options?: CallOptions): Promise<Got<Of>> {
    return this.call<Of["get"]>(this.#operations.get, {}, options);
  }

  protected get operations(): Of {
    return this.#operations;
  }

  protected call<Name extends Method>(
    name: Name,
    input: object | undefined,
    options: CallOptions | undefined,
  ): Promise<ActionOutput<Name>> {
    const { client } = this.meta;
    const output: Promise<unknown> = client.call(name, { ...input, ...this.place() }, options);
    return output as Promise<ActionOutput<Name>>;
  }

  protected place(): object {
    return { Bucket: this.bucketName };
  }

  protected override describe(): string {
    return `the configuration of "${this.bucketName}" (${this.#operations.get})`;
  }
}

/** A configuration of a bucket, with attributes after `load()`. */
export class BucketConfiguration<Of extends ConfigurationOperations> extends Configuration<Of> {
  Bucket(): S3Bucket {
    return this.service.Bucket(this.bucketName);
  }
}

/** A configuration of a bucket that can be removed. */
export class RemovableConfiguration<
  Of extends ConfigurationOperations & { readonly delete: Method },
> extends BucketConfiguration<Of> {
  /** Removes the configuration. */
  delete(
    input?: ActionInput<Of["delete"]>,
    options?: CallOptions,
  ): Promise<ActionOutput<Of["delete"]>> {
    return this.changed(this.call<Of["delete"]>(this.operations.delete, input, options));
  }
}

/** Whether a bucket keeps versions: `status` is `Enabled`, `Suspended`, or absent when nobody ever asked. */
export class VersioningConfiguration extends BucketConfiguration<
  Operations<"getBucketVersioning", "putBucketVersioning">
> {
  /** From now on, what a write replaces is kept as a version. */
  enable(input?: SwitchInput, options?: CallOptions): Promise<ActionOutput<"putBucketVersioning">> {
    return this.put({ ...input, VersioningConfiguration: { Status: "Enabled" } }, options);
  }

  /** No new versions; those that are there stay. */
  suspend(
    input?: SwitchInput,
    options?: CallOptions,
  ): Promise<ActionOutput<"putBucketVersioning">> {
    return this.put({ ...input, VersioningConfiguration: { Status: "Suspended" } }, options);
  }
}

interface Operations<Get extends Method, Put extends Method> {
  readonly get: Get;
  readonly put: Put;
}

type SwitchInput = ActionInput<"putBucketVersioning", "Bucket" | "VersioningConfiguration">;

/** The access control list of an object: `owner`, `grants`. */
export class ObjectAclConfiguration extends Configuration<
  Operations<"getObjectAcl", "putObjectAcl">
> {
  readonly objectKey: string;

  constructor(
    service: S3Resource,
    operations: Operations<"getObjectAcl", "putObjectAcl">,
    bucketName: string,
    objectKey: string,
  ) {
    super(service, operations, bucketName);
    checkIdentifiers("an access control list", { objectKey });
    this.objectKey = objectKey;
  }

  Object(): S3Object {
    return this.service.Object(this.bucketName, this.objectKey);
  }

  protected override place(): object {
    return { Bucket: this.bucketName, Key: this.objectKey };
  }
}
