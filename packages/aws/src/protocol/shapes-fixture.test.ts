import type {
  ListShape,
  MapShape,
  Member,
  OperationModel,
  ScalarKind,
  ServiceModel,
  Shape,
  StructureShape,
} from "../model/model.ts";
import type { BufferedResponse, CompileOptions, RequestDraft } from "./protocol.ts";

/** Shapes, operations and services for tests; this file has no tests of its own. */
export function scalar(kind: ScalarKind): Shape {
  return { kind };
}

export const string: Shape = scalar("string");

export function member(name: string, shape: Shape, traits: Partial<Member> = {}): Member {
  return { name, shape, ...traits };
}

export function structure(
  name: string,
  members: readonly Member[],
  traits: Partial<StructureShape> = {},
): StructureShape {
  return { kind: "structure", name, members, ...traits };
}

export function list(item: Shape, traits: Partial<Member> = {}, flattened = false): ListShape {
  return { kind: "list", name: "List", member: member("", item, traits), flattened };
}

export function map(value: Shape, names: readonly [string?, string?] = []): MapShape {
  const [key, item] = names;
  return {
    kind: "map",
    name: "Map",
    key: member("", string, { wireName: key }),
    value: member("", value, { wireName: item }),
  };
}

export function operation(traits: Partial<OperationModel> = {}): OperationModel {
  return {
    name: "DoIt",
    method: "POST",
    requestUri: "/",
    responseCode: 200,
    errors: [],
    ...traits,
  };
}

export function service(
  metadata: Partial<ServiceModel["metadata"]> = {},
  errors: readonly StructureShape[] = [],
): ServiceModel {
  return {
    name: "test",
    metadata: {
      apiVersion: "2026-11-21",
      serviceId: "Test",
      endpointPrefix: "test",
      signingName: "test",
      protocols: [],
      ...metadata,
    },
    operationNames: [],
    operation: () => undefined,
    errors: new Map(errors.map((shape) => [shape.name, shape])),
    endpointRules: undefined,
    paginators: {},
    waiters: {},
  };
}

/** Both back ends, for loops over tests. */
export const backEnds: readonly (readonly [string, CompileOptions])[] = [
  ["generated code", { generateCode: true, newToken: () => "token" }],
  ["closures", { generateCode: false, newToken: () => "token" }],
];

export function draft(): RequestDraft {
  return { method: "", path: "", query: [], headers: [], body: undefined, hostPrefix: "" };
}

export function response(body: string, status = 200, headers: string[] = []): BufferedResponse {
  return { status, headers, body: Buffer.from(body) };
}
