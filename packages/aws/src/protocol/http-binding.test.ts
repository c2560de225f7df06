import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ParamValidationError } from "../client/errors.ts";
import type { Member, OperationModel } from "../model/model.ts";
import type { CompileOptions, OperationCodec, RequestDraft } from "./protocol.ts";
import { restJson } from "./rest-json-protocol.ts";
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

const jsonMap = map(string);
const inHeader = (
  name: string,
  shape: Member["shape"],
  wireName: string,
  traits: Partial<Member> = {},
): Member => member(name, shape, { location: "header", wireName, ...traits });

const input = structure(
  "PutRequest",
  [
    member("Bucket", string, { location: "uri" }),
    member("Key", string, { location: "uri", wireName: "key" }),
    member("Version", string, { location: "querystring", wireName: "version id" }),
    member("Since", scalar("timestamp"), { location: "querystring", wireName: "since" }),
    member("Tags", list(string), { location: "querystring", wireName: "tag" }),
    member("Token", string, { location: "querystring", wireName: "token", idempotencyToken: true }),
    member("More", jsonMap, { location: "querystring" }),
    inHeader("ContentType", string, "Content-Type"),
    inHeader("Acl", string, "x-amz-acl"),
    inHeader("Modified", scalar("timestamp"), "If-Modified-Since"),
    inHeader("Names", list(string), "x-names"),
    inHeader("Dates", list(scalar("timestamp")), "x-dates"),
    inHeader("Json", string, "x-json", { jsonValue: true }),
    inHeader("Flag", scalar("boolean"), "x-flag"),
    member("Metadata", jsonMap, { location: "headers", wireName: "x-amz-meta-" }),
    member("Body", scalar("blob"), { streaming: true }),
  ],
  { payload: "Body" },
);
const output = structure("GetOutput", [
  inHeader("ETag", string, "ETag"),
  inHeader("Length", scalar("long"), "Content-Length"),
  inHeader("Flag", scalar("boolean"), "x-flag"),
  inHeader("Modified", scalar("timestamp"), "Last-Modified"),
  inHeader("Names", list(string), "x-names"),
  inHeader("Dates", list(scalar("timestamp")), "x-dates"),
  inHeader("Numbers", list(scalar("integer")), "x-numbers"),
  inHeader("Json", string, "x-json", { jsonValue: true }),
  member("Metadata", jsonMap, { location: "headers", wireName: "x-amz-meta-" }),
  member("Status", scalar("integer"), { location: "statusCode" }),
  member("Text", string),
  member("Renamed", string, { wireName: "renamed" }),
]);
const labels = { Bucket: "b", Key: "k" };

function codec(options: CompileOptions, traits: Partial<OperationModel> = {}): OperationCodec {
  const model = operation({
    method: "PUT",
    requestUri: "/{Bucket}/{key+}?fixed&x=y",
    input,
    output,
    ...traits,
  });
  return restJson(service(), model, options);
}

function request(options: CompileOptions, value: Record<string, unknown>): RequestDraft {
  const filled = draft();
  codec(options).serialize({ ...labels, Token: "t", ...value }, filled);
  return filled;
}

const date = new Date(1_576_540_098_000);

