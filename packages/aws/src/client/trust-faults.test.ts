import assert from "node:assert/strict";
import { crc32, gzipSync } from "node:zlib";
import type { Socket } from "node:net";
import { describe, it } from "node:test";
import {
  answers,
  failure,
  failureOf,
  json,
  keys,
  quiet,
  type Received,
  response,
  startServer,
} from "./client-fixture.test.ts";
import {
  AwsClientError,
  ChecksumError,
  CredentialsError,
  ResponseParseError,
  ServiceError,
} from "./errors.ts";
import { Session } from "./session.ts";

const input = { TableName: "t", Key: { id: { S: "1" } } };
const object = { Bucket: "b", Key: "k" };
const hour = 3_600_000;

const skewed = (now: number): Buffer =>
  failure("InvalidSignatureException", 400, { date: new Date(now).toUTCString() });
const signedAt = ({ headers }: Received): number => {
  const [, y, mo, d, h, mi, s] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(headers["x-amz-date"] ?? "") ?? [];
  return Date.UTC(Number(y), Number(mo) - 1, Number(d), Number(h), Number(mi), Number(s));
};
const near = (received: Received, time: number): boolean =>
  Math.abs(signedAt(received) - time) < 60_000;

const endless = (head: string, piece: string) => (socket: Socket) => {
  socket.write(head);
  const write = (): void => {
    while (!socket.destroyed && socket.write(piece));
  };
  socket.on("drain", write);
  write();
};

const isOld = ({ headers }: Received): boolean =>
  (headers["authorization"] ?? "").includes("Credential=AKID1/");

function sealed(): Promise<never> {
  return Promise.reject(new Error("the vault is sealed"));
}

function crcOf(body: string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(body));
  return bytes.toString("base64");
}

describe("CL-9: checksums", { timeout: 30_000 }, () => {
  const checked = { responseChecksumValidation: "WHEN_SUPPORTED" } as const;
  const good = response(200, "hello", { "x-amz-checksum-crc32": crcOf("hello") });
  const bad = response(200, "hellO", { "x-amz-checksum-crc32": crcOf("hello") });

  it("CL-9: a buffered body is fetched again, then ChecksumError", async () => {
    await using server = await startServer(({ index }) => (index === 0 ? bad : good));
    await using client = server.session(checked).client("s3");
    const { Body, $metadata } = await client.getObject(object);
    assert.equal(await Body?.text(), "hello");
    assert.equal($metadata.attempts, 2);
    assert.equal(server.requests[0]?.headers["x-amz-checksum-mode"], "ENABLED");
    await using other = await startServer(() => bad);
    await using failing = other.session(checked).client("s3");
    const error = await failureOf(failing.getObject(object));
    assert.ok(error instanceof ChecksumError);
    assert.equal(error.algorithm, "CRC32");
    assert.equal(error.expected, crcOf("hello"));
    assert.equal(error.actual, crcOf("hellO"));
    assert.equal(error.$metadata?.attempts, 3);
  });

  it("CL-9: a stream fails at its end", async () => {
    await using server = await startServer(() => bad);
    await using client = server.session(checked).client("s3");
    const read = async (how: "bytes" | "iterate" | "web" | "node"): Promise<number> => {
      const { Body } = await client.getObject(object, { body: "stream" });
      assert.ok(Body);
      let bytes = 0;
      if (how === "bytes") return (await Body.bytes()).length;
      const source = how === "iterate" ? Body : how === "web" ? Body.webStream() : Body.stream();
      for await (const chunk of source) bytes += (chunk as Buffer).length;
      return bytes;
    };
    for (const how of ["bytes", "iterate", "web", "node"] as const) {
      await assert.rejects(read(how), ChecksumError, how);
    }
  });

  it("CL-9: DynamoDB's CRC-32 of the body", async () => {
    const text = '{"Item":{"id":{"S":"1"}}}';
    const crc = String(crc32(text));
    await using server = await startServer(({ index }) =>
      response(200, index === 0 ? text.replace("1", "2") : text, { "x-amz-crc32": crc }),
    );
    await using client = server.session().client("dynamodb");
    const { Item, $metadata } = await client.getItem(input);
    assert.deepEqual(Item, { id: { S: "1" } });
    assert.equal($metadata.attempts, 2);
  });

  it("CL-9: an event's checksum", async () => {
    await using server = await startServer(() =>
      response(200, Buffer.alloc(64, 1), { "content-type": "application/vnd.amazon.eventstream" }),
    );
    await using client = server.session().client("lambda");
    const { EventStream } = await client.invokeWithResponseStream({ FunctionName: "f" });
    await assert.rejects(async () => {
      for await (const event of EventStream ?? []) assert.fail(Object.keys(event).join());
    }, ChecksumError);
  });
});

