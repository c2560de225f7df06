import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { ResponseError, ResponseReader } from "./response-reader.ts";

interface Seen {
  status: number;
  functionFailed: boolean;
  errorType: string | undefined;
  body: string;
  keepAlive: boolean | undefined;
}

function collect(): { readonly reader: ResponseReader; readonly seen: Seen[] } {
  const seen: Seen[] = [];
  const reader = new ResponseReader({
    head: (head) => seen.push({ ...head, body: "", keepAlive: undefined }),
    body: (chunk) => {
      const last = seen.at(-1) ?? assert.fail("a body without a head");
      last.body += Buffer.from(chunk).toString("latin1");
    },
    end: (keepAlive) => {
      const last = seen.at(-1) ?? assert.fail("an end without a head");
      last.keepAlive = keepAlive;
    },
  });
  return { reader, seen };
}

function response(seen: Partial<Seen> = {}): Seen {
  return {
    status: 200,
    functionFailed: false,
    errorType: undefined,
    body: "",
    keepAlive: true,
    ...seen,
  };
}

const streams: readonly (readonly [name: string, bytes: string, expected: readonly Seen[]])[] = [
  [
    "a body with its length",
    "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
    [response({ body: "abc" })],
  ],
  ["no body", "HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n", [response({ status: 202 })]],
  ["204 without framing", "HTTP/1.1 204 No Content\r\n\r\n", [response({ status: 204 })]],
  [
    "chunks, extensions and trailers",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\nA \r\n0123456789\r\n0\r\nT: 1\r\n\r\n",
    [response({ body: "abc0123456789" })],
  ],
  [
    "chunked over a length",
    "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
    [response({ body: "a" })],
  ],
  [
    "a function error",
    "HTTP/1.1 200 OK\r\nX-Amz-Function-Error: Unhandled\r\nContent-Length: 2\r\n\r\n{}",
    [response({ functionFailed: true, body: "{}" })],
  ],
  [
    "a host error",
    "HTTP/1.1 429 \r\nx-amzn-ErrorType: TooManyRequestsException:http://x\r\ncontent-length:0\r\n\r\n",
    [response({ status: 429, errorType: "TooManyRequestsException" })],
  ],
  [
    "Connection: close",
    "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
    [response({ keepAlive: false })],
  ],
  [
    "HTTP/1.0 without and with keep-alive",
    "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n",
    [response({ keepAlive: false }), response()],
  ],
  [
    "an interim response",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na",
    [response({ body: "a" })],
  ],
  [
    "two in one piece",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\naHTTP/1.1 500 X\r\nContent-Length: 1\r\n\r\nb",
    [response({ body: "a" }), response({ status: 500, body: "b" })],
  ],
];

describe("ResponseReader", () => {
  for (const [name, bytes, expected] of streams) {
    test(`reads ${name}, however it is cut`, () => {
      fc.assert(
        fc.property(fc.array(fc.nat(bytes.length)), (cuts) => {
          const { reader, seen } = collect();
          const places = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
          for (let index = 1; index < places.length; index += 1) {
            const piece = bytes.slice(places[index - 1], places[index]);
            reader.push(Buffer.from(piece, "latin1"));
          }
          reader.close();
          assert.deepEqual(seen, expected);
        }),
        { numRuns: 50 },
      );
    });
  }

  test("reads a body without framing up to the close", () => {
    const { reader, seen } = collect();
    reader.push(Buffer.from("HTTP/1.1 200 OK\r\n\r\nabc"));
    assert.equal(seen[0]?.keepAlive, undefined);
    reader.close();
    assert.deepEqual(seen, [response({ body: "abc", keepAlive: false })]);
  });

  for (const [name, bytes] of [
    ["something that is not HTTP", "SSH-2.0-OpenSSH\r\n\r\n"],
    ["HTTP/2", "HTTP/2 200\r\n\r\n"],
    ["a bad length", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"],
    ["a bad chunk size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"],
    [
      "a chunk that does not end",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
    ],
    ["a head without an end", `HTTP/1.1 200 OK\r\nA: ${"x".repeat(70_000)}`],
    [
      "a line without an end",
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${"1".repeat(9000)}`,
    ],
  ] as const) {
    test(`refuses ${name}`, () => {
      assert.throws(() => collect().reader.push(Buffer.from(bytes)), ResponseError);
    });
  }

  for (const bytes of ["HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na"]) {
    test(`refuses a close after '${JSON.stringify(bytes)}'`, () => {
      const { reader } = collect();
      reader.push(Buffer.from(bytes));
      assert.throws(() => reader.close(), ResponseError);
    });
  }

  test("throws nothing but a ResponseError, whatever arrives", () => {
    const piece = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("HTTP/1.1 200 OK\r\n", "Content-Length: 1\r\n", "\r\n", "0\r\n"),
      fc.constantFrom("Transfer-Encoding: chunked\r\n", "\r\n\r\n", "a"),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const { reader } = collect();
        try {
          for (const text of pieces) reader.push(Buffer.from(text, "latin1"));
          reader.close();
        } catch (error) {
          assert.ok(error instanceof ResponseError);
        }
      }),
    );
  });
});
