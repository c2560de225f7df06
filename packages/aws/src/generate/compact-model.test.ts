import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Member, OperationModel, StructureShape } from "../model/model.ts";
import { readModel } from "../model/read-model.ts";
import type { C2jMetadata, C2jOperation, C2jRef, C2jShape } from "./c2j.ts";
import { compactModel, compactOfC2j } from "./compact-model.ts";

interface Sample {
  readonly shapes?: Readonly<Record<string, C2jShape>>;
  readonly given?: Partial<C2jOperation>;
  readonly metadata?: C2jMetadata;
}

const scalars: Readonly<Record<string, C2jShape>> = {
  String: { type: "string" },
  Blob: { type: "blob" },
  Time: { type: "timestamp", timestampFormat: "rfc822" },
};

function operationOf({ shapes = {}, given = {}, metadata = {} }: Sample): OperationModel {
  const compact = compactOfC2j(
    { metadata: { protocol: "rest-xml", ...metadata }, shapes: { ...scalars, ...shapes } },
    { name: "Do", input: { shape: "In" }, ...given },
  );
  // As it is read from a file.
  const operation = readModel("test", JSON.parse(JSON.stringify(compact))).operation("Do");
  assert.ok(operation);
  return operation;
}

/** The only member of an input, as it is read back. */
function memberOf(ref: C2jRef, shapes: Sample["shapes"] = {}, protocol = "rest-xml"): Member {
  const input: C2jShape = { type: "structure", members: { Name: ref } };
  const operation = operationOf({ shapes: { In: input, ...shapes }, metadata: { protocol } });
  const member = operation.input?.members[0];
  assert.ok(member);
  return member;
}

describe("compactModel(): traits of members", () => {
  const string = { kind: "string" };
  const cases: readonly (readonly [string, C2jRef, Partial<Member>, Sample["shapes"]?])[] = [
    ["plain", { shape: "String" }, {}],
    ["name in XML", { shape: "String", locationName: "n" }, { wireName: "n" }],
    [
      "label",
      { shape: "String", location: "uri", locationName: "Name" },
      { location: "uri", wireName: "Name" },
    ],
    [
      "query",
      { shape: "String", location: "querystring", locationName: "q" },
      { location: "querystring", wireName: "q" },
    ],
    [
      "query without a name: all of a map",
      { shape: "String", location: "querystring" },
      { location: "querystring", wireName: "Name" },
    ],
    [
      "header",
      { shape: "String", location: "header", locationName: "x-h" },
      { location: "header", wireName: "x-h" },
    ],
    [
      "prefix",
      { shape: "String", location: "headers", locationName: "x-meta-" },
      { location: "headers", wireName: "x-meta-" },
    ],
    [
      "empty prefix",
      { shape: "String", location: "headers", locationName: "" },
      { location: "headers", wireName: "" },
    ],
    ["status", { shape: "String", location: "statusCode" }, { location: "statusCode" }],
    ["attribute", { shape: "String", xmlAttribute: true }, { xmlAttribute: true }],
    [
      "namespace",
      { shape: "String", xmlNamespace: { uri: "u", prefix: "p" } },
      { xmlNamespace: { uri: "u", prefix: "p" } },
    ],
    ["namespace as text", { shape: "String", xmlNamespace: "u" }, { xmlNamespace: { uri: "u" } }],
    ["token", { shape: "String", idempotencyToken: true }, { idempotencyToken: true }],
    ["host label", { shape: "String", hostLabel: true }, { hostLabel: true }],
    ["JSON", { shape: "String", jsonvalue: true }, { jsonValue: true }],
    ["event payload", { shape: "String", eventpayload: true }, { eventPayload: true }],
    ["event header", { shape: "String", eventheader: true }, { eventHeader: true }],
    ["endpoint parameter", { shape: "String", contextParam: { name: "P" } }, { contextParam: "P" }],
    [
      "endpoint parameter of its name",
      { shape: "String", contextParam: { name: "Name" } },
      { contextParam: "Name" },
    ],
    ["ec2 name", { shape: "String", queryName: "Q" }, { queryName: "Q" }],
    [
      "JSON of the shape",
      { shape: "J" },
      { jsonValue: true },
      { J: { type: "string", jsonvalue: true } },
    ],
    [
      "secret of the shape",
      { shape: "S" },
      { sensitive: true },
      { S: { type: "string", sensitive: true } },
    ],
    [
      "name of the shape",
      { shape: "S" },
      { wireName: "s" },
      { S: { type: "string", locationName: "s" } },
    ],
    ["character", { shape: "S" }, {}, { S: { type: "character" } }],
  ];
  for (const [name, ref, expected, shapes] of cases) {
    test(name, () =>
      assert.deepEqual(memberOf(ref, shapes), { name: "Name", shape: string, ...expected }),
    );
  }

  test("a timestamp's format: the member's before the shape's", () => {
    assert.equal(memberOf({ shape: "Time" }).timestampFormat, "rfc822");
    const own = memberOf({ shape: "Time", timestampFormat: "unixTimestamp" });
    assert.equal(own.timestampFormat, "unixTimestamp");
  });

  test("a streaming blob whose length must be known", () => {
    const shapes = { Stream: { type: "blob", streaming: true, requiresLength: true } };
    const { streaming, requiresLength } = memberOf({ shape: "Stream" }, shapes);
    assert.deepEqual([streaming, requiresLength], [true, true]);
  });

  test("a name that is the member's own is kept for ec2 only", () => {
    const ref = { shape: "String", locationName: "Name" };
    assert.equal(memberOf(ref).wireName, undefined);
    assert.equal(memberOf(ref, {}, "ec2").wireName, "Name");
  });

  test("a list that is flattened by its shape or by the member", () => {
    const list = { type: "list", member: { shape: "String", locationName: "item" } };
    assert.equal(memberOf({ shape: "L" }, { L: { ...list, flattened: true } }).flattened, true);
    assert.equal(memberOf({ shape: "L", flattened: true }, { L: list }).flattened, true);
    const { shape, flattened } = memberOf({ shape: "L" }, { L: { ...list, sparse: true } });
    assert.equal(flattened, undefined);
    assert.deepEqual(shape, {
      kind: "list",
      name: "L",
      sparse: true,
      member: { name: "", shape: string, wireName: "item" },
    });
  });

  test("a document, a map, and a structure without members", () => {
    const document: C2jShape = { type: "structure", document: true, members: {} };
    assert.deepEqual(memberOf({ shape: "D" }, { D: document }).shape, { kind: "document" });
    const map = {
      type: "map",
      key: { shape: "String", locationName: "k" },
      value: { shape: "Blob" },
    };
    assert.deepEqual(memberOf({ shape: "M" }, { M: map }).shape, {
      kind: "map",
      name: "M",
      key: { name: "", shape: string, wireName: "k" },
      value: { name: "", shape: { kind: "blob" } },
    });
    const empty = { type: "structure", members: {} };
    const expected = { kind: "structure", name: "E", members: [] };
    assert.deepEqual(memberOf({ shape: "E" }, { E: empty }).shape, expected);
  });

  const wrong: readonly (readonly [C2jRef, Sample["shapes"]?])[] = [
    [{ shape: "None" }],
    [{ shape: "__proto__" }],
    [{ shape: "String", location: "moon" }],
    [{ shape: "String", timestampFormat: "moon" }],
    [{ shape: "X" }, { X: { type: "moon" } }],
    [{ shape: "X" }, { X: { type: "list" } }],
  ];
  for (const [ref, shapes] of wrong) {
    test(`refuses ${JSON.stringify(shapes ?? ref)}`, () => {
      assert.throws(() => memberOf(ref, shapes), /^TypeError: Cannot compact /);
    });
  }
});