describe("CL-12: credentials that end", { timeout: 30_000 }, () => {
  it("CL-12: while 64 calls run: one refresh, all succeed", async () => {
    let given = 0;
    const credentials = async (): Promise<object> => {
      given++;
      await new Promise((resolve) => void setImmediate(resolve));
      return { ...keys, accessKeyId: `AKID${given}`, expiration: new Date(Date.now() + hour) };
    };
    let expired = false;
    await using server = await startServer((received) =>
      expired && isOld(received) ? failure("ExpiredTokenException", 400) : json({}),
    );
    await using client = server
      .session({ credentials: credentials as () => Promise<typeof keys> })
      .client("dynamodb");
    await client.getItem(input);
    expired = true;
    const outputs = await Promise.all(Array.from({ length: 64 }, () => client.getItem(input)));
    assert.equal(given, 2);
    assert.ok(outputs.every(({ $metadata }) => $metadata.attempts <= 2));
    assert.ok(outputs.every(({ $metadata }) => $metadata.totalRetryDelay === 0));
    assert.equal(server.requests.filter(isOld).length, 1 + 64);
  });

  it("CL-12: keys that stay expired are repeated once", async () => {
    await using server = await startServer(() => failure("ExpiredToken", 400));
    let given = 0;
    const credentials = (): Promise<typeof keys & { expiration: Date }> =>
      Promise.resolve({
        ...keys,
        secretAccessKey: `${given++}`,
        expiration: new Date(Date.now() + hour),
      });
    await using client = server.session({ credentials }).client("dynamodb");
    await assert.rejects(client.getItem(input), { code: "ExpiredToken" });
    assert.equal(server.requests.length, 2);
    assert.equal(given, 2);
  });

  it("CL-12: keys without end are not asked for again", async () => {
    await using server = await startServer(() => failure("ExpiredToken", 400));
    await using client = server.session().client("dynamodb");
    await assert.rejects(client.getItem(input), { code: "ExpiredToken" });
    assert.equal(server.requests.length, 1);
  });

  it("CL-12: a provider that fails ends each waiting call with an error of its own", async () => {
    await using server = await startServer(() => json({}));
    await using client = server.session({ credentials: sealed }).client("dynamodb");
    const errors = await Promise.all([1, 2, 3].map(() => failureOf(client.getItem(input))));
    for (const error of errors) {
      assert.ok(error instanceof CredentialsError);
      assert.match(error.message, /the vault is sealed/);
      assert.equal(error.providers.length, 1);
      assert.equal(error.$metadata?.attempts, 0);
    }
    assert.equal(new Set(errors).size, 3);
    assert.equal(server.requests.length, 0);
  });
});

