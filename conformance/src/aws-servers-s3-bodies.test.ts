// Bodies that are not in memory, on a server that verifies how they are signed: hashed before, in signed
// chunks, or with a checksum in a trailer.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, before, describe, test } from "node:test";
import { type ClientOptions, Session } from "@lambdad/aws";
import {
  type AwsServer,
  type SecureAwsServer,
  serverCredentials,
  startSecureVersitygw,
  startVersitygw,
} from "./aws-servers.ts";
import { versitygw } from "./install/aws-parts.ts";
import { prepare } from "./prepare.ts";

const folder = await prepare(versitygw);
const bucket = "conformance-bodies";
const checksums = ["WHEN_REQUIRED", "WHEN_SUPPORTED"] as const;
const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index * 7));

/** Each is made for one call. */
function oneTime() {
  return {
    readable: { Body: Readable.from([bytes.subarray(0, 7), bytes.subarray(7)]), expected: bytes },
    web: { Body: new Blob([bytes]).stream(), expected: bytes },
  };
}

describe("S3 bodies", { skip: folder === undefined }, () => {
  let server: AwsServer;
  let secure: SecureAwsServer;
  let place: string;
  let session: Session;

  before(async () => {
    place = await mkdtemp(join(tmpdir(), "lambdad-conformance-"));
    await writeFile(join(place, "file"), bytes);
    server = await startVersitygw(folder ?? "");
    secure = await startSecureVersitygw(folder ?? "");
    session = new Session({ region: "us-east-1", credentials: serverCredentials });
    for (const options of [plain(), overTls()]) {
      await session.client("s3", options).createBucket({ Bucket: bucket });
    }
  });
  after(async () => {
    await session?.close();
    await Promise.all([server?.stop(), secure?.stop()]);
    await rm(place, { recursive: true, force: true });
  });

  const plain = (): ClientOptions => ({ endpoint: server.endpoint });
  const overTls = (): ClientOptions => ({ endpoint: secure.endpoint, ca: secure.ca });

  function replayable() {
    return {
      blob: { Body: new Blob([bytes]), expected: bytes },
      file: { Body: { path: join(place, "file") }, expected: bytes },
      part: {
        Body: { path: join(place, "file"), start: 1_000, end: 2_000 },
        expected: bytes.subarray(1_000, 2_000),
      },
    };
  }

  async function putAndGet(
    options: ClientOptions,
    bodies: Readonly<Record<string, { readonly Body: object; readonly expected: Buffer }>>,
  ): Promise<void> {
    const s3 = session.client("s3", options);
    for (const [Key, { Body, expected }] of Object.entries(bodies)) {
      const ContentLength = expected.length;
      await s3.putObject({ Bucket: bucket, Key, Body: Body as Blob, ContentLength });
      const got = await s3.getObject({ Bucket: bucket, Key }, { body: "stream" });
      const pieces: Uint8Array[] = [];
      for await (const piece of got.Body ?? []) pieces.push(Uint8Array.from(piece));
      assert.ok(Buffer.concat(pieces).equals(expected), Key);
    }
  }

  for (const requestChecksumCalculation of checksums) {
    test(`what can be read twice is hashed before (${requestChecksumCalculation})`, async () => {
      await putAndGet({ ...plain(), requestChecksumCalculation }, replayable());
    });

    test(`streams are signed in chunks where it is asked for (${requestChecksumCalculation})`, async () => {
      const options = { ...plain(), requestChecksumCalculation, payloadSigning: true };
      await putAndGet(options, { ...oneTime(), ...replayable() });
    });

    test(`over TLS streams are not hashed (${requestChecksumCalculation})`, async () => {
      const options = { ...overTls(), requestChecksumCalculation };
      await putAndGet(options, { ...oneTime(), ...replayable() });
    });

    test(`over TLS chunks are signed where it is asked for (${requestChecksumCalculation})`, async () => {
      const options = { ...overTls(), requestChecksumCalculation, payloadSigning: true };
      await putAndGet(options, { ...oneTime(), ...replayable() });
    });
  }

  test("a stream that can be read once is not sent unsigned over plain HTTP", async () => {
    const { readable } = oneTime();
    const input = { Bucket: bucket, Key: "refused", Body: readable.Body, ContentLength: 1 };
    const call = session.client("s3", plain()).putObject(input);
    await assert.rejects(call, { name: "ParamValidationError", path: "Body" });
  });

  test("a certificate that nobody vouches for is refused", async () => {
    const s3 = session.client("s3", { endpoint: secure.endpoint, maxAttempts: 1 });
    await assert.rejects(s3.listBuckets(), { name: "ConnectionError" });
  });
});
