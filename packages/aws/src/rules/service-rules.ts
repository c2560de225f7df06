import type { BoundEndpoint } from "../client/bound-endpoint.ts";
import type { BoundOperation } from "../client/bound-operation.ts";
import type { Call } from "../client/call.ts";
import type { Engine } from "../client/engine.ts";
import type { CredentialSource } from "../credentials/credentials.ts";
import type { CustomShape } from "../protocol/protocol.ts";
import type { BufferedResponse, Input, Output, RequestDraft } from "../protocol/protocol.ts";
import type { NativeValueOptions } from "../client/options.ts";
import type { OperationModel } from "../model/model.ts";

/**
 * What one service needs beyond its model (§13, §14, §17). Every member is optional; those that
 * are there run for each call of the service, so they return early.
 */
export interface ServiceRules {
  /** Changes an operation before it is compiled: its request URI, its defaults. */
  model?(operation: OperationModel): OperationModel;
  /** The input to send; the same object when nothing is to be changed, else a copy. */
  input?(operation: BoundOperation, input: Input, engine: Engine): Input;
  /** Changes the request that has been written. */
  draft?(operation: BoundOperation, draft: RequestDraft, input: Input, engine: Engine): void;
  /** URL whose host a request goes to in place of the endpoint's own. */
  endpoint?(operation: BoundOperation, input: Input, engine: Engine): string | undefined;
  /** What a call must wait for before its request is written; asked again afterwards. */
  ready?(operation: BoundOperation, input: Input, engine: Engine): Promise<unknown> | undefined;
  /** Keys that sign a request in place of the client's. */
  credentials?(engine: Engine, input: Input, endpoint: BoundEndpoint): CredentialSource | undefined;
  /** Looks at an answer before it is read, also at one of failure; an error thrown here fails the attempt. */
  response?(operation: BoundOperation, response: BufferedResponse): void;
  /** After a failure: what was wrong has been forgotten, so the call is written anew, once. */
  startsAnew?(call: Call, error: Error): boolean;
  /** Changes the output that has been read; an error thrown here fails the attempt. */
  output?(
    operation: BoundOperation,
    output: Output,
    response: BufferedResponse,
    input: Input,
  ): void;
  /** The region in which the same call succeeds, learned from a failure; each call asks once. */
  otherRegion?(
    call: Call,
    error: Error,
    response: BufferedResponse | undefined,
  ): string | undefined | Promise<string | undefined>;
  /** The region to begin with, learned from earlier calls. */
  knownRegion?(input: Input, engine: Engine): string | undefined;
  /** Shapes with values of their own, for the option that asks for them. */
  customShapes?(options: NativeValueOptions): ReadonlyMap<string, CustomShape>;
}
