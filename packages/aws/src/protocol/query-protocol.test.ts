import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Member } from "../model/model.ts";
import { bodyRequestId } from "./body-request-id.ts";
import { ec2Query } from "./ec2-protocol.ts";
import { isErrorAnswer } from "./error-answer.ts";
import type { Protocol } from "./protocol.ts";
import { awsQuery } from "./query-protocol.ts";
import {
  backEnds,
  draft,
  list,
  map,
  member,
  operation,
  response,
  scalar,
  service,
  string,
  structure,
} from "./shapes-fixture.test.ts";

const [[, options]] = backEnds as readonly [(typeof backEnds)[0]];

/** The form that a protocol makes of one member. */
function formOf(protocol: Protocol, traits: Member, value: unknown): string {
  const input = structure("In", [traits]);
  const codec = protocol(service(), operation({ input }), options);
  const request = draft();
  codec.serialize({ [traits.name]: value }, request);
  const form = request.body;
  assert.ok(typeof form === "string" && form.startsWith("Action=DoIt&Version=2026-11-21"));
  return form.slice("Action=DoIt&Version=2026-11-21".length);
}

const point = structure("Point", [member("X", scalar("integer")), member("Y", string)]);

/** Name, member, value, the pairs of query, the pairs of ec2. */
const forms: readonly (readonly [string, Member, unknown, string, string])[] = [
  ["a string", member("a", string), "x", "&a=x", "&A=x"],
  [
    "reserved characters",
    member("A", string),
    "a b&=+!'()*~é",
    "&A=a%20b%26%3D%2B%21%27%28%29%2A~%C3%A9",
    "&A=a%20b%26%3D%2B%21%27%28%29%2A~%C3%A9",
  ],
  ["half a surrogate pair", member("A", string), "\uD800", "&A=%EF%BF%BD", "&A=%EF%BF%BD"],
  ["a renamed member", member("a", string, { wireName: "b" }), "x", "&b=x", "&B=x"],
  ["a name of ec2", member("a", string, { wireName: "b", queryName: "c" }), "x", "&b=x", "&c=x"],
  ["an empty string", member("A", string), "", "&A=", "&A="],
  ["nothing for null", member("A", string), null, "", ""],
  ["a boolean", member("A", scalar("boolean")), false, "&A=false", "&A=false"],
  [
    "a time",
    member("A", scalar("timestamp")),
    new Date(1e12),
    "&A=2001-09-09T01%3A46%3A40Z",
    "&A=2001-09-09T01%3A46%3A40Z",
  ],
  ["bytes", member("A", scalar("blob")), Uint8Array.of(255), "&A=%2Fw%3D%3D", "&A=%2Fw%3D%3D"],
  ["a structure", member("A", point), { X: 1, Y: null }, "&A.X=1", "&A.X=1"],
  ["a list", member("A", list(string)), ["a", "b"], "&A.member.1=a&A.member.2=b", "&A.1=a&A.2=b"],
  [
    "a list without its null items",
    member("A", list(string)),
    [null, "b"],
    "&A.member.1=b",
    "&A.1=b",
  ],
  [
    "a list with a name for items",
    member("A", list(string, { wireName: "i" })),
    ["a"],
    "&A.i.1=a",
    "&A.1=a",
  ],
  [
    "a flattened list",
    member("A", list(point), { flattened: true }),
    [{ X: 1 }, { X: 2 }],
    "&A.1.X=1&A.2.X=2",
    "&A.1.X=1&A.2.X=2",
  ],
  ["an empty list", member("A", list(string)), [], "&A=", ""],
  [
    "a map",
    member("A", map(string)),
    { k: "v", l: "w" },
    "&A.entry.1.key=k&A.entry.1.value=v&A.entry.2.key=l&A.entry.2.value=w",
    "&A.1.key=k&A.1.value=v&A.2.key=l&A.2.value=w",
  ],
  [
    "a flattened map with names",
    member("A", map(point, ["K", "V"]), { flattened: true }),
    { k: { X: 1 } },
    "&A.1.K=k&A.1.V.X=1",
    "&A.1.K=k&A.1.V.X=1",
  ],
  [
    "an idempotency token",
    member("A", string, { idempotencyToken: true }),
    undefined,
    "&A=token",
    "&A=token",
  ],
];

for (const [name, traits, value, query, ec2] of forms) {
  test(`awsQuery() writes ${name}`, () => {
    assert.equal(formOf(awsQuery, traits, value), query);
  });
  test(`ec2Query() writes ${name}`, () => {
    assert.equal(formOf(ec2Query, traits, value), ec2);
  });
}

