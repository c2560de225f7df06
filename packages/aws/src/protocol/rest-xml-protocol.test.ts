import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isErrorAnswer } from "./error-answer.ts";
import { restXml } from "./rest-xml-protocol.ts";
import {
  backEnds,
  draft,
  list,
  member,
  operation,
  response,
  scalar,
  service,
  string,
  structure,
} from "./shapes-fixture.test.ts";

const s3 = service({ xmlNamespace: "http://s3.amazonaws.com/doc/2006-03-01/" });
const rules = structure("Rules", [member("Rule", list(string), { flattened: true })]);

for (const [backEnd, options] of backEnds) {
  describe(`restXml() with ${backEnd}`, () => {
    function bodyOf(payload: ReturnType<typeof member>, value: unknown, metadata = s3): unknown {
      const input = structure("In", [payload], { payload: payload.name });
      const codec = restXml(metadata, operation({ input }), options);
      const request = draft();
      codec.serialize({ [payload.name]: value }, request);
      return request.body;
    }

    test("names a payload's document after its shape", () => {
      assert.equal(
        bodyOf(member("P", rules), { Rule: ["a"] }),
        '<?xml version="1.0" encoding="UTF-8"?><Rules xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Rule>a</Rule></Rules>',
      );
    });

    test("refuses a union's unknown variant: it would be sent without it", () => {
      const union = structure("Choice", [member("A", string)], { union: true });
      const payload = member("P", structure("S", [member("Choice", union)]));
      assert.throws(
        () => bodyOf(payload, { Choice: { $unknown: ["New", "<a/>"] } }),
        /^TypeError: Cannot send variant "New" of a union/,
      );
    });

    test("names a payload's document after the member that has a name", () => {
      const payload = member("P", rules, { wireName: "Q", xmlNamespace: { uri: "u" } });
      assert.equal(bodyOf(payload, {}), '<?xml version="1.0" encoding="UTF-8"?><Q xmlns="u"></Q>');
    });

    test("names the document of an input's members as the operation says", () => {
      const input = structure("In", [member("A", string)]);
      const codec = restXml(
        service(),
        operation({ input, inputName: "Request", inputNamespace: { uri: "u" } }),
        options,
      );
      const request = draft();
      codec.serialize({ A: "a" }, request);
      assert.equal(
        request.body,
        '<?xml version="1.0" encoding="UTF-8"?><Request xmlns="u"><A>a</A></Request>',
      );
      assert.deepEqual(request.headers, ["content-type", "application/xml"]);
    });

    test("sends nothing when no member of the body is set", () => {
      const input = structure("In", [member("A", string)]);
      const request = draft();
      restXml(service(), operation({ input }), options).serialize({}, request);
      assert.equal(request.body, undefined);
      assert.deepEqual(request.headers, []);
    });

    const copy = structure("CopyResult", [member("ETag", string)]);
    const output = structure(
      "Out",
      [
        member("Copy", copy),
        member("Count", scalar("integer"), { location: "header", wireName: "x-count" }),
      ],
      { payload: "Copy" },
    );
    const codec = restXml(s3, operation({ output }), options);

    test("reads a payload and headers", () => {
      const body = "<CopyResult><ETag>&quot;e&quot;</ETag></CopyResult>";
      assert.deepEqual(codec.parse(response(body, 200, ["x-count", "2"])), {
        Copy: { ETag: '"e"' },
        Count: 2,
      });
    });

    test("an error may be the root element itself, as Route 53's InvalidChangeBatch", () => {
      const body =
        '<InvalidChangeBatch xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><Messages>' +
        "<Message>a</Message><Message>b</Message></Messages><RequestId>r</RequestId></InvalidChangeBatch>";
      const error = codec.parseError(response(body, 400));
      assert.deepEqual(
        [error.code, error.message, error.requestId],
        ["InvalidChangeBatch", "a; b", "r"],
      );
      const page = codec.parseError(response("<html><RequestId>r</RequestId><body/></html>", 400));
      assert.deepEqual([page.code, page.message], ["400", "Bad Request"]);
    });

    test("CL-7 refuses S3's error with the status of success, and parseError() reads it", () => {
      const body =
        "<?xml version='1.0'?>\n<Error><Code>SlowDown</Code><Message>Slow</Message><Region>r</Region><RequestId>id</RequestId><HostId>h</HostId></Error>";
      assert.throws(() => codec.parse(response(body)), isErrorAnswer);
      const parsed = codec.parseError(response(body, 500));
      assert.equal(parsed.code, "SlowDown");
      assert.equal(parsed.message, "Slow");
      assert.equal(parsed.requestId, "id");
      assert.equal(parsed.fault, "server");
      assert.equal(parsed.extra?.["Region"], "r");
      assert.equal(parsed.extra?.["HostId"], "h");
    });

    test("reads the events of a stream", () => {
      const stats = structure("Stats", [
        member("Details", structure("StatsDetails", [member("Scanned", scalar("long"))]), {
          eventPayload: true,
        }),
      ]);
      const records = structure("Records", [
        member("Payload", scalar("blob"), { eventPayload: true }),
      ]);
      const events = structure(
        "Events",
        [member("Stats", stats), member("Records", records), member("End", structure("End", []))],
        { eventStream: true, union: true },
      );
      const stream = structure("Out", [member("Payload", events)], { payload: "Payload" });
      const { eventOutput } = restXml(s3, operation({ output: stream }), options);
      assert.equal(eventOutput?.member, "Payload");
      const read = (type: string, payload: string): unknown =>
        eventOutput?.parseEvent(type, new Map(), Buffer.from(payload));
      assert.deepEqual(read("Stats", "<Stats><Scanned>7</Scanned></Stats>"), {
        Stats: { Details: { Scanned: 7 } },
      });
      assert.deepEqual(read("Records", "a,b"), { Records: { Payload: Buffer.from("a,b") } });
      assert.deepEqual(read("End", ""), { End: {} });
      assert.deepEqual(read("New", "x"), { $unknown: ["New", Buffer.from("x")] });
    });
  });
}
