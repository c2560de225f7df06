import { isDeepStrictEqual } from "node:util";
import { comparedRequest } from "./compare-requests.ts";
import { type Call, openClients } from "./compared-clients.ts";
import { modelDifferences } from "./differences.ts";
import { plainOutput, plainValue } from "./plain-value.ts";
import { Random } from "./random.ts";
import type {
  CannedResponse,
  Outcome,
  RecordedRequest,
  RecordingServer,
} from "./recording-server.ts";
import { type Fullness, sampleStructure } from "./sample-value.ts";
import { hasEvents, loadServiceModel, type OperationModel } from "./service-shapes.ts";
import type { ServiceModel, StructureShape } from "./service-shapes.ts";
import type { ComparedService } from "./services.ts";
import { writeError, writeResponse } from "./write-response.ts";

/** What came of a service. */
export interface Comparison {
  /** Operations with at least one call that both clients made. */
  readonly operations: ReadonlySet<string>;
  readonly calls: number;
  readonly problems: readonly Problem[];
}

/** Something that is not equal. */
export interface Problem {
  readonly operation: string;
  readonly what: string;
  readonly ours: unknown;
  readonly theirs: unknown;
}

const fullnesses: readonly Fullness[] = ["required", "all", "some", "some", "some"];
/** A service with more operations has its shapes in many of them: the first three samples are enough. */
const operationsFew = 500;

/** Makes the calls of a service with both clients: requests, outputs and errors must be equal. */
export async function compareService(
  sdkFolder: string,
  service: ComparedService,
  { server, generateCode }: { readonly server: RecordingServer; readonly generateCode: boolean },
): Promise<Comparison> {
  const model = await loadServiceModel(service.name);
  const endpoint = `http://${service.host ?? "127.0.0.1"}:${server.port}`;
  const clients = openClients(sdkFolder, service, { endpoint, generateCode });
  const comparison = new ServiceComparison(service, model, server);
  try {
    for (const name of model.operationNames) {
      const operation = model.operation(name);
      if (operation === undefined) continue;
      if (hasEvents(operation.input) || hasEvents(operation.output)) continue;
      const [ours, theirs] = [clients.ours(name), clients.theirs(name)];
      // The SDK may be older or newer than the models.
      if (theirs === undefined) continue;
      if (ours === undefined) comparison.add(operation, "the operation", undefined, name);
      else await comparison.compare(operation, ours, theirs);
    }
  } finally {
    await clients.close();
  }
  return comparison;
}

class ServiceComparison implements Comparison {
  readonly operations = new Set<string>();
  readonly problems: Problem[] = [];
  calls = 0;
  readonly #service: ComparedService;
  readonly #model: ServiceModel;
  readonly #server: RecordingServer;

  constructor(service: ComparedService, model: ServiceModel, server: RecordingServer) {
    this.#service = service;
    this.#model = model;
    this.#server = server;
  }

  add({ name: operation }: OperationModel, what: string, ours: unknown, theirs: unknown): void {
    if (isDeepStrictEqual(ours, theirs)) return;
    this.problems.push({ operation, what, ours, theirs });
  }

