import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { checksum } from "../checksum/checksum.ts";
import type { StreamingBody } from "../transport/transport.ts";
import {
  addAwsChunkedHeaders,
  awsChunked,
  awsChunkedLength,
  CHUNK_BYTES,
  type AwsChunkedOptions,
} from "./aws-chunked.ts";
import { ChunkSigner } from "./chunk-signer.ts";
import { RequestSigner, type SignableRequest } from "./request-signer.ts";

function body(pieces: readonly Uint8Array[], length?: number): StreamingBody {
  return {
    length: length ?? pieces.reduce((sum, piece) => sum + piece.length, 0),
    async *open() {
      yield* pieces;
    },
  };
}

async function read(stream: StreamingBody): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream.open()) pieces.push(piece);
  return Buffer.concat(pieces);
}

// The worked examples of "Signature calculations: transferring a payload in multiple chunks", with
// and without trailing headers (S3 API Reference): 65 KiB of the letter a.
const credentials = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};
const time = "20130524T000000Z";
const nowMs = Date.UTC(2013, 4, 24);
const data = Buffer.alloc(66_560, "a");
const s3 = new RequestSigner({
  region: "us-east-1",
  service: "s3",
  pathAsSent: true,
  contentSha256Header: true,
});

function putRequest(headers: string[]): SignableRequest {
  return {
    method: "PUT",
    path: "/examplebucket/chunkObject.txt",
    query: [],
    headers: [
      "host",
      "s3.amazonaws.com",
      "x-amz-storage-class",
      "REDUCED_REDUNDANCY",
      "content-encoding",
      "aws-chunked",
      "x-amz-decoded-content-length",
      "66560",
      ...headers,
    ],
  };
}

function chunkSigner(seedSignature: string): () => ChunkSigner {
  const key = s3.signingKey(credentials, time);
  return () => new ChunkSigner({ key, time, seedSignature });
}

test("awsChunked() signs the documentation's chunks", async () => {
  const request = putRequest(["content-length", "66824"]);
  const seed = s3.sign(request, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", credentials, nowMs);
  assert.equal(seed, "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9");
  const stream = awsChunked(body([data]), { signer: chunkSigner(seed) });
  assert.equal(stream.length, 66_824);
  const expected = [
    "10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
    "a".repeat(65_536),
    "400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
    "a".repeat(1024),
    "0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
    "",
    "",
  ];
  assert.equal((await read(stream)).toString(), expected.join("\r\n"));
});

test("awsChunked() signs the documentation's chunks and trailer", async () => {
  const request = putRequest(["x-amz-trailer", "x-amz-checksum-crc32c"]);
  const seed = s3.sign(request, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", credentials, nowMs);
  assert.equal(seed, "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e");
  const stream = awsChunked(body([data]), {
    signer: chunkSigner(seed),
    trailer: { name: "x-amz-checksum-crc32c", algorithm: "CRC32C" },
  });
  const expected = [
    "10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
    "a".repeat(65_536),
    "400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
    "a".repeat(1024),
    "0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
    "x-amz-checksum-crc32c:sOO8/Q==",
    "x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435",
    "",
    "",
  ];
  const bytes = await read(stream);
  assert.equal(bytes.toString(), expected.join("\r\n"));
  assert.equal(bytes.length, stream.length);
});

test("awsChunked() without signatures and trailer of nothing is the last chunk", async () => {
  const stream = awsChunked(body([]), {});
  assert.equal((await read(stream)).toString(), "0\r\n\r\n");
  assert.equal(stream.length, 5);
});

const trailer = { name: "x-amz-checksum-crc32", algorithm: "CRC32" } as const;

test("awsChunked() has the length that awsChunkedLength() says, and the data, for any pieces", async () => {
  const size = fc.oneof(
    fc.integer({ min: 0, max: 40 }),
    fc.integer({ min: CHUNK_BYTES - 2, max: CHUNK_BYTES + 2 }),
    fc.integer({ min: 2 * CHUNK_BYTES - 1, max: 2 * CHUNK_BYTES + 1 }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(size, { maxLength: 5 }),
      fc.boolean(),
      fc.boolean(),
      async (sizes, signed, withTrailer) => {
        const pieces = sizes.map((bytes, index) => Buffer.alloc(bytes, index));
        const whole = Buffer.concat(pieces);
        const options: AwsChunkedOptions = {
          signer: signed ? chunkSigner("0") : undefined,
          trailer: withTrailer ? trailer : undefined,
        };
        const bytes = await read(awsChunked(body(pieces), options));
        assert.equal(bytes.length, awsChunkedLength(whole.length, options));
        const { decoded, trailers } = decode(bytes);
        assert.ok(decoded.equals(whole));
        assert.equal(
          trailers[0],
          withTrailer ? `x-amz-checksum-crc32:${checksum("CRC32", whole)}` : "",
        );
      },
    ),
    { numRuns: 40 },
  );
});

/** Takes a framed body apart. */
function decode(bytes: Buffer): { decoded: Buffer; trailers: string[] } {
  const chunks: Buffer[] = [];
  for (let at = 0; ;) {
    const lineEnd = bytes.indexOf("\r\n", at);
    const size = Number.parseInt(bytes.toString("latin1", at, lineEnd), 16);
    at = lineEnd + 2;
    if (size === 0) {
      const trailers = bytes.toString("latin1", at).split("\r\n");
      return { decoded: Buffer.concat(chunks), trailers };
    }
    chunks.push(bytes.subarray(at, at + size));
    assert.equal(bytes.toString("latin1", at + size, at + size + 2), "\r\n");
    at += size + 2;
  }
}

for (const [given, message] of [
  [9, /given as 9 bytes, its source gave at least 10/],
  [11, /given as 11 bytes, its source gave 10/],
] as const) {
  test(`awsChunked() refuses a source of 10 bytes for ${given} (CL-8)`, async () => {
    const stream = awsChunked(body([Buffer.alloc(10)], given), { trailer });
    await assert.rejects(read(stream), { name: "TypeError", message });
  });
}

test("awsChunked() ends its source when it is left early", async () => {
  let ended = false;
  const source: StreamingBody = {
    length: 2 * CHUNK_BYTES,
    async *open() {
      try {
        yield Buffer.alloc(CHUNK_BYTES);
        yield Buffer.alloc(CHUNK_BYTES);
      } finally {
        ended = true;
      }
    },
  };
  for await (const piece of awsChunked(source, { trailer }).open()) {
    assert.ok(piece.length > 0);
    break;
  }
  assert.equal(ended, true);
});

test("addAwsChunkedHeaders() keeps other encodings in front", () => {
  const headers = ["content-encoding", "gzip"];
  addAwsChunkedHeaders(headers, 5, "x-amz-checksum-crc32");
  assert.deepEqual(headers, [
    "content-encoding",
    "gzip,aws-chunked",
    "x-amz-decoded-content-length",
    "5",
    "x-amz-trailer",
    "x-amz-checksum-crc32",
  ]);
  const plain: string[] = [];
  addAwsChunkedHeaders(plain, 0);
  assert.deepEqual(plain, ["content-encoding", "aws-chunked", "x-amz-decoded-content-length", "0"]);
});
