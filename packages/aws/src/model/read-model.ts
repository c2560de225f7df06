import type { CompactModel, CompactOperation } from "./compact-form.ts";
import type {
  Acceptor,
  OperationModel,
  PaginatorModel,
  ServiceMetadata,
  ServiceModel,
  StructureShape,
  WaiterModel,
} from "./model.ts";
import { readRules } from "./read-rules.ts";
import { type ModelSource, ParsedSource, TextSource } from "./model-source.ts";
import { ShapeReader } from "./read-shapes.ts";

/**
 * A service's model from its compact form.
 *
 * Shapes are built with the first operation that uses them, and are shared from then on.
 *
 * @param name the service's name in botocore.
 * @param compact what the file of the service holds, or `compactModel` gives; trusted.
 */
export function readModel(name: string, compact: unknown): ServiceModel {
  return new CompactServiceModel(name, new ParsedSource(compact as CompactModel));
}

/** As `readModel`, from the text of the service's file, of which only what is used is parsed. */
export function readModelText(name: string, text: string): ServiceModel {
  return new CompactServiceModel(name, new TextSource(text));
}

class CompactServiceModel implements ServiceModel {
  readonly name: string;
  readonly metadata: ServiceMetadata;
  readonly operationNames: readonly string[];
  readonly #source: ModelSource;
  readonly #shapes: ShapeReader;
  readonly #operations = new Map<string, OperationModel>();
  #namesOfErrors: readonly string[] | undefined;
  #errors: ReadonlyMap<string, StructureShape> | undefined;
  #paginators: Readonly<Record<string, PaginatorModel>> | undefined;
  #endpointRules: unknown;
  #waiters: Readonly<Record<string, WaiterModel>> | undefined;

  constructor(name: string, source: ModelSource) {
    this.name = name;
    this.metadata = source.part("metadata");
    this.operationNames = source.operationNames();
    this.#source = source;
    this.#shapes = new ShapeReader(source);
  }

  operation(name: string): OperationModel | undefined {
    const known = this.#operations.get(name);
    if (known !== undefined) return known;
    const compact = this.#source.operation(name);
    if (compact === undefined) return undefined;
    const operation = this.#readOperation(name, compact);
    this.#operations.set(name, operation);
    return operation;
  }

  get errors(): ReadonlyMap<string, StructureShape> {
    this.#errors ??= new Map(
      this.#errorNames().map((name) => [name, this.#shapes.structure(name)]),
    );
    return this.#errors;
  }

  get endpointRules(): unknown {
    this.#endpointRules ??= readRules(this.#source.part("endpointRules"));
    return this.#endpointRules;
  }

  get paginators(): Readonly<Record<string, PaginatorModel>> {
    this.#paginators ??= readPaginators(this.#source.part("paginators"));
    return this.#paginators;
  }

  get waiters(): Readonly<Record<string, WaiterModel>> {
    this.#waiters ??= readWaiters(this.#source.part("waiters"));
    return this.#waiters;
  }

  #readOperation(name: string, compact: CompactOperation): OperationModel {
    const { m = "POST", u = "/", c = 200, i, o, e = [], ...traits } = compact;
    return {
      ...traits,
      name,
      method: m,
      requestUri: u,
      responseCode: c,
      input: i === undefined ? undefined : this.#shapes.structure(i),
      output: o === undefined ? undefined : this.#shapes.structure(o),
      errors: e.map((index) => this.#shapes.structure(this.#errorNames()[index] ?? "")),
    };
  }

  #errorNames(): readonly string[] {
    this.#namesOfErrors ??= this.#source.part("errors");
    return this.#namesOfErrors;
  }
}

function readPaginators(compact: CompactModel["paginators"]): Record<string, PaginatorModel> {
  const paginators: Record<string, PaginatorModel> = {};
  for (const [operation, parts] of Object.entries(compact)) {
    const [inputTokens, outputTokens, resultKeys, limit = 0, more = 0, rest] = parts;
    paginators[operation] = {
      inputTokens,
      outputTokens,
      resultKeys,
      limitKey: limit === 0 ? undefined : limit,
      moreResults: more === 0 ? undefined : more,
      nonAggregateKeys: rest,
    };
  }
  return paginators;
}

function readWaiters(compact: CompactModel["waiters"]): Record<string, WaiterModel> {
  const waiters: Record<string, WaiterModel> = {};
  for (const [name, [operation, delay, maxAttempts, acceptors]] of Object.entries(compact)) {
    waiters[name] = {
      operation,
      delay,
      maxAttempts,
      acceptors: acceptors.map(([state, matcher, expected, argument]) => ({
        state: state as Acceptor["state"],
        matcher: matcher as Acceptor["matcher"],
        expected,
        argument,
      })),
    };
  }
  return waiters;
}