test("awsQuery() refuses a union's unknown variant: it would be sent without it", () => {
  const union = structure("Choice", [member("A", string)], { union: true });
  assert.throws(
    () => formOf(awsQuery, member("C", union), { $unknown: ["New", "x"] }),
    /^TypeError: Cannot send variant "New" of a union/,
  );
});

test("awsQuery() sends a form to the root of the endpoint", () => {
  const codec = awsQuery(service(), operation({ hostPrefix: "data." }), options);
  const request = draft();
  codec.serialize({}, request);
  assert.deepEqual(request, {
    method: "POST",
    path: "/",
    query: [],
    headers: ["content-type", "application/x-www-form-urlencoded"],
    body: "Action=DoIt&Version=2026-11-21",
    hostPrefix: "data.",
  });
});

test("awsQuery() sends forms to the root, whatever the model's URI says of the operation", () => {
  // Import/Export's URIs are `/?Operation=CreateJob`; the action is in the form.
  const codec = awsQuery(service(), operation({ requestUri: "/?Operation=DoIt" }), options);
  const request = draft();
  codec.serialize({}, request);
  assert.equal(request.path, "/");
});

const gone = structure("GoneException", [member("Message", string), member("Region", string)], {
  error: { fault: "client", code: "Gone", retryable: true },
});

for (const [backEnd, compileOptions] of backEnds) {
  describe(`answers of query and ec2 with ${backEnd}`, () => {
    const output = structure("Out", [member("A", string), member("P", point)]);
    const wrapped = operation({ output, resultWrapper: "DoItResult", errors: [gone] });
    const query = awsQuery(service({}, [gone]), wrapped, compileOptions);
    const ec2 = ec2Query(service({}, [gone]), operation({ output }), compileOptions);

    test("awsQuery() reads the result and the request id", () => {
      const body =
        "<DoItResponse><DoItResult><A>a</A><P><X>1</X></P></DoItResult><ResponseMetadata><Other>o</Other><RequestId>id</RequestId></ResponseMetadata></DoItResponse>";
      assert.deepEqual(query.parse(response(body)), {
        A: "a",
        P: { X: 1 },
        [bodyRequestId]: "id",
      });
    });

    test("awsQuery() reads an answer without a result", () => {
      const body = "<R><ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></R>";
      assert.deepEqual(query.parse(response(body)), { [bodyRequestId]: "id" });
      assert.deepEqual(query.parse(response("")), {});
      const none = awsQuery(service(), operation(), compileOptions);
      assert.deepEqual(none.parse(response(body)), { [bodyRequestId]: "id" });
    });

    test("ec2Query() reads members and the request id from the root", () => {
      const body = "<R><requestId>id</requestId><A>a</A></R>";
      assert.deepEqual(ec2.parse(response(body)), { A: "a", [bodyRequestId]: "id" });
    });

    test("CL-7 awsQuery() and ec2Query() refuse an error with the status of success", () => {
      const body = "<ErrorResponse><Error><Code>Gone</Code></Error></ErrorResponse>";
      assert.throws(() => query.parse(response(body)), isErrorAnswer);
      assert.throws(() => ec2.parse(response(body)), isErrorAnswer);
    });

    test("awsQuery() reads an error by its code", () => {
      const body =
        "<ErrorResponse><Error><Type>Receiver</Type><Code>Gone</Code><Message>It is gone</Message><Region>r</Region><Detail/></Error><RequestId>id</RequestId></ErrorResponse>";
      assert.deepEqual(query.parseError(response(body, 400)), {
        code: "Gone",
        name: "GoneException",
        message: "It is gone",
        members: { Region: "r" },
        requestId: "id",
        fault: "client",
        retryable: true,
        throttling: undefined,
        extra: Object.assign(Object.create(null) as object, { Type: "Receiver", Region: "r" }),
      });
    });

    test("ec2Query() reads an error that is not modelled", () => {
      const body =
        "<Response><Errors><Error><Code>Other</Code><Message>m</Message></Error><Error><Code>Second</Code></Error></Errors><RequestID>id</RequestID></Response>";
      const parsed = ec2.parseError(response(body, 503));
      assert.equal(parsed.code, "Other");
      assert.equal(parsed.name, "Other");
      assert.equal(parsed.message, "m");
      assert.equal(parsed.requestId, "id");
      assert.equal(parsed.fault, "server");
    });

    for (const body of ["", "not XML", "<!DOCTYPE html><html><body>502</body></html>", "<Error>"]) {
      test(`awsQuery() gives the status as code for the body "${body}"`, () => {
        const parsed = query.parseError(response(body, 502));
        assert.equal(parsed.code, "502");
        assert.equal(parsed.message, "Bad Gateway");
      });
    }
  });
}
