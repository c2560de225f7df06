import type { ClientConfiguration } from "../configuration/client-configuration.ts";
import type { ClientEngine } from "../client/client-engine.ts";
import type { InputCheck } from "../client/bound-operation.ts";
import { ParamValidationError } from "../client/errors.ts";
import { CallMetadata } from "../client/metadata.ts";
import type { Observation } from "../client/observation.ts";
import type { CallOptions } from "../client/options.ts";
import { methodName } from "../model/method-members.ts";
import type { OperationModel, ServiceModel } from "../model/model.ts";
import type { CompileOptions, Input, Output } from "../protocol/protocol.ts";
import { nearestName } from "../protocol/validate-nearest.ts";
import { compileLabelCheck, compileValidator } from "../protocol/validate.ts";
import { s3Input } from "../rules/s3-input.ts";
import type { Awaitable, ObjectStorage } from "./object-storage.ts";
import { readableInput, timeMembers } from "./readable-input.ts";
import { StoreCall } from "./store-call.ts";
import { StoreFailure, storeServiceError } from "./store-errors.ts";
import { storeOperations } from "./store-operations.ts";

/** An operation of S3 on a store, with all that is known before a call. */
export interface BoundStoreOperation {
  readonly name: string;
  readonly model: OperationModel;
  /** Status of its success. */
  readonly status: number;
  readonly problemsOf: InputCheck | undefined;
  /** Members of its input that are times. */
  readonly times: readonly string[];
  readonly run: (call: StoreCall, input: Input) => Awaitable<Output>;
}

/** What an engine for a store is made of. */
export interface StoreEngineParts {
  readonly service: ServiceModel;
  readonly config: ClientConfiguration;
  readonly compileOptions: CompileOptions;
  readonly storage: ObjectStorage;
  readonly observer: Observation;
  /** Lets the storage go. */
  readonly release: () => Promise<void>;
}

/** Makes the calls of an S3 client on a store of ours in place of HTTP. Source: aws-client.md §15. */
export class StoreEngine implements ClientEngine {
  readonly service: ServiceModel;
  readonly storage: ObjectStorage;
  readonly observer: Observation;
  readonly region: string | undefined;
  readonly sendsChecksums = false;
  /** Keys are not sent anywhere: listings need no encoding. */
  readonly encodesKeys = false;
  readonly bufferBodyBelow: number;
  readonly timeoutMs: number | undefined;
  readonly #parts: StoreEngineParts;
  readonly #operations = new Map<string, BoundStoreOperation>();
  readonly #inFlight = new Set<StoreCall>();
  /** Calls whose output is there and whose body is still being read. */
  readonly #streaming = new Set<StoreCall>();
  readonly #onEmpty: (() => void)[] = [];

  constructor(parts: StoreEngineParts) {
    const { config } = parts;
    this.#parts = parts;
    this.service = parts.service;
    this.storage = parts.storage;
    this.observer = parts.observer;
    this.region = config.region;
    this.bufferBodyBelow = config.bufferBodyBelow;
    this.timeoutMs = config.timeout;
  }

  get observed(): boolean {
    return this.observer.observed;
  }

  defaultEndpoint(): string {
    return this.storage.url;
  }

  call(name: string, input: Input, options?: CallOptions): Promise<Output> {
    return new Promise((resolve) => {
      new StoreCall(this, this.operation(name), input, options, resolve).start();
    });
  }

  /** @throws TypeError for a name that S3 does not have. */
  operation(name: string): BoundStoreOperation {
    let operation = this.#operations.get(name);
    if (operation === undefined) {
      operation = this.#bind(name);
      this.#operations.set(name, operation);
    }
    return operation;
  }

  /**
   * The input in the form that operations read.
   * @throws ParamValidationError
   */
  prepare(operation: BoundStoreOperation, given: Input): Input {
    const input = s3Input(operation, given, this);
    const problems = operation.problemsOf?.(input);
    if (problems !== undefined && problems.length > 0) {
      throw new ParamValidationError(operation.name, problems);
    }
    return readableInput(operation.model, input, operation.times);
  }

  presign(operation: string): Promise<string> {
    return Promise.reject(this.#noUrl(operation));
  }

  presignNow(operation: string): string {
    throw this.#noUrl(operation);
  }

  began(call: StoreCall): void {
    this.#inFlight.add(call);
  }

  ended(call: StoreCall): void {
    this.#inFlight.delete(call);
    if (this.#inFlight.size > 0 || this.#onEmpty.length === 0) return;
    for (const resolve of this.#onEmpty.splice(0)) resolve();
  }

  streams(call: StoreCall): void {
    this.#streaming.add(call);
  }

  streamed(call: StoreCall): void {
    this.#streaming.delete(call);
  }

  /** Waits for the calls in flight. Bodies that stream can still be read: what they hold is their own. */
  async close(): Promise<void> {
    if (this.#inFlight.size > 0) {
      // A client that is destroyed while it closes waits twice.
      await new Promise<void>((resolve) => {
        this.#onEmpty.push(resolve);
      });
    }
    await this.#parts.release();
  }

  destroy(error: Error): void {
    for (const call of [...this.#inFlight, ...this.#streaming]) call.abort(error);
    void this.#letGo();
  }

  /** Nobody is left who could be told that the store does not close. */
  async #letGo(): Promise<void> {
    try {
      await this.close();
    } catch {
      // See above.
    }
  }

  #bind(name: string): BoundStoreOperation {
    const { service, config, compileOptions, storage } = this.#parts;
    const model =
      service.operation(name) ??
      service.operation(service.operationNames.find((each) => methodName(each) === name) ?? "");
    if (model === undefined) {
      const near = nearestName(name, service.operationNames);
      const hint = near === undefined ? "" : `; did you mean "${methodName(near)}"?`;
      throw new TypeError(`Cannot call "${name}": S3 has no such operation${hint}`);
    }
    const { input } = model;
    const known = storeOperations[model.name];
    return {
      name: model.name,
      model,
      status: known?.status ?? 501,
      problemsOf:
        input &&
        (config.validate ? compileValidator(input, compileOptions) : compileLabelCheck(input)),
      times: timeMembers(input),
      run: known?.run ?? (() => notImplemented(model.name, storage.url)),
    };
  }

  #noUrl(operation: string): Error {
    const message = `Cannot presign ${operation}: the store "${this.storage.url}" is not reached by HTTP; serve its objects yourself`;
    const failure = new StoreFailure("NotImplemented", { message });
    const error = storeServiceError(failure, operation);
    error.$metadata = new CallMetadata(failure.status, [], 1, 0);
    return error;
  }
}

function notImplemented(operation: string, url: string): never {
  throw new StoreFailure("NotImplemented", {
    message: `The store "${url}" does not have the operation ${operation}; S3 itself has it`,
  });
}
