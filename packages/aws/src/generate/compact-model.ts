import type { CompactModel, CompactPaginator, CompactWaiter } from "../model/compact-form.ts";
import type { ProtocolName, ServiceMetadata } from "../model/model.ts";
import type {
  C2jBundle,
  C2jMetadata,
  C2jOperation,
  C2jPaginator,
  C2jService,
  C2jShape,
  C2jWaiter,
} from "./c2j.ts";
import { compactOperation } from "./compact-operation.ts";
import { compactRules } from "./compact-rules.ts";
import { compactShape, isException, refersTo } from "./compact-shape.ts";
import { present } from "./present.ts";

/** The compact form of a service: what is on the wire, and nothing else. */
export function compactModel({
  service,
  endpointRules,
  paginators,
  waiters,
}: C2jBundle): CompactModel {
  const metadata = compactMetadata(service);
  const operations = byName(service.operations);
  const errors = errorNames(service);
  return {
    metadata,
    operations: mapValues(operations, (operation) => compactOperation(operation, service, errors)),
    errors,
    shapes: reachableShapes(service, errors),
    paginators: mapValues(byName(paginators?.pagination ?? {}), compactPaginator),
    waiters: mapValues(byName(waiters?.waiters ?? {}), compactWaiter),
    endpointRules: compactRules(endpointRules),
  };
}

/** A document of protocol tests: shapes, and one operation per test case (`given`). */
export interface C2jTestDocument {
  readonly metadata: C2jMetadata;
  readonly shapes: Readonly<Record<string, C2jShape>>;
}

/** The compact form of one case of a protocol test, with its operation only. */
export function compactOfC2j(
  { metadata, shapes }: C2jTestDocument,
  given: C2jOperation,
): CompactModel {
  return compactModel({
    service: { metadata, shapes, operations: { [given.name]: given } },
  });
}

function compactMetadata({ metadata, clientContextParams }: C2jService): ServiceMetadata {
  const protocols = metadata.protocols ?? (metadata.protocol ? [metadata.protocol] : []);
  const endpointPrefix = metadata.endpointPrefix ?? "";
  const { xmlNamespace } = metadata;
  return present({
    apiVersion: metadata.apiVersion ?? "",
    serviceId: metadata.serviceId ?? "",
    endpointPrefix,
    signingName: metadata.signingName ?? endpointPrefix,
    protocols: protocols as readonly ProtocolName[],
    jsonVersion: metadata.jsonVersion,
    targetPrefix: metadata.targetPrefix,
    xmlNamespace: typeof xmlNamespace === "object" ? xmlNamespace.uri : xmlNamespace,
    queryCompatible: metadata.awsQueryCompatible === undefined ? undefined : true,
    globalEndpoint: metadata.globalEndpoint,
    signatureVersion: metadata.signatureVersion,
    auth: metadata.auth,
    clientContextParams:
      clientContextParams && mapValues(clientContextParams, ({ type }) => ({ type })),
  });
}

/** Shapes that are errors: marked, or named by an operation. */
function errorNames({ operations, shapes }: C2jService): readonly string[] {
  const names = new Set<string>();
  for (const [name, shape] of Object.entries(shapes)) if (isException(shape)) names.add(name);
  for (const { errors = [] } of Object.values(operations)) {
    for (const { shape } of errors) names.add(shape);
  }
  return [...names].sort();
}

function reachableShapes(service: C2jService, errors: readonly string[]): CompactModel["shapes"] {
  const seen = new Set<string>();
  const wanted = [...errors];
  for (const { input, output } of Object.values(service.operations)) {
    if (input !== undefined) wanted.push(input.shape);
    if (output !== undefined) wanted.push(output.shape);
  }
  for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    wanted.push(...refersTo(service, name));
  }
  const names = [...seen].sort();
  const isError = new Set(errors);
  return Object.fromEntries(
    names.flatMap((name) => {
      const compact = compactShape(service, name, isError.has(name));
      return compact === undefined ? [] : [[name, compact]];
    }),
  );
}

function compactPaginator(paginator: C2jPaginator): CompactPaginator {
  const parts = [
    listOf(paginator.input_token),
    listOf(paginator.output_token),
    listOf(paginator.result_key),
    paginator.limit_key ?? 0,
    paginator.more_results ?? 0,
    paginator.non_aggregate_keys ?? 0,
  ] as const;
  let length: number = parts.length;
  while (parts[length - 1] === 0) length -= 1;
  return parts.slice(0, length) as unknown as CompactPaginator;
}

function compactWaiter({ operation, delay, maxAttempts, acceptors }: C2jWaiter): CompactWaiter {
  return [
    operation,
    delay,
    maxAttempts,
    acceptors.map(({ state, matcher, expected, argument }) =>
      argument === undefined ? [state, matcher, expected] : [state, matcher, expected, argument],
    ),
  ];
}

function listOf(value: string | readonly string[]): readonly string[] {
  return typeof value === "string" ? [value] : value;
}

function byName<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function mapValues<T, U>(
  record: Readonly<Record<string, T>>,
  map: (value: T) => U,
): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}
