import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ServiceError } from "../client/errors.ts";
import {
  type Answer,
  clientOf,
  type Received,
  type Script,
  startServer,
} from "./scripted-server-fixture.test.ts";

const error = (code: string, more = ""): string =>
  `<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message>${more}</Error>`;

const regionOf = ({ headers }: Received): string =>
  /Credential=[^/]+\/\d+\/([^/]+)\//.exec(headers["authorization"] ?? "")?.[1] ?? "";

/** Answers well in eu-west-1 only. */
function elsewhere(refusal: (request: Received) => Answer): Script {
  return (request) => (regionOf(request) === "eu-west-1" ? { body: "" } : refusal(request));
}

const header = { "x-amz-bucket-region": "eu-west-1" };

const refusals: [name: string, operation: string, refusal: Answer][] = [
  [
    "301 with the header",
    "GetObject",
    { status: 301, headers: header, body: error("PermanentRedirect") },
  ],
  [
    "301 with the body's region",
    "GetObject",
    { status: 301, body: error("PermanentRedirect", "<Region>eu-west-1</Region>") },
  ],
  ["307", "PutObject", { status: 307, headers: header, body: error("TemporaryRedirect") }],
  ["302", "GetObject", { status: 302, headers: header }],
  [
    "a malformed authorization",
    "GetObject",
    { status: 400, body: error("AuthorizationHeaderMalformed", "<Region>eu-west-1</Region>") },
  ],
  [
    "an illegal location constraint",
    "DeleteObject",
    { status: 400, headers: header, body: error("IllegalLocationConstraintException") },
  ],
  ["HeadObject with 301", "HeadObject", { status: 301, headers: header }],
  ["HeadObject with 400", "HeadObject", { status: 400, headers: header }],
  ["HeadBucket with 301", "HeadBucket", { status: 301, headers: header }],
  ["HeadBucket with 400", "HeadBucket", { status: 400, headers: header }],
];

let number = 0;
/** A bucket that no other test has learned of. */
const newBucket = (): string => `moved-bucket-${++number}`;

function inputOf(operation: string, Bucket: string): Record<string, string> {
  return operation === "HeadBucket" ? { Bucket } : { Bucket, Key: "k" };
}

/** Only the answer to HeadBucket says where. */
function withoutRegion({ method, path }: Received): Answer {
  return method === "HEAD" && path === "/"
    ? { status: 301, headers: header }
    : { status: 301, body: error("PermanentRedirect") };
}