describe("CL-13: the clock", { timeout: 30_000 }, () => {
  it("CL-13: the offset is learned, the call repeated once, later calls use it", async () => {
    await using server = await startServer((received) =>
      near(received, Date.now() + hour) ? json({}) : skewed(Date.now() + hour),
    );
    await using client = server.session().client("dynamodb", { maxAttempts: 1 });
    const { $metadata } = await client.getItem(input);
    assert.equal($metadata.attempts, 2);
    assert.equal($metadata.totalRetryDelay, 0);
    assert.equal((await client.getItem(input)).$metadata.attempts, 1);
    // Variants of the client have the same clock.
    assert.equal((await client.getItem(input, { region: "eu-west-1" })).$metadata.attempts, 1);
    assert.equal(server.requests.length, 4);
    assert.match(await client.presign.getItem(input).catch(String), /cannot be sent in a URL/);
  });

  it("CL-13: a clock that is right is no reason to repeat", async () => {
    await using server = await startServer(() => skewed(Date.now() + 60_000));
    await using client = server.session().client("dynamodb");
    await assert.rejects(client.getItem(input), { code: "InvalidSignatureException" });
    assert.equal(server.requests.length, 1);
  });

  it("CL-13: a server whose clock runs away is asked twice", async () => {
    await using server = await startServer(({ index }) => skewed(Date.now() + (index + 1) * hour));
    await using client = server.session().client("dynamodb");
    await assert.rejects(client.getItem(input), { code: "InvalidSignatureException" });
    assert.equal(server.requests.length, 2);
  });
});

describe("CL-19: hostile servers", { timeout: 60_000 }, () => {
  const head = "HTTP/1.1 200 OK\r\n";
  const deep = 100_000;
  const hostile: Readonly<Record<string, Buffer | ((socket: Socket) => void)>> = {
    "a million headers": endless(head, "a: b\r\n".repeat(1000)),
    "an endless header": endless(`${head}a: `, "b".repeat(65_536)),
    "endless interim answers": endless("", "HTTP/1.1 100 Continue\r\n\r\n".repeat(100)),
    "an endless error": endless("HTTP/1.1 500 X\r\n\r\n", "x".repeat(65_536)),
    "an error of a petabyte": endless(
      "HTTP/1.1 500 X\r\ncontent-length: 1125899906842624\r\n\r\n",
      "x".repeat(65_536),
    ),
    "an answer of a petabyte": endless(
      `${head}content-length: 1125899906842624\r\n\r\n`,
      "x".repeat(65_536),
    ),
    "a chunk of a petabyte": endless(
      `${head}transfer-encoding: chunked\r\n\r\n4000000000000\r\n`,
      "x".repeat(65_536),
    ),
    "two lengths": Buffer.from(`${head}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`),
    "nested lists": response(200, "[".repeat(deep)),
    "nested objects": response(200, '{"Item":'.repeat(deep)),
    "nested values": response(200, `{"Item":{"a":${'{"M":{"a":'.repeat(deep)}`),
    "a compressed bomb": response(200, gzipSync(Buffer.alloc(1_000_000)), {
      "content-encoding": "gzip",
    }),
    "text that is no UTF-8": response(200, Buffer.from([0x7b, 0xff, 0xfe])),
    "a NUL": response(200, "\0"),
  };
  for (const [name, answer] of Object.entries(hostile)) {
    it(`CL-19: ${name} ends in a bounded error`, async () => {
      await using server = await startServer(() => answer);
      await using client = server.session().client("dynamodb", {
        maxAttempts: 2,
        bodyTimeout: 100,
        attemptTimeout: 1000,
      });
      const before = process.memoryUsage().rss;
      const error = await failureOf(client.getItem(input));
      assert.ok(error instanceof AwsClientError, String(error));
      assert.ok(process.memoryUsage().rss - before < 500 * 1024 * 1024);
      await client.close();
      await server.closed();
    });
  }

  const documents: Readonly<Record<string, string>> = {
    "nested elements": "<a>".repeat(deep),
    "entity expansion":
      '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "cccc"><!ENTITY d "&b;&b;">]><ListBucketResult><Name>&d;</Name></ListBucketResult>',
    "no XML": "{}",
    "an open element": "<ListBucketResult><Name>",
  };
  for (const [name, document] of Object.entries(documents)) {
    it(`CL-19: XML with ${name}`, async () => {
      await using server = await startServer(() => response(200, document));
      await using client = server.session().client("s3", { maxAttempts: 1 });
      const error = await failureOf(client.listObjectsV2({ Bucket: "b" }));
      assert.ok(error instanceof ResponseParseError, String(error));
    });
  }

  it("CL-19: CBOR with a length of a petabyte and nested arrays", async () => {
    const cbor = { "content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor" };
    for (const bytes of [Buffer.from("bb0004000000000000", "hex"), Buffer.alloc(deep, 0x81)]) {
      await using server = await startServer(() => response(200, bytes, cbor));
      await using client = server.session().client("cloudwatch", {
        protocol: "rpcv2Cbor",
        maxAttempts: 1,
      });
      assert.ok((await failureOf(client.listMetrics())) instanceof ResponseParseError);
    }
  });

  it("CL-19: names that are special in JavaScript change no prototype", async () => {
    const text =
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"Item":{"__proto__":{"S":"x"}}}';
    await using server = await startServer(({ index }) =>
      index === 0
        ? response(200, text)
        : response(400, '{"__type":"__proto__","message":"m","__proto__":{"polluted":1}}'),
    );
    await using client = server.session().client("dynamodb");
    const { Item } = await client.getItem(input);
    assert.deepEqual(Object.keys(Item ?? {}), ["__proto__"]);
    const error = await failureOf(client.getItem(input));
    assert.ok(error instanceof ServiceError);
    assert.equal(({} as { polluted?: number }).polluted, undefined);
    assert.equal((error as { polluted?: number }).polluted, undefined);
  });

  it("CL-19: a header that breaks lines is refused before anything is sent", async () => {
    await using server = await startServer(() => json({}));
    await using client = server.session().client("dynamodb");
    const headers = { "x-a": "1\r\nx-evil: 2" };
    await assert.rejects(client.getItem(input, { headers }), TypeError);
    await assert.rejects(client.getItem(input, { headers: { "x a": "1" } }), TypeError);
    assert.equal(server.requests.length, 0);
  });

  it("CL-19: a redirect region that is none", async () => {
    await using server = await startServer(() =>
      response(301, "<Error><Code>PermanentRedirect</Code></Error>", {
        "x-amz-bucket-region": "evil.example/",
      }),
    );
    await using client = server.session().client("s3");
    const error = await failureOf(client.listObjectsV2({ Bucket: "b20" }));
    assert.ok(error instanceof AwsClientError);
    assert.equal(server.requests.length, 1);
  });
});

