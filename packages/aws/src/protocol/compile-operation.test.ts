import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ProtocolName } from "../model/model.ts";
import { loadProtocol, protocolOf } from "./compile-operation.ts";
import { service } from "./shapes-fixture.test.ts";

function choose(protocols: readonly ProtocolName[], preferred?: string): ProtocolName {
  return protocolOf(service({ protocols }).metadata, preferred);
}

describe("protocolOf()", () => {
  test("prefers JSON to CBOR, CBOR to REST, and REST to query", () => {
    assert.equal(choose(["smithy-rpc-v2-cbor", "json", "query"]), "json");
    assert.equal(choose(["query", "smithy-rpc-v2-cbor"]), "smithy-rpc-v2-cbor");
    assert.equal(choose(["query", "rest-json"]), "rest-json");
    assert.equal(choose(["ec2"]), "ec2");
  });

  test("takes the caller's choice by any of its names", () => {
    assert.equal(choose(["smithy-rpc-v2-cbor", "json"], "rpcv2Cbor"), "smithy-rpc-v2-cbor");
    assert.equal(
      choose(["smithy-rpc-v2-cbor", "json"], "smithy-rpc-v2-cbor"),
      "smithy-rpc-v2-cbor",
    );
    assert.equal(choose(["json", "query"], "awsQuery"), "query");
  });

  for (const preferred of ["query", "soap", "toString", "__proto__"]) {
    test(`refuses "${preferred}" for a service that does not speak it`, () => {
      assert.throws(() => choose(["json"], preferred), /Cannot use protocol .* Test speaks json/);
    });
  }

  test("refuses a service that speaks nothing known", () => {
    assert.throws(() => choose([]), RangeError);
  });
});

for (const name of [
  "json",
  "rest-json",
  "rest-xml",
  "query",
  "ec2",
  "smithy-rpc-v2-cbor",
] as const) {
  test(`loadProtocol() loads ${name}`, async () => {
    assert.equal(typeof (await loadProtocol(name)), "function");
  });
}
