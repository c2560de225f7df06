import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { SubscriptionApi } from "./event-schema.ts";
import { parseSubscription } from "./subscription-request.ts";

const http = { protocol: "HTTP", URI: "http://sandbox.localdomain:8080/path?a=b" };
const valid = { schemaVersion: "2025-01-29", types: ["platform"], destination: http };
const context = { runtimeApiPort: 4000 };

function parse(body: unknown, api: SubscriptionApi = "telemetry"): unknown {
  return parseSubscription(api, typeof body === "string" ? body : JSON.stringify(body), context);
}

const destination = (change: object): object => ({ destination: { ...http, ...change } });
const uri = (URI: unknown): object => destination({ URI });
const port = (value: unknown): object => ({ destination: { protocol: "TCP", port: value } });

describe("parseSubscription() accepts", () => {
  test("a subscription of the Telemetry API, with defaults", () => {
    assert.deepEqual(parse(valid), {
      schema: "2025-01-29",
      types: ["platform"],
      destination: {
        protocol: "HTTP",
        method: "POST",
        host: "sandbox",
        port: 8080,
        authority: "sandbox.localdomain:8080",
        path: "/path?a=b",
      },
      buffering: { maxItems: 10_000, maxBytes: 262_144, timeoutMs: 1_000 },
    });
  });

  test("a subscription of the Logs API, without a version", () => {
    const body = {
      types: ["function", "platform"],
      destination: { ...http, URI: "http://sandbox:80", method: "PUT", encoding: "JSON" },
      buffering: { maxItems: 1_000, maxBytes: 1_048_576, timeoutMs: 25 },
    };
    assert.deepEqual(parse(body, "logs"), {
      schema: "2020-08-15",
      types: ["function", "platform"],
      destination: {
        protocol: "HTTP",
        method: "PUT",
        host: "sandbox",
        port: 80,
        authority: "sandbox:80",
        path: "/",
      },
      buffering: { maxItems: 1_000, maxBytes: 1_048_576, timeoutMs: 25 },
    });
  });

  const cases: readonly (readonly [string, object, SubscriptionApi?])[] = [
    ["the oldest version", { schemaVersion: "2022-07-01" }],
    ["the second version", { schemaVersion: "2022-12-13" }],
    ["the second version of the Logs API", { schemaVersion: "2021-03-18" }, "logs"],
    ["a TCP destination", { destination: { protocol: "TCP", port: 65_535 } }],
    ["an address of the loopback", { destination: { ...http, URI: "http://127.0.0.1:1/" } }],
    ["localhost", { destination: { ...http, URI: "http://localhost:1" } }],
    ["null for what may be absent", { buffering: null }],
    ["null for a member of buffering", { buffering: { maxItems: null, timeoutMs: 30_000 } }],
    ["members that nobody knows", { more: 1, destination: { ...http, more: 2 } }],
    ["a method that only the Logs API has", { destination: { ...http, method: "GET" } }],
  ];
  for (const [name, change, api] of cases) {
    test(name, () => {
      const result = parse({ ...valid, ...change }, api) as object;
      assert.ok("schema" in result, JSON.stringify(result));
    });
  }

  for (const host of ["\uff53andbox", "sand\nbox", "SandBox"]) {
    test(`the host ${JSON.stringify(host)}, and sends it as a header may be`, () => {
      const result = parse({ ...valid, ...uri(`http://${host}:8080/`) }) as {
        destination: { authority: string };
      };
      assert.equal(result.destination.authority, "sandbox:8080");
    });
  }

  test("types that come twice, and notes them once", () => {
    const result = parse({ ...valid, types: ["function", "platform", "function"] }) as {
      types: unknown;
    };
    assert.deepEqual(result.types, ["function", "platform"]);
  });
});