describe("CL-20: plain HTTP", { timeout: 30_000 }, () => {
  const hosts: readonly (readonly [string, boolean])[] = [
    ["127.0.0.1", false],
    ["localhost", false],
    ["minio", false],
    ["10.1.2.3", false],
    ["172.16.0.1", false],
    ["192.168.1.1", false],
    ["169.254.1.1", false],
    ["[::1]", false],
    ["[fd00::1]", false],
    ["store.internal", false],
    ["172.32.0.1", true],
    ["8.8.8.8", true],
    ["[2001:db8::1]", true],
    ["store.example.com", true],
    ["10.example.com", true],
  ];
  for (const [host, warns] of hosts) {
    it(`CL-20: ${warns ? "warns once of" : "says nothing of"} ${host}`, async () => {
      const warnings: string[] = [];
      const logger = { warn: (message: string) => void warnings.push(message) };
      const endpoint = `http://${host}:9000`;
      const client = new Session({ ...quiet, logger, endpoint }).client("dynamodb", {
        transport: answers(),
      });
      await client.getItem(input);
      await client.getItem(input, { region: "eu-west-1" });
      await client.listTables();
      assert.equal(warnings.length, warns ? 1 : 0);
      if (warns) assert.ok(warnings[0]?.includes(`"${endpoint}" without TLS`), warnings[0]);
    });
  }

  it("CL-20: says nothing of HTTPS, or without credentials", async () => {
    const warnings: string[] = [];
    const logger = { warn: (message: string) => void warnings.push(message) };
    const session = new Session({ ...quiet, logger });
    const options = { transport: answers() };
    await session
      .client("dynamodb", { ...options, endpoint: "https://store.example.com" })
      .getItem(input);
    await session
      .client("dynamodb", { ...options, endpoint: "http://store.example.com", credentials: false })
      .getItem(input);
    assert.deepEqual(warnings, []);
  });
});