for (const [name, options] of backEnds) {
  describe(`HTTP bindings with ${name}`, () => {
    for (const [value, path] of [
      [{ Key: "a/b c" }, "/b/a/b%20c"],
      [{ Bucket: "a/b" }, "/a%2Fb/k"],
      [{ Key: "!'()*~é😀" }, "/b/%21%27%28%29%2A~%C3%A9%F0%9F%98%80"],
      [{ Key: ".././/x" }, "/b/.././/x"],
      [{ Key: "100%?#" }, "/b/100%25%3F%23"],
    ] as const) {
      test(`a label ${JSON.stringify(value)} gives ${path}`, () => {
        assert.equal(request(options, value).path, path);
      });
    }

    for (const value of [{ Key: "" }, { Key: undefined }, { Bucket: null }]) {
      test(`an absent or empty label ${JSON.stringify(value)} is refused, whatever was checked before`, () => {
        assert.throws(() => request(options, value), ParamValidationError);
      });
    }

    test("a label with a lone surrogate is refused", () => {
      assert.throws(() => request(options, { Key: "\ud800" }), URIError);
    });

    for (const [value, query] of [
      [{}, ["fixed", "x=y", "token=t"]],
      [{ Token: undefined }, ["fixed", "x=y", "token=token"]],
      [{ Version: "" }, ["fixed", "x=y", "version%20id=", "token=t"]],
      [{ Since: date }, ["fixed", "x=y", "since=2019-12-16T23%3A48%3A18Z", "token=t"]],
      [{ Tags: ["a&b", null, "c"] }, ["fixed", "x=y", "tag=a%26b", "tag=c", "token=t"]],
      [{ Tags: [] }, ["fixed", "x=y", "token=t"]],
      [
        { More: { token: "no", x: "no", fixed: "no", since: "yes", "a b": ["1", "2"] } },
        ["fixed", "x=y", "token=t", "since=yes", "a%20b=1", "a%20b=2"],
      ],
    ] as const) {
      test(`a query of ${JSON.stringify(value)}`, () => {
        assert.deepEqual(request(options, value).query, query);
      });
    }

    for (const [value, headers] of [
      [{ Acl: "" }, ["x-amz-acl", ""]],
      [{ Acl: "private", ContentType: "a/b" }, ["content-type", "a/b", "x-amz-acl", "private"]],
      [{ Modified: date }, ["if-modified-since", "Mon, 16 Dec 2019 23:48:18 GMT"]],
      [{ Names: ["a", "b,c", 'd"', "\\", ""] }, ["x-names", 'a, "b,c", "d\\"", \\, ']],
      [{ Names: [] }, ["x-names", ""]],
      [
        { Dates: [date, date] },
        ["x-dates", "Mon, 16 Dec 2019 23:48:18 GMT, Mon, 16 Dec 2019 23:48:18 GMT"],
      ],
      [{ Json: { a: 1 } }, ["x-json", "eyJhIjoxfQ=="]],
      [{ Flag: false }, ["x-flag", "false"]],
      [{ Metadata: { B: "1", a: "2", c: undefined } }, ["x-amz-meta-b", "1", "x-amz-meta-a", "2"]],
      [{ Metadata: { B: "1", b: "2" } }, ["x-amz-meta-b", "1"]],
    ] as const) {
      test(`headers of ${JSON.stringify(value)}`, () => {
        assert.deepEqual(request(options, value).headers, headers);
      });
    }

    test("headers are in the order of their names, the content type among them", () => {
      const { headers } = request(options, {
        Flag: true,
        Acl: "x",
        Modified: date,
        Body: "b",
        Json: "1",
      });
      const names = headers.filter((_, index) => index % 2 === 0);
      assert.deepEqual(names, [
        "content-type",
        "if-modified-since",
        "x-amz-acl",
        "x-flag",
        "x-json",
      ]);
      assert.equal(headers[1], "application/octet-stream");
    });

    for (const value of [
      { Acl: "a\r\nx: y" },
      { Acl: "\0" },
      { Names: ["a\nb"] },
      { Metadata: { a: "b\r" } },
      { Metadata: { "a\r\nb": "c" } },
      { Metadata: { "": "x", ä: "b" } },
    ]) {
      test(`headers cannot be broken out of: ${JSON.stringify(value)} (CL-19)`, () => {
        assert.throws(() => request(options, value), RangeError);
      });
    }

    test("a payload goes as it is: text, bytes, or a source", () => {
      assert.equal(request(options, { Body: "text" }).body, "text");
      const bytes = new Uint8Array([1]);
      assert.equal((request(options, { Body: bytes }).body as Buffer).buffer, bytes.buffer);
      const source = new Blob(["x"]);
      assert.deepEqual(request(options, { Body: source }).body, { source });
      assert.equal(request(options, {}).body, undefined);
      assert.deepEqual(request(options, {}).headers, []);
    });

    test("parse() reads headers, the status, and the members of the body that are the body's", () => {
      const headers = [
        "etag",
        '"x"',
        "content-length",
        "9007199254740993",
        "x-flag",
        "TRUE",
        "last-modified",
        "Mon, 16 Dec 2019 23:48:18 GMT",
        "x-names",
        'a, "b,c"',
        "x-names",
        '"\\"d\\""',
        "x-dates",
        "Mon, 16 Dec 2019 23:48:18 GMT, Mon, 16 Dec 2019 23:48:18 GMT",
        "x-numbers",
        "1,2, x",
        "x-json",
        "eyJhIjoxfQ==",
        "x-amz-meta-a",
        "1",
        "x-amz-meta-__proto__",
        "2",
        "etag",
        "second",
        "other",
        "z",
      ];
      const body = '{"Text":"t","renamed":"r","ETag":"not here","Metadata":{"x":"y"}}';
      const value = codec(options).parse(response(body, 201, headers));
      assert.deepEqual(value, {
        Text: "t",
        Renamed: "r",
        ETag: '"x"',
        Length: 9_007_199_254_740_993n,
        Flag: true,
        Modified: date,
        Names: ["a", "b,c", '"d"'],
        Dates: [date, date],
        Numbers: [1, 2],
        Json: '{"a":1}',
        Status: 201,
        Metadata: Object.fromEntries([
          ["a", "1"],
          ["__proto__", "2"],
        ]),
      });
    });

    test("parse() leaves out headers that are not what the model says", () => {
      const headers = ["content-length", "many", "x-flag", "perhaps", "last-modified", "0 or so"];
      assert.deepEqual(codec(options).parse(response("", 200, headers)), {
        Metadata: {},
        Status: 200,
      });
    });

    test("an empty payload is an empty value if there is a body, and absent if there is none", () => {
      const payload = structure("Out", [member("Payload", scalar("blob"))], { payload: "Payload" });
      const invoke = codec(options, { output: payload });
      assert.deepEqual(invoke.parse(response("", 202, ["content-length", "0"])), {
        Payload: Buffer.alloc(0),
      });
      assert.deepEqual(invoke.parse(response("", 200)), {});
    });

    test("a streaming output is named and not read", () => {
      const streamed = structure(
        "Out",
        [member("Body", scalar("blob"), { streaming: true }), inHeader("ETag", string, "etag")],
        { payload: "Body" },
      );
      const get = codec(options, { output: streamed });
      assert.equal(get.streamingOutput, "Body");
      assert.deepEqual(get.parse(response("", 200, ["etag", "x"])), { ETag: "x" });
    });

    test("unbound members make the body, {} when none is set; no such member, no body", () => {
      const body = structure("In", [
        member("A", string, { wireName: "a" }),
        member("Q", string, { location: "querystring" }),
      ]);
      const filled = draft();
      codec(options, { requestUri: "/", input: body }).serialize({ A: "x", Q: "q" }, filled);
      assert.deepEqual(
        [filled.body, filled.query, filled.headers],
        ['{"a":"x"}', ["Q=q"], ["content-type", "application/json"]],
      );
      const empty = draft();
      codec(options, { requestUri: "/", input: body }).serialize({}, empty);
      assert.equal(empty.body, "{}");
      const none = draft();
      codec(options, {
        requestUri: "/",
        input: structure("In", [member("Q", string, { location: "querystring" })]),
      }).serialize({}, none);
      assert.deepEqual([none.body, none.headers], [undefined, []]);
    });

    test("a label of the host must be one (RFC 1123)", () => {
      const hosted = codec(options, { requestUri: "/", hostPrefix: "{Acl}.data-", input });
      const filled = draft();
      hosted.serialize({ Acl: "123456789012" }, filled);
      assert.equal(filled.hostPrefix, "123456789012.data-");
      for (const label of ["evil.example.com/", "", "-a", "a".repeat(64), undefined]) {
        assert.throws(() => hosted.serialize({ Acl: label }, draft()), ParamValidationError);
      }
    });
  });
}
