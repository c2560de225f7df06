import assert from "node:assert/strict";
import { test } from "node:test";
import { loadModel } from "../model/load-model.ts";
import type { Member, OperationModel, ServiceModel, StructureShape } from "../model/model.ts";
import { loadProtocol } from "./compile-operation.ts";
import type { OperationCodec, Protocol, RequestDraft } from "./protocol.ts";
import { backEnds, draft } from "./shapes-fixture.test.ts";
import { compileValidator } from "./validate.ts";

/** A value of every member down to a depth; `undefined` below it. */
function sample(member: Member, depth: number): unknown {
  const { shape } = member;
  if (member.jsonValue === true) return "{}";
  if (shape.kind === "structure") return depth > 5 ? undefined : sampleStructure(shape, depth);
  if (shape.kind === "list") {
    const item = sample(shape.member, depth + 1);
    return item === undefined ? [] : [item, item];
  }
  if (shape.kind === "map") {
    const value = sample(shape.value, depth + 1);
    return value === undefined ? {} : { key: value };
  }
  return scalars[shape.kind];
}

function sampleStructure(
  shape: StructureShape,
  depth: number,
): Record<string, unknown> | undefined {
  const value: Record<string, unknown> = {};
  for (const each of shape.members) {
    const field = sample(each, depth + 1);
    if (field !== undefined) value[each.name] = field;
    else if (each.required === true) return undefined;
    if (shape.union === true && field !== undefined) return value;
  }
  return shape.union === true ? undefined : value;
}

const scalars: Readonly<Record<string, unknown>> = {
  string: "text",
  boolean: true,
  integer: 7,
  long: 2n ** 60n,
  float: 1.5,
  double: 0.1,
  timestamp: new Date(1_700_000_000_000),
  blob: Buffer.from("blob"),
  document: { a: [1, "x"] },
};

function request(codec: OperationCodec, input: Record<string, unknown>): RequestDraft {
  const filled = draft();
  codec.serialize(input, filled);
  const { body } = filled;
  // The order of a document's members may differ.
  if (typeof body === "string" && body.startsWith("{")) {
    filled.body = JSON.stringify(sorted(JSON.parse(body)));
  }
  return filled;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]));
}

function hasEvents(shape: StructureShape | undefined): boolean {
  const events = shape?.members.find((each) => {
    return each.shape.kind === "structure" && each.shape.eventStream === true;
  });
  return events !== undefined;
}

function checkOperation(
  protocol: Protocol,
  service: ServiceModel,
  operation: OperationModel,
): void {
  const { input, output } = operation;
  const value = input === undefined ? {} : sampleStructure(input, 0);
  assert.ok(value);
  const requests = backEnds.map(([, options]) => {
    if (input !== undefined) assert.equal(compileValidator(input, options)(value), undefined);
    return request(protocol(service, operation, options), value);
  });
  assert.deepEqual(requests[0], requests[1]);
  if (output === undefined || output.payload !== undefined) return;
  // The output's document, written as an input's, must be read as it was.
  const members = output.members.filter(({ location }) => location === undefined);
  const document = { ...output, members };
  const echo = {
    ...operation,
    requestUri: "/",
    hostPrefix: undefined,
    input: document,
    output: document,
  };
  const expected = sampleStructure(document, 0);
  for (const [, options] of backEnds) {
    const codec = protocol(service, echo, options);
    const filled = draft();
    codec.serialize(expected ?? {}, filled);
    const body = Buffer.from((filled.body ?? "") as string);
    assert.deepEqual(codec.parse({ status: 200, headers: [], body }), expected);
  }
}

for (const [name, protocolName] of [
  ["dynamodb", "json"],
  ["organizations", "json"],
  ["sqs", "json"],
  ["cloudwatch", "json"],
  ["cloudwatch", "smithy-rpc-v2-cbor"],
  ["stepfunctions", "json"],
  ["ssm", "json"],
  ["lambda", "rest-json"],
  ["apigatewayv2", "rest-json"],
] as const) {
  test(`every operation of ${name} in ${protocolName}: valid, the same in both back ends, read as written`, async () => {
    const service = loadModel(name);
    const protocol = await loadProtocol(protocolName);
    for (const operationName of service.operationNames) {
      const operation = service.operation(operationName);
      assert.ok(operation);
      if (hasEvents(operation.input) || hasEvents(operation.output)) continue;
      checkOperation(protocol, service, operation);
    }
  });
}
