import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Member, StructureShape } from "../model/model.ts";
import { decodeCbor } from "./cbor/cbor-decoder.ts";
import { rpcv2Cbor } from "./cbor-protocol.ts";
import { awsJson } from "./json-protocol.ts";
import { restJson } from "./rest-json-protocol.ts";
import {
  backEnds,
  draft,
  member,
  operation,
  response,
  scalar,
  service,
  string,
  structure,
} from "./shapes-fixture.test.ts";

const failed = structure("StreamFailed", [member("message", string), member("Why", string)], {
  error: { fault: "client" },
});
const events = structure(
  "Events",
  [
    member(
      "Bytes",
      structure("Bytes", [
        member("Data", scalar("blob"), { eventPayload: true }),
        member("Part", scalar("long"), { eventHeader: true }),
      ]),
    ),
    member("Text", structure("Text", [member("Line", string, { eventPayload: true })])),
    member(
      "Document",
      structure("Document", [member("When", scalar("timestamp")), member("Name", string)]),
    ),
    member(
      "Nested",
      structure("Nested", [
        member("Body", structure("Body", [member("A", string)]), { eventPayload: true }),
      ]),
    ),
    member("End", structure("End", [])),
    member("Failed", failed),
  ],
  { union: true, eventStream: true },
);
const output = structure("Out", [member("Stream", events), member("Id", string)]);
const bound = structure("Out", [member("Stream", events)], { payload: "Stream" });

for (const [name, options] of backEnds) {
  describe(`event streams with ${name}`, () => {
    const codec = restJson(service(), operation({ input: bound, output: bound }), options);
    const stream = codec.eventOutput;
    assert.ok(stream);
    const none = new Map<string, unknown>();

    for (const [what, type, headers, payload, event] of [
      [
        "raw bytes and headers",
        "Bytes",
        new Map<string, unknown>([
          ["Part", 3n],
          ["other", 1],
        ]),
        "abc",
        { Data: Buffer.from("abc"), Part: 3 },
      ],
      ["raw text", "Text", none, "é", { Line: "é" }],
      [
        "a document",
        "Document",
        none,
        '{"When":1,"Name":"n"}',
        { When: new Date(1000), Name: "n" },
      ],
      ["a structure as payload", "Nested", none, '{"A":"a"}', { Body: { A: "a" } }],
      ["nothing", "End", none, "{}", {}],
    ] as const) {
      test(`parseEvent() reads ${what}`, () => {
        assert.deepEqual(stream.parseEvent(type, headers, Buffer.from(payload)), { [type]: event });
      });
    }

    test("parseEvent() keeps unknown events", () => {
      const payload = Buffer.from("?");
      assert.deepEqual(stream.parseEvent("New", none, payload), { $unknown: ["New", payload] });
      assert.deepEqual(stream.parseEvent("__proto__", none, payload), {
        $unknown: ["__proto__", payload],
      });
    });

    test("parseException() gives the modelled error", () => {
      const error = stream.parseException("Failed", none, Buffer.from('{"message":"m","Why":"w"}'));
      assert.deepEqual(
        [error.name, error.code, error.message, error.members, error.fault],
        ["StreamFailed", "StreamFailed", "m", { Why: "w" }, "client"],
      );
      const unknown = stream.parseException("Other", none, Buffer.from("?"));
      assert.deepEqual([unknown.code, unknown.message], ["Other", ""]);
    });

    test("the member is a source of events in the request, and not read from the response", () => {
      const request = draft();
      const source = [{ End: {} }];
      codec.serialize({ Stream: source }, request);
      assert.deepEqual(request.body, { source });
      assert.deepEqual(request.headers, ["content-type", "application/vnd.amazon.eventstream"]);
      assert.deepEqual(codec.parse(response("")), {});
      assert.equal(codec.streamingOutput, undefined);
    });

    const sent = codec.eventInput;
    assert.ok(sent);
    for (const [event, message] of [
      [
        { Bytes: { Data: "abc", Part: 3 } },
        {
          type: "Bytes",
          contentType: "application/octet-stream",
          headers: [{ name: "Part", type: "long", value: 3 }],
          payload: Buffer.from("abc"),
        },
      ],
      [
        { Text: { Line: "é" } },
        { type: "Text", contentType: "text/plain", headers: [], payload: "é" },
      ],
      [
        { Document: { Name: "n" }, End: undefined },
        { type: "Document", contentType: "application/json", headers: [], payload: '{"Name":"n"}' },
      ],
      [
        { Nested: { Body: { A: "a" } } },
        { type: "Nested", contentType: "application/json", headers: [], payload: '{"A":"a"}' },
      ],
      [{ End: {} }, { type: "End", contentType: undefined, headers: [], payload: "" }],
    ] as const) {
      test(`serializeEvent() of ${JSON.stringify(event)}`, () => {
        assert.deepEqual(sent.serializeEvent(event), message);
      });
    }

    for (const event of [
      undefined,
      {},
      { Nope: {} },
      { End: {}, Text: {} },
      { End: 1 },
      "End",
      // No bytes would be sent, which is how some streams end.
      { Bytes: { Data: [1, 2] } },
      { Bytes: { Data: { bytes: "x" } } },
    ]) {
      test(`serializeEvent() refuses ${JSON.stringify(event)}`, () => {
        assert.throws(() => sent.serializeEvent(event), TypeError);
      });
    }

    test("the other members of an RPC's input and output travel in the initial messages", () => {
      for (const protocol of [awsJson, rpcv2Cbor]) {
        const rpc = protocol(
          service({ targetPrefix: "T" }),
          operation({ input: output, output }),
          options,
        );
        const request = draft();
        rpc.serialize({ Id: "i", Stream: [] }, request);
        assert.deepEqual(request.body, { source: [] });
        assert.ok(request.headers.includes("application/vnd.amazon.eventstream"));
        const first = rpc.eventInput?.serializeInitialRequest?.({ Id: "i", Stream: [] });
        const payload = Buffer.from(first as string);
        assert.deepEqual(
          protocol === awsJson ? JSON.parse(payload.toString()) : decodeCbor(payload).value,
          { Id: "i" },
        );
        assert.deepEqual(rpc.eventOutput?.parseInitialResponse(payload), { Id: "i" });
      }
    });

    test("an exception's message is read in CBOR too", () => {
      const rpc = rpcv2Cbor(service(), operation({ output }), options);
      const payload = Buffer.from("bf676d657373616765616d635768796177ff", "hex");
      const error = rpc.eventOutput?.parseException("Failed", none, payload);
      assert.deepEqual(
        [error?.name, error?.message, error?.members],
        ["StreamFailed", "m", { Why: "w" }],
      );
    });
  });
}

test("operations without event streams have none", () => {
  const [, options] = backEnds[0] as (typeof backEnds)[number];
  const plain: StructureShape & { members: readonly Member[] } = structure("In", []);
  const codec = awsJson(service(), operation({ input: plain, output: plain }), options);
  assert.equal(codec.eventInput, undefined);
  assert.equal(codec.eventOutput, undefined);
});
