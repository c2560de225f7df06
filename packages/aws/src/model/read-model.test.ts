import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { loadModel } from "./load-model.ts";
import type { ListShape, MapShape, Member, StructureShape } from "./model.ts";
import { readModel } from "./read-model.ts";

const compact = {
  metadata: { apiVersion: "1", serviceId: "A", endpointPrefix: "a", signingName: "a" },
  operations: {
    Walk: { i: "Tree", o: "Tree", e: [0], inputName: "Root" },
    Post: { m: "PUT", u: "/{Id}", c: 201 },
  },
  errors: ["Fell"],
  shapes: {
    Fell: [{ error: { fault: "client" } }, "message", 0],
    Tree: ["*Id", 0, { u: 1 }, "When", 6, { t: 1, h: "x-when" }, "Left", "Tree", "Kids", "Trees"],
    Trees: { l: ["Tree", { n: "item" }], f: 1 },
  },
  paginators: { Walk: [["In"], ["Out"], ["Kids"], 0, "More"] },
  waiters: { Grown: ["Walk", 5, 10, [["success", "status", 200]]] },
  endpointRules: null,
};

function member(shape: StructureShape | undefined, name: string): Member {
  const found = shape?.members.find((each) => each.name === name);
  assert.ok(found, name);
  return found;
}

describe("readModel()", () => {
  const model = readModel("a", compact);

  test("gives an operation its defaults, and the same object each time", () => {
    const { method, requestUri, responseCode, inputName } = model.operation("Walk") ?? {};
    assert.deepEqual([method, requestUri, responseCode, inputName], ["POST", "/", 200, "Root"]);
    assert.equal(model.operation("Walk"), model.operation("Walk"));
    const post = model.operation("Post");
    assert.deepEqual([post?.method, post?.requestUri, post?.responseCode], ["PUT", "/{Id}", 201]);
    assert.equal(post?.input, undefined);
  });

  for (const name of ["Nothing", "__proto__", "constructor", "toString"]) {
    test(`has no operation "${name}"`, () => assert.equal(model.operation(name), undefined));
  }

  test("makes a shape that refers to itself one object", () => {
    const tree = model.operation("Walk")?.input;
    assert.equal(member(tree, "Left").shape, tree);
    const kids = member(tree, "Kids").shape as ListShape;
    assert.equal(kids.member.shape, tree);
    assert.equal(model.operation("Walk")?.output, tree);
  });

  test("reads traits: required, location, name on the wire, format", () => {
    const tree = model.operation("Walk")?.input;
    assert.deepEqual(member(tree, "Id"), {
      name: "Id",
      shape: { kind: "string" },
      required: true,
      location: "uri",
      wireName: "Id",
    });
    assert.deepEqual(member(tree, "When"), {
      name: "When",
      shape: { kind: "timestamp" },
      location: "header",
      wireName: "x-when",
      timestampFormat: "iso8601",
    });
    const kids = member(tree, "Kids").shape as ListShape;
    assert.deepEqual([kids.flattened, kids.member.wireName], [true, "item"]);
  });

  test("reads errors, paginators and waiters", () => {
    assert.deepEqual(model.errors.get("Fell")?.error, { fault: "client" });
    assert.equal(model.operation("Walk")?.errors[0], model.errors.get("Fell"));
    assert.equal(model.paginators["Walk"]?.moreResults, "More");
    assert.equal(model.paginators["Walk"]?.limitKey, undefined);
    assert.equal(model.waiters["Grown"]?.acceptors[0]?.expected, 200);
  });

  test("refuses a reference to no shape with its name", () => {
    const broken = readModel("b", { ...compact, shapes: {} });
    assert.throws(() => broken.operation("Walk"), /"Tree".*none of that name/);
  });
});

describe("models of real services", () => {
  test("s3: bindings, checksum and payload", () => {
    const s3 = loadModel("s3");
    const put = s3.operation("PutObject");
    assert.deepEqual([put?.method, put?.requestUri], ["PUT", "/{Bucket}/{Key+}"]);
    assert.equal(put?.input?.payload, "Body");
    assert.equal(member(put?.input, "Body").streaming, true);
    assert.equal(member(put?.input, "Bucket").contextParam, "Bucket");
    assert.equal(member(put?.input, "SSECustomerKey").sensitive, true);
    assert.equal(put?.checksum?.requestAlgorithmMember, "ChecksumAlgorithm");
    const metadata = member(put?.input, "Metadata");
    assert.deepEqual([metadata.location, metadata.wireName], ["headers", "x-amz-meta-"]);
    const deletion = s3.operation("DeleteObjects");
    assert.equal(deletion?.checksumRequired, true);
    const remove = member(deletion?.input, "Delete");
    assert.equal(remove.xmlNamespace?.uri, "http://s3.amazonaws.com/doc/2006-03-01/");
    const objects = member(remove.shape as StructureShape, "Objects");
    assert.deepEqual([objects.wireName, objects.flattened], ["Object", true]);
  });

  test("dynamodb: an attribute value holds attribute values", () => {
    const put = loadModel("dynamodb").operation("PutItem");
    const value = (member(put?.input, "Item").shape as MapShape).value.shape as StructureShape;
    assert.equal((member(value, "L").shape as ListShape).member.shape, value);
  });

  test("lambda: status, headers and payload", () => {
    const invoke = loadModel("lambda").operation("Invoke");
    assert.equal(member(invoke?.output, "StatusCode").location, "statusCode");
    assert.equal(member(invoke?.output, "FunctionError").wireName, "X-Amz-Function-Error");
    assert.equal(invoke?.output?.payload, "Payload");
    const stream = loadModel("lambda").operation("InvokeWithResponseStream")?.output;
    const events = member(stream, "EventStream").shape as StructureShape;
    assert.deepEqual([events.eventStream, events.union], [true, true]);
  });

  test("ec2 and query: names of lists and codes of errors", () => {
    const ec2 = loadModel("ec2").operation("DescribeInstances");
    const ids = member(ec2?.input, "InstanceIds");
    assert.equal(ids.wireName, "InstanceId");
    const cloudwatch = loadModel("cloudwatch");
    assert.equal(cloudwatch.metadata.queryCompatible, true);
    const codes = [...cloudwatch.errors.values()].map(({ error }) => error?.code);
    assert.ok(codes.includes("ResourceNotFound"));
    assert.equal(loadModel("sts").operation("AssumeRole")?.resultWrapper, "AssumeRoleResult");
  });

  test("http/2 is for operations that send events", () => {
    const runtime = loadModel("bedrock-runtime");
    const wanted = runtime.operationNames.filter((name) => runtime.operation(name)?.requiresHttp2);
    assert.deepEqual(wanted, ["InvokeModelWithBidirectionalStream"]);
  });
});