  async compare(operation: OperationModel, ours: Call, theirs: Call): Promise<void> {
    const count = this.#model.operationNames.length > operationsFew ? 3 : fullnesses.length;
    for (const [index, fullness] of fullnesses.slice(0, count).entries()) {
      const random = new Random(`${this.#service.name} ${operation.name} ${index}`);
      const input = this.#sample(operation.name, operation.input, "input", fullness, random);
      const values = this.#sample(operation.name, operation.output, "output", fullness, random);
      if (input === undefined || values === undefined) continue;
      const response = writeResponse(
        this.#model,
        operation,
        values,
        this.#service.protocol?.family,
      );
      await this.#compareCall(operation, input, response, ours, theirs);
    }
    const errors = operation.errors.slice(0, 3);
    for (const error of errors) {
      const random = new Random(`${this.#service.name} ${operation.name} ${error.name}`);
      const input = this.#sample(operation.name, operation.input, "input", "required", random);
      const values = this.#sample(operation.name, error, "output", "all", random);
      if (input === undefined || values === undefined) continue;
      const response = writeError(this.#model, error, values, this.#service.protocol?.family);
      await this.#compareCall(operation, input, response, ours, theirs);
    }
  }

  #sample(
    operationName: string,
    shape: StructureShape | undefined,
    direction: "input" | "output",
    fullness: Fullness,
    random: Random,
  ): Record<string, unknown> | undefined {
    if (shape === undefined) return {};
    const { inputs = {}, outputs = {} } = this.#service;
    const fixed = new Map(Object.entries(direction === "input" ? inputs : outputs));
    for (const name of Object.keys(modelDifferences[this.#service.name] ?? {})) {
      const [member, operation] = name.split(".").toReversed();
      if (operation !== undefined && operation !== operationName) continue;
      fixed.set(member ?? "", undefined);
    }
    return sampleStructure(shape, { random, fullness, direction, fixed });
  }

  async #compareCall(
    operation: OperationModel,
    input: Readonly<Record<string, unknown>>,
    response: CannedResponse,
    ours: Call,
    theirs: Call,
  ): Promise<void> {
    const [their, our] = [
      await this.#server.record(response, async () => settled(await theirs(input))),
      await this.#server.record(response, async () => settled(await ours(input))),
    ];
    this.calls += 1;
    if (their.requests.length === 1) this.operations.add(operation.name);
    this.#compareRequests(operation, our.requests, their.requests, our.outcome, their.outcome);
    const [ourEnd, theirEnd] = [plainOutcome(our.outcome), plainOutcome(their.outcome)];
    const isError = our.outcome.kind === "threw" || their.outcome.kind === "threw";
    this.add(operation, isError ? "error" : "output", ourEnd, theirEnd);
  }

  #compareRequests(
    operation: OperationModel,
    ours: readonly RecordedRequest[],
    theirs: readonly RecordedRequest[],
    ourOutcome: Outcome<unknown>,
    theirOutcome: Outcome<unknown>,
  ): void {
    if (ours.length !== 1 || theirs.length !== 1) {
      this.add(operation, "requests", countText(ours, ourOutcome), countText(theirs, theirOutcome));
      return;
    }
    const [our, their] = [ours, theirs].map(([request]) =>
      request === undefined ? undefined : comparedRequest(request, this.#service.name),
    );
    if (our === undefined || their === undefined) return;
    this.add(operation, "method", our.method, their.method);
    this.add(operation, "path", our.path, their.path);
    this.add(operation, "query", our.query, their.query);
    this.add(operation, "headers", our.headers, their.headers);
    this.add(operation, "body", our.body, their.body);
  }
}

function countText(requests: readonly RecordedRequest[], outcome: Outcome<unknown>): string {
  if (requests.length === 1) return "1 request";
  return `${requests.length} requests, ${outcome.kind === "threw" ? String(outcome.error) : outcome.kind}`;
}

/** Streams are read while the server still knows what it answers. */
function settled(output: unknown): Promise<unknown> {
  return plainOutput(output);
}

function plainOutcome(outcome: Outcome<unknown>): unknown {
  return outcome.kind === "returned" ? outcome.value : plainError(outcome.error);
}

/** Fields that only one of the two has, or that are not the service's. */
const ownErrorFields: ReadonlySet<string> = new Set([
  "__type",
  "$metadata",
  "$service",
  "$operation",
  "$response",
  "$retryable",
  "$fault",
  "name",
  "message",
  "Message",
  "code",
  "Code",
  "retryable",
  "throttling",
  "Type",
  "Error",
  "RequestId",
  "RequestID",
  "requestId",
  "HostId",
]);

function plainError(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error);
  const { $fault, $metadata } = error as { $fault?: unknown; $metadata?: Record<string, unknown> };
  const members = Object.entries(error).filter(
    ([name, value]) => !ownErrorFields.has(name) && value !== undefined,
  );
  return {
    name: error.name,
    // What the SDK says for none.
    message: error.message === "UnknownError" ? "" : error.message,
    fault: $fault,
    status: $metadata?.["httpStatusCode"],
    requestId: $metadata?.["requestId"],
    members: plainValue(Object.fromEntries(members)),
  };
}
