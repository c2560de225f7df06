import assert from "node:assert/strict";
import { createServer } from "node:https";
import type { IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { makeAuthority } from "../transport/tls-fixture.test.ts";
import { failureOf, keys, quiet } from "./client-fixture.test.ts";
import { ConnectionError } from "./errors.ts";
import { Session } from "./session.ts";

const { ca, cert, key, clientCert, clientKey } = makeAuthority();

interface Sent {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

async function* once(): AsyncGenerator<Uint8Array> {
  yield Buffer.from("hel");
  yield await Promise.resolve(Buffer.from("lo"));
}

/** An HTTPS server that answers with nothing, and what it was sent. */
async function startTls(
  options: object = {},
): Promise<AsyncDisposable & { readonly url: string; readonly sent: Sent[] }> {
  const sent: Sent[] = [];
  const server = createServer({ cert, key, ...options }, (request, answer) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      sent.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      answer.end();
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sent,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}

const target = { Bucket: "b", Key: "k", ContentLength: 5 };

describe("calls over TLS", { timeout: 30_000 }, () => {
  it("a stream goes as it is to a store that may not know chunks, unsigned", async () => {
    await using server = await startTls();
    await using s3 = new Session({ ...quiet, endpoint: server.url, ca }).client("s3");
    await s3.putObject({ ...target, Body: once() });
    const [{ headers, body } = { headers: {}, body: "" }] = server.sent;
    assert.equal(body, "hello");
    assert.equal(headers["x-amz-content-sha256"], "UNSIGNED-PAYLOAD");
    assert.equal(headers["content-length"], "5");
    assert.equal(headers["content-encoding"], undefined);
    assert.equal(headers["x-amz-trailer"], undefined);
  });

  it("bytes with a checksum are unsigned, and signed where the option asks for it", async () => {
    await using server = await startTls();
    const requestChecksumCalculation = "WHEN_SUPPORTED";
    const options = { ...quiet, endpoint: server.url, ca, requestChecksumCalculation } as const;
    await using s3 = new Session(options).client("s3");
    await using signing = new Session({ ...options, payloadSigning: true }).client("s3");
    await s3.putObject({ ...target, Body: "hello" });
    await signing.putObject({ ...target, Body: "hello" });
    const [one, other] = server.sent;
    assert.equal(one?.headers["x-amz-checksum-crc32"], "NhCmhg==");
    assert.equal(one.headers["x-amz-content-sha256"], "UNSIGNED-PAYLOAD");
    assert.equal(
      other?.headers["x-amz-content-sha256"],
      "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
    );
  });

  it("CL-1: an authority that is not known is a ConnectionError, with the remedy", async () => {
    await using server = await startTls();
    await using client = new Session({ ...quiet, endpoint: server.url }).client("s3");
    const error = await failureOf(client.headBucket({ Bucket: "b" }));
    assert.ok(error instanceof ConnectionError);
    assert.match(error.message, /set `ca` or AWS_CA_BUNDLE/);
    assert.equal(error.$metadata?.attempts, 3);
    await using trusting = new Session({
      ...quiet,
      endpoint: server.url,
      rejectUnauthorized: false,
    }).client("s3");
    await trusting.headBucket({ Bucket: "b" });
  });

  it("a client certificate is shown", async () => {
    await using server = await startTls({ requestCert: true, rejectUnauthorized: true, ca });
    const options = { ...quiet, endpoint: server.url, ca, maxAttempts: 1 };
    await using without = new Session(options).client("s3");
    await assert.rejects(without.headBucket({ Bucket: "b" }), { name: "ConnectionError" });
    await using client = new Session({ ...options, cert: clientCert, key: clientKey }).client("s3");
    await client.headBucket({ Bucket: "b" });
    assert.match(String(server.sent[0]?.headers.authorization), new RegExp(keys.accessKeyId));
  });
});