describe("otherBucketRegion() repeats a call in the bucket's region (CL-18)", () => {
  for (const [name, operation, refusal] of refusals) {
    test(`after ${name}, and remembers it`, async (t) => {
      const server = await startServer(
        t,
        elsewhere(() => refusal),
      );
      const client = clientOf(t, "s3", server);
      const Bucket = newBucket();
      const output = await client.call(operation, inputOf(operation, Bucket));
      assert.deepEqual(server.requests.map(regionOf), ["us-east-1", "eu-west-1"]);
      assert.equal(server.requests[1]?.host, `${Bucket}.s3.eu-west-1.amazonaws.com`);
      assert.equal((output["$metadata"] as { attempts: number }).attempts, 2);
      await clientOf(t, "s3", server).call(operation, inputOf(operation, Bucket));
      assert.equal(regionOf(server.requests[2] as Received), "eu-west-1", "remembered");
      const url = await client.presign["getObject"]?.({ Bucket, Key: "k" });
      assert.equal(new URL(url ?? "").host, `${Bucket}.s3.eu-west-1.amazonaws.com`);
    });
  }

  test("asks HeadBucket when the answer does not say which", async (t) => {
    const server = await startServer(t, elsewhere(withoutRegion));
    await clientOf(t, "s3", server).call("GetObject", { Bucket: newBucket(), Key: "k" });
    assert.deepEqual(
      server.requests.map((request) => `${request.method} ${regionOf(request)}`),
      ["GET us-east-1", "HEAD us-east-1", "GET eu-west-1"],
    );
  });

  test("sends a body again, but not one that can be read only once", async (t) => {
    const server = await startServer(
      t,
      elsewhere(() => ({ status: 307, headers: header, body: error("TemporaryRedirect") })),
    );
    const client = clientOf(t, "s3", server);
    const input = { Bucket: newBucket(), Key: "k", Body: () => [Buffer.from("bytes")] };
    await client.call("PutObject", { ...input, ContentLength: 5 });
    assert.deepEqual(server.requests.map(regionOf), ["us-east-1", "eu-west-1"]);
    const Body = new ReadableStream({
      start(controller) {
        controller.enqueue(Buffer.from("bytes"));
        controller.close();
      },
    });
    const call = client.call("PutObject", {
      Bucket: newBucket(),
      Key: "k",
      Body,
      ContentLength: 5,
    });
    await assert.rejects(call, { code: "TemporaryRedirect" });
    assert.equal(server.requests.length, 3);
  });

  const kept: [name: string, operation: string, input: object, options: object, refusal: Answer][] =
    [
      [
        "for ARNs",
        "GetObject",
        { Bucket: "arn:aws:s3:us-east-1:123456789012:accesspoint/ap", Key: "k" },
        {},
        { status: 301, headers: header, body: error("PermanentRedirect") },
      ],
      [
        "when redirects are switched off",
        "GetObject",
        { Bucket: "switched-off", Key: "k" },
        { followRegionRedirects: false },
        { status: 301, headers: header, body: error("PermanentRedirect") },
      ],
      [
        "when CreateBucket names a wrong region",
        "CreateBucket",
        { Bucket: "to-be-created" },
        {},
        { status: 400, headers: header, body: error("IllegalLocationConstraintException") },
      ],
      [
        "for other errors",
        "GetObject",
        { Bucket: "not-there", Key: "k" },
        {},
        { status: 404, headers: header, body: error("NoSuchBucket") },
      ],
      [
        "to the region that refused",
        "GetObject",
        { Bucket: "same-region", Key: "k" },
        {},
        {
          status: 301,
          headers: { "x-amz-bucket-region": "us-east-1" },
          body: error("PermanentRedirect"),
        },
      ],
      [
        "to what is no region",
        "GetObject",
        { Bucket: "evil-region", Key: "k" },
        {},
        {
          status: 301,
          headers: { "x-amz-bucket-region": "evil.example/#" },
          body: error("PermanentRedirect"),
        },
      ],
    ];
  for (const [name, operation, input, options, refusal] of kept) {
    test(`never ${name}`, async (t) => {
      const server = await startServer(
        t,
        elsewhere(() => refusal),
      );
      const call = clientOf(t, "s3", server, options).call(operation, { ...input });
      await assert.rejects(call, (reason: ServiceError) => reason instanceof Error);
      assert.equal(server.requests.length, 1);
    });
  }

  test("what is no region is not remembered either", async (t) => {
    const headers = { "x-amz-bucket-region": "evil.example/#" };
    const refusal = { status: 301, headers, body: error("PermanentRedirect") };
    const server = await startServer(t, [refusal, { body: "x" }]);
    const client = clientOf(t, "s3", server);
    const input = { Bucket: newBucket(), Key: "k" };
    await assert.rejects(client.call("GetObject", input), { code: "PermanentRedirect" });
    await client.call("GetObject", input);
    assert.equal(server.requests[1]?.host, server.requests[0]?.host);
  });

  test("a region that was learned is not for clients that follow no redirects, nor for other partitions", async (t) => {
    const server = await startServer(
      t,
      elsewhere(() => ({ status: 301, headers: header, body: error("PermanentRedirect") })),
    );
    const input = { Bucket: newBucket(), Key: "k" };
    await clientOf(t, "s3", server).call("GetObject", input);
    for (const options of [{ followRegionRedirects: false }, { region: "cn-north-1" }]) {
      server.requests.length = 0;
      const client = clientOf(t, "s3", server, options);
      await client.call("GetObject", input).catch(() => undefined);
      assert.equal(regionOf(server.requests[0] as Received), options.region ?? "us-east-1");
    }
  });

  test("never twice in one call", async (t) => {
    const next: Readonly<Record<string, string>> = {
      "us-east-1": "eu-west-1",
      "eu-west-1": "eu-west-2",
    };
    const server = await startServer(t, (request) => ({
      status: 301,
      headers: { "x-amz-bucket-region": next[regionOf(request)] ?? "us-west-2" },
      body: error("PermanentRedirect"),
    }));
    const call = clientOf(t, "s3", server).call("GetObject", { Bucket: newBucket(), Key: "k" });
    await assert.rejects(call, { code: "PermanentRedirect" });
    assert.deepEqual(server.requests.map(regionOf), ["us-east-1", "eu-west-1"]);
  });
});
