import type { OperationModel } from "../model/model.ts";
import type { Input, OperationCodec } from "../protocol/protocol.ts";
import { nearestName } from "../protocol/validate-nearest.ts";
import { compileLabelCheck, compileValidator } from "../protocol/validate.ts";
import { isLongPolling } from "../retry/retry-strategy.ts";
import type { BoundEndpoint } from "./bound-endpoint.ts";
import { BoundOperation, type InputCheck } from "./bound-operation.ts";
import type { Engine } from "./engine.ts";
import { methodName } from "../model/method-members.ts";

/** A function may run for 900 s, and its caller waits longer. Source: reliability.md CL-11. */
const invokeTimeoutMs = 930_000;
/** To the head of a response. Source: aws-client.md §2.2. */
const attemptTimeoutMs = 60_000;

/** Operations that wait for a function. */
const functionCalls: ReadonlySet<string> = new Set([
  "lambda.Invoke",
  "lambda.InvokeWithResponseStream",
]);

/** Codecs by what they are compiled of, for all clients of the process. */
const codecs = new WeakMap<OperationModel, Map<string, OperationCodec>>();
const checks = new WeakMap<OperationModel, Map<string, InputCheck>>();
const models = new WeakMap<OperationModel, OperationModel>();

/**
 * Makes an operation ready for the calls of one client.
 * @throws TypeError for a name that the service does not have, and for an input that is a stream of events.
 */
export function bindOperation(engine: Engine, name: string): BoundOperation {
  const { service, config, parts, rules } = engine;
  const found = service.operation(name) ?? service.operation(operationOf(service, name));
  if (found === undefined) {
    const near = nearestName(name, service.operationNames);
    const hint = near === undefined ? "" : `; did you mean "${methodName(near)}"?`;
    throw new TypeError(
      `Cannot call "${name}": ${service.metadata.serviceId} has no such operation${hint}`,
    );
  }
  if (found.requiresHttp2 === true) {
    throw new TypeError(
      `Cannot call "${name}": its input is a stream of events, which needs HTTP/2, and this client speaks HTTP/1.1`,
    );
  }
  const model = ruled(found, rules);
  const place = parts.endpoints.operation(found);
  const endpointOf = (input: Input, hostPrefix: string): BoundEndpoint => {
    const accountId = place.usesAccountId ? engine.credentialsNow()?.accountId : undefined;
    return engine.endpoints.bind(place.resolve(input, accountId), hostPrefix);
  };
  const qualified = `${service.name}.${found.name}`;
  return new BoundOperation({
    model,
    codec: codecOf(engine, model),
    problemsOf: checkOf(engine, model),
    endpointOf,
    usesAccountId: place.usesAccountId,
    attemptTimeoutMs:
      config.attemptTimeout ?? (functionCalls.has(qualified) ? invokeTimeoutMs : attemptTimeoutMs),
    longPolling: isLongPolling(service.name, found.name),
    responseChecksums: config.responseChecksumValidation,
  });
}

/** The operation with this method. */
function operationOf({ operationNames }: Engine["service"], method: string): string {
  return operationNames.find((name) => methodName(name) === method) ?? "";
}

/** The operation as the service's rules change it; the same object each time. */
function ruled(model: OperationModel, rules: Engine["rules"]): OperationModel {
  if (rules?.model === undefined) return model;
  let changed = models.get(model);
  if (changed === undefined) models.set(model, (changed = rules.model(model)));
  return changed;
}

/** The check of an operation's input; made once for all clients of the process that check alike. */
function checkOf({ config, parts }: Engine, model: OperationModel): InputCheck | undefined {
  const { input } = model;
  if (input === undefined) return undefined;
  if (!config.validate) return compileLabelCheck(input);
  return shared(checks, model, parts, () => compileValidator(input, parts.compileOptions));
}

function codecOf({ parts, service }: Engine, model: OperationModel): OperationCodec {
  return shared(codecs, model, parts, () => parts.protocol(service, model, parts.compileOptions));
}

/** What is compiled of an operation: the same for clients that compile alike. */
function shared<T>(
  compiled: WeakMap<OperationModel, Map<string, T>>,
  model: OperationModel,
  { protocolName, compileOptions, shapesKey }: Engine["parts"],
  compile: () => T,
): T {
  if (shapesKey === undefined) return compile();
  let byKey = compiled.get(model);
  if (byKey === undefined) compiled.set(model, (byKey = new Map()));
  const key = `${protocolName} ${String(compileOptions.generateCode)} ${shapesKey}`;
  let found = byKey.get(key);
  if (found === undefined) byKey.set(key, (found = compile()));
  return found;
}