describe("compactModel(): structures, errors and operations", () => {
  test("marks unions, event streams, payloads and root elements", () => {
    const shapes: Record<string, C2jShape> = {
      In: { type: "structure", payload: "B", locationName: "Root", members: { B: { shape: "U" } } },
      U: { type: "structure", union: true, members: {} },
    };
    const { input } = operationOf({ shapes });
    assert.ok(input);
    assert.deepEqual([input.payload, input.xmlName], ["B", "Root"]);
    assert.equal((input.members[0]?.shape as StructureShape | undefined)?.union, true);
    const events: C2jShape = { type: "structure", eventstream: true, members: {} };
    const operation = operationOf({ shapes: { ...shapes, U: events } });
    assert.equal(operation.requiresHttp2, true);
  });

  const faults: readonly (readonly [C2jShape, object])[] = [
    [{ type: "structure", exception: true }, { fault: "client" }],
    [{ type: "structure", exception: true, fault: true }, { fault: "server" }],
    [
      { type: "structure", error: { code: "C", httpStatusCode: 404, senderFault: true } },
      { code: "C", httpStatusCode: 404, fault: "client" },
    ],
    [
      { type: "structure", error: { code: "E", httpStatusCode: 503 } },
      { httpStatusCode: 503, fault: "server" },
    ],
    [
      { type: "structure", exception: true, retryable: { throttling: true } },
      { fault: "client", retryable: true, throttling: true },
    ],
    [
      { type: "structure", exception: true, retryable: { throttling: false } },
      { fault: "client", retryable: true },
    ],
  ];
  for (const [shape, expected] of faults) {
    test(`reads the error ${JSON.stringify(shape)}`, () => {
      const shapes = { In: { type: "structure", members: {} }, E: shape };
      const { errors } = operationOf({ shapes, given: { errors: [{ shape: "E" }] } });
      assert.deepEqual(errors[0]?.error, expected);
    });
  }

  test("takes an operation's traits, and only those", () => {
    const operation = operationOf({
      shapes: { In: { type: "structure", members: {} } },
      given: {
        http: { method: "GET", requestUri: "/x?y", responseCode: 204 },
        input: { shape: "In", locationName: "Root", xmlNamespace: { uri: "u" } },
        endpoint: { hostPrefix: "a." },
        httpChecksum: { requestChecksumRequired: true, requestAlgorithmMember: "Alg" },
        requestcompression: { encodings: ["gzip"] },
        endpointdiscovery: {},
        authtype: "none",
        unsignedPayload: true,
        documentation: "No",
      },
    });
    const { input, ...rest } = operation;
    assert.equal(input?.name, "In");
    assert.deepEqual(rest, {
      name: "Do",
      method: "GET",
      requestUri: "/x?y",
      responseCode: 204,
      output: undefined,
      errors: [],
      inputName: "Root",
      inputNamespace: { uri: "u" },
      hostPrefix: "a.",
      authtype: "none",
      unsignedPayload: true,
      checksumRequired: true,
      checksum: { requestAlgorithmMember: "Alg", requestChecksumRequired: true },
      compression: ["gzip"],
      endpointDiscovery: { required: false },
    });
  });

  test("leaves out shapes that nothing refers to", () => {
    const { shapes } = compactModel({
      service: {
        metadata: {},
        operations: { Do: { name: "Do" } },
        shapes: { Lost: { type: "structure", members: {} } },
      },
    });
    assert.deepEqual(shapes, {});
  });
});
