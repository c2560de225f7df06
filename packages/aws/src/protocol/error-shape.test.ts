import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { cutCode } from "./error-shape.ts";
import { awsJson } from "./json-protocol.ts";
import type { ParsedError, Protocol } from "./protocol.ts";
import { restJson } from "./rest-json-protocol.ts";
import {
  backEnds,
  member,
  operation,
  response,
  scalar,
  service,
  string,
  structure,
} from "./shapes-fixture.test.ts";

const throttled = structure(
  "Throttled",
  [
    member("message", string),
    member("RetryAfter", scalar("integer"), { location: "header", wireName: "Retry-After" }),
    member("When", scalar("timestamp")),
  ],
  {
    error: { fault: "client", retryable: true, throttling: true, httpStatusCode: 429 },
  },
);
const legacy = structure("QueueDoesNotExist", [member("message", string)], {
  error: { fault: "client", code: "AWS.SimpleQueueService.NonExistentQueue" },
});
const notFound = structure("NotFound", [], { error: { fault: "client" } });
const errors = [throttled, legacy, notFound];
const [, options] = backEnds[0] as (typeof backEnds)[number];

function parse(
  protocol: Protocol,
  status: number,
  headers: string[],
  body: string,
  queryCompatible = false,
): ParsedError {
  const codec = protocol(service({ queryCompatible }, errors), operation(), options);
  return codec.parseError(response(body, status, headers));
}

for (const [code, expected] of [
  ["FooError", "FooError"],
  ["FooError:http://internal.amazon.com/coral/", "FooError"],
  ["aws.protocoltests#FooError", "FooError"],
  ["aws.protocoltests#FooError:http://x#y", "FooError"],
  ["FooError,BarError", "FooError"],
  ["", ""],
  ["#", ""],
] as const) {
  test(`cutCode() of "${code}" is "${expected}"`, () => assert.equal(cutCode(code), expected));
}

describe("parseError()", () => {
  test("awsJson prefers __type, then code, then the header", () => {
    const header = ["x-amzn-errortype", "Header"];
    assert.equal(parse(awsJson, 400, header, '{"__type":"a#Type","code":"Code"}').code, "Type");
    assert.equal(parse(awsJson, 400, header, '{"code":"Code"}').code, "Code");
    assert.equal(parse(awsJson, 400, header, "").code, "Header");
  });

  test("restJson prefers the header, then code, then __type", () => {
    const header = ["x-amzn-errortype", "Header:http://x"];
    assert.equal(parse(restJson, 400, header, '{"__type":"a#Type","code":"Code"}').code, "Header");
    assert.equal(parse(restJson, 400, [], '{"__type":"a#Type","code":"Code"}').code, "Code");
    assert.equal(parse(restJson, 400, [], '{"__type":"a#Type"}').code, "Type");
  });

  test("reads members, those in headers too, and traits of the shape", () => {
    const error = parse(
      restJson,
      429,
      ["x-amzn-errortype", "Throttled", "retry-after", "3"],
      '{"Message":"slow","When":1,"Unknown":1}',
    );
    assert.deepEqual(error, {
      code: "Throttled",
      name: "Throttled",
      message: "slow",
      members: { RetryAfter: 3, When: new Date(1000) },
      requestId: undefined,
      fault: "client",
      retryable: true,
      throttling: true,
      extra: undefined,
    });
  });

  test("an unreadable member does not hide the error", () => {
    const error = parse(awsJson, 400, [], '{"__type":"Throttled","message":"slow","When":"never"}');
    assert.equal(error.name, "Throttled");
    assert.equal(error.message, "slow");
  });

  test("takes the legacy code of a query-compatible service, and the shape's name", () => {
    const headers = ["x-amzn-query-error", "AWS.SimpleQueueService.NonExistentQueue;Sender"];
    const error = parse(
      awsJson,
      400,
      headers,
      '{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"no"}',
      true,
    );
    assert.equal(error.code, "AWS.SimpleQueueService.NonExistentQueue");
    assert.equal(error.name, "QueueDoesNotExist");
    assert.deepEqual(error.extra, { Type: "Sender" });
    const bare = parse(awsJson, 400, headers, "", true);
    assert.equal(bare.name, "QueueDoesNotExist");
  });

  test("ignores the query code for other services", () => {
    assert.equal(
      parse(awsJson, 400, ["x-amzn-query-error", "A;Sender"], '{"__type":"B"}').code,
      "B",
    );
  });

  test("finds a shape by its modelled code", () => {
    assert.equal(
      parse(awsJson, 400, [], '{"__type":"AWS.SimpleQueueService.NonExistentQueue"}').name,
      "QueueDoesNotExist",
    );
  });

  test("a proxy's page gives the status and its phrase", () => {
    const error = parse(awsJson, 502, ["content-type", "text/html"], "<html>Bad</html>");
    assert.equal(error.code, "502");
    assert.equal(error.name, "502");
    assert.equal(error.message, "Bad Gateway");
    assert.equal(error.fault, "server");
    assert.equal(parse(restJson, 599, [], "").message, "HTTP status 599");
  });

  test("a code of which nothing is left when it is cut is none", () => {
    for (const code of ["#", ":http://internal", ", "]) {
      const error = parse(restJson, 503, ["x-amzn-errortype", code], "");
      assert.equal(error.code, "503");
      assert.equal(error.name, "503");
      assert.equal(error.message, "Service Unavailable");
    }
    assert.equal(parse(restJson, 404, ["x-amzn-errortype", "#"], "").name, "NotFound");
  });

  test("a 404 without a body is the modelled NotFound", () => {
    const error = parse(restJson, 404, [], "");
    assert.equal(error.name, "NotFound");
    assert.equal(error.fault, "client");
  });

  test("SSO OIDC's text is in error_description", () => {
    const error = parse(
      restJson,
      400,
      [],
      '{"error":"invalid_grant","error_description":"expired"}',
    );
    assert.equal(error.code, "invalid_grant");
    assert.equal(error.message, "expired");
  });

  test("unknown codes keep their name; 5xx is the server's fault", () => {
    const error = parse(awsJson, 500, [], '{"__type":"Brand.New","message":7}');
    assert.equal(error.name, "Brand.New");
    assert.equal(error.fault, "server");
    assert.equal(error.message, "");
  });
});
