import type { Input, RequestDraft } from "../protocol/protocol.ts";
import { customProblems } from "../protocol/validate.ts";
import { type BoundEndpoint, joinPath } from "./bound-endpoint.ts";
import type { BoundOperation } from "./bound-operation.ts";
import type { Engine } from "./engine.ts";
import { ParamValidationError } from "./errors.ts";

/** A request that is not signed yet, and where it goes. */
export interface WrittenRequest {
  readonly input: Input;
  readonly draft: RequestDraft;
  readonly endpoint: BoundEndpoint;
}

/**
 * Checks an input and writes its request, headers of the endpoint and `host` included.
 * @throws ParamValidationError
 * @throws EndpointError when the endpoint rules refuse the input.
 */
export function writeRequest(
  engine: Engine,
  operation: BoundOperation,
  given: Input,
): WrittenRequest {
  const { rules } = engine;
  const input = rules?.input?.(operation, given, engine) ?? given;
  operation.check(input);
  const draft: RequestDraft = {
    method: "",
    path: "",
    query: [],
    headers: [],
    body: undefined,
    hostPrefix: "",
  };
  serialize(engine, operation, input, draft);
  rules?.draft?.(operation, draft, input, engine);
  let endpoint = operation.endpointOf(input, draft.hostPrefix);
  const url = rules?.endpoint?.(operation, input, engine);
  if (url !== undefined) endpoint = engine.endpoints.elsewhere(endpoint, url);
  draft.path = joinPath(endpoint, draft.path);
  draft.headers.push("host", endpoint.origin.hostHeader);
  for (const text of endpoint.headers) draft.headers.push(text);
  return { input, draft, endpoint };
}

function serialize(
  { parts }: Engine,
  { name, model, codec }: BoundOperation,
  input: Input,
  draft: RequestDraft,
): void {
  try {
    codec.serialize(input, draft);
  } catch (error) {
    // A native value knows nothing of the input that it is in.
    const { customShapes } = parts.compileOptions;
    if (!(error instanceof ParamValidationError) || customShapes === undefined) throw error;
    const problems = model.input && customProblems(model.input, input, customShapes);
    if (problems === undefined || problems.length === 0) throw error;
    throw new ParamValidationError(name, problems);
  }
}