describe("parseSubscription() refuses", () => {
  const cases: readonly (readonly [string, object, RegExp, SubscriptionApi?])[] = [
    ["no version", { schemaVersion: undefined }, /^schemaVersion is not provided$/],
    [
      "a version of the other API",
      { schemaVersion: "2021-03-18" },
      /^schemaVersion should be one of 2022-07-01, .*'2021-03-18'$/,
    ],
    [
      "a version of the other API, at the Logs API",
      { schemaVersion: "2022-07-01" },
      /^schemaVersion should be one of 2020-08-15, 2021-03-18/,
      "logs",
    ],
    ["a version that is a number", { schemaVersion: 2022 }, /^schemaVersion should be .*'2022'$/],
    ["no types", { types: undefined }, /^types should not be empty$/],
    ["empty types", { types: [] }, /^types should not be empty$/],
    ["types that are a text", { types: "platform" }, /^types should be an array/],
    [
      "an unknown type",
      { types: ["platform", "Function"] },
      /^types should be any of .*'Function'/,
    ],
    ["a type that is null", { types: [null] }, /^types should be any of .*'null'$/],
    ["a type that is an array", { types: [["platform"]] }, /^types should be any of/],
    ["no destination", { destination: undefined }, /^destination is not provided$/],
    ["a destination that is a text", { destination: "x" }, /^destination should be an object$/],
    ["a destination that is an array", { destination: [] }, /^destination should be an object$/],
    ["no protocol", destination({ protocol: undefined }), /^destination.protocol is not provided$/],
    ["another protocol", destination({ protocol: "UDP" }), /should be HTTP or TCP.*'UDP'$/],
    ["a protocol in small letters", destination({ protocol: "http" }), /HTTP or TCP.*'http'$/],
    ["no URI", uri(undefined), /^destination.URI is not provided$/],
    ["an empty URI", uri(""), /^destination.URI is not provided$/],
    ["a URI that is a number", uri(8080), /^destination.URI should be http:/],
    ["a URI without a scheme", uri("sandbox.localdomain:8080"), /^destination.URI should be/],
    ["https", uri("https://sandbox.localdomain:8080"), /^destination.URI should be http:/],
    ["a name and a password", uri("http://a:b@sandbox:80/"), /^destination.URI should be http:/],
    [
      "a URI that is too long",
      uri(`http://sandbox:80/${"a".repeat(2_048)}`),
      /URI should be.*\.\.\.'$/,
    ],
    [
      "a port that is too high in a URI",
      uri("http://sandbox:65536/"),
      /^destination.URI should be/,
    ],
    ["another host", uri("http://example.com:80/"), /^URI host should be .*'example.com'$/],
    ["an address of another host", uri("http://169.254.169.254:80/"), /^URI host should be/],
    ["a host that only begins well", uri("http://sandbox.evil:80/"), /^URI host should be/],
    ["no port in a URI", uri("http://sandbox.localdomain/"), /^URI port is not provided$/],
    ["an empty port in a URI", uri("http://sandbox.localdomain:/"), /^URI port is not provided$/],
    ["port 0 in a URI", uri("http://sandbox:0/"), /^destination port should be in 1..65535/],
    ["the reserved port in a URI", uri("http://sandbox:9001/"), /^destination port is reserved/],
    ["the Runtime API's own port", uri("http://sandbox:4000/"), /^destination port is reserved/],
    ["TCP without a port", port(undefined), /^destination.port is not provided$/],
    ["a port that is a text", port("8080"), /^destination.port should be an integer.*'8080'$/],
    ["a port with a fraction", port(80.5), /^destination.port should be an integer/],
    ["port 0", port(0), /^destination port should be in 1..65535.*'0'$/],
    ["a negative port", port(-1), /^destination port should be in 1..65535/],
    ["a port that is too high", port(65_536), /^destination port should be in 1..65535/],
    ["the reserved port", port(9001), /^destination port is reserved.*'9001'$/],
    ["the Runtime API's own port by TCP", port(4000), /^destination port is reserved/],
    ["buffering that is an array", { buffering: [] }, /^buffering should be an object$/],
    ["too few items", { buffering: { maxItems: 999 } }, /maxItems .* 1000..10000.*'999'$/],
    ["too many items", { buffering: { maxItems: 10_001 } }, /maxItems .* 1000..10000/],
    ["too few bytes", { buffering: { maxBytes: 262_143 } }, /maxBytes .* 262144..1048576/],
    ["too many bytes", { buffering: { maxBytes: 1_048_577 } }, /maxBytes .* 262144..1048576/],
    ["too short a time", { buffering: { timeoutMs: 24 } }, /timeoutMs .* 25..30000/],
    ["too long a time", { buffering: { timeoutMs: 30_001 } }, /timeoutMs .* 25..30000/],
    ["a time with a fraction", { buffering: { timeoutMs: 25.5 } }, /timeoutMs .* 25..30000/],
    ["a time that is a text", { buffering: { timeoutMs: "1000" } }, /timeoutMs .*'1000'$/],
    [
      "a method that is not meant",
      destination({ method: "GET" }),
      /method should be POST or PUT/,
      "logs",
    ],
    ["another encoding", destination({ encoding: "XML" }), /encoding should be JSON/, "logs"],
  ];
  for (const [name, change, message, api = "telemetry"] of cases) {
    test(name, () => {
      const base = api === "logs" ? { ...valid, schemaVersion: "2020-08-15" } : valid;
      const result = parse({ ...base, ...change }, api) as {
        status: number;
        errorType: string;
        errorMessage: string;
      };
      assert.equal(result.status, 400);
      assert.equal(result.errorType, api === "logs" ? "Logs.ValidationError" : "ValidationError");
      assert.match(result.errorMessage, message);
    });
  }

  for (const body of ["", "{", "[]", "null", "1", '"x"', `[${JSON.stringify(valid)}]`, "\u0000"]) {
    test(`a body that is no JSON object: ${JSON.stringify(body)}`, () => {
      assert.deepEqual(parse(body), {
        status: 400,
        errorType: "ValidationError",
        errorMessage: "body should be a JSON object",
      });
    });
  }

  test("a number that is too large for any computer", () => {
    const body = JSON.stringify({ ...valid, buffering: { maxItems: 1 } }).replace(":1}", ":1e999}");
    assert.match(JSON.stringify(parse(body)), /buffering.maxItems should be an integer/);
  });

  test("several mistakes at once, each with its finding", () => {
    const result = parse({ ...valid, types: [], ...uri("http://sandbox/") });
    assert.deepEqual(result, {
      status: 400,
      errorType: "ValidationError",
      errorMessage: "URI port is not provided; types should not be empty",
    });
  });
});

test("parseSubscription() gives a subscription or a short refusal, whatever the body", () => {
  const known = fc.oneof(fc.jsonValue(), fc.constantFrom<unknown>(...Object.values(valid)));
  const body = fc.oneof(
    fc.string(),
    fc.json(),
    fc
      .record(
        { schemaVersion: known, types: known, destination: known, buffering: known },
        { requiredKeys: [] },
      )
      .map((value) => JSON.stringify(value)),
    fc.webUrl().map((URI) => JSON.stringify({ ...valid, destination: { ...http, URI } })),
  );
  fc.assert(
    fc.property(body, fc.constantFrom<SubscriptionApi>("telemetry", "logs"), (text, api) => {
      const result = parseSubscription(api, text, context);
      if ("schema" in result) return;
      assert.equal(result.status, 400);
      assert.ok(result.errorMessage.length > 0 && result.errorMessage.length < 2_000);
    }),
  );
});
