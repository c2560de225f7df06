// Values by reference on a real S3 server, and on a store of files.
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { References, Session } from "@lambdad/aws";
import { type AwsServer, serverCredentials, startVersitygw } from "./aws-servers.ts";
import { versitygw } from "./install/aws-parts.ts";
import { prepare } from "./prepare.ts";

const folder = await prepare(versitygw);
const bucket = "conformance-references";

describe("References", { skip: folder === undefined }, () => {
  let server: AwsServer;
  let place: string;
  let session: Session;

  before(async () => {
    place = await mkdtemp(join(tmpdir(), "lambdad-conformance-"));
    server = await startVersitygw(folder ?? "");
    session = new Session({ region: "us-east-1", credentials: serverCredentials });
  });
  after(async () => {
    await session?.close();
    await server?.stop();
    await rm(place, { recursive: true, force: true });
  });

  const endpoints = {
    "an S3 server": () => server.endpoint,
    "a store of files": () => pathToFileURL(join(place, "store")).href,
  };
  for (const [name, endpoint] of Object.entries(endpoints)) {
    test(`come back as what was put, from ${name}`, async () => {
      const s3 = session.client("s3", { endpoint: endpoint() });
      await s3.createBucket({ Bucket: bucket });
      const references = new References(s3, { bucket, prefix: "in/" });
      const large = Buffer.alloc(17 * 1024 * 1024 + 1, "0123456789");
      const path = join(place, "file");
      await writeFile(path, large);

      const given = await references.putAll(["Grüße", Buffer.from("bytes"), { a: [1, null] }, ""]);
      assert.deepEqual(await references.text(given), ["Grüße", "bytes", '{"a":[1,null]}', ""]);
      assert.deepEqual(await references.json(given[2] ?? ""), { a: [1, null] });
      const file = await references.putFile(path);
      const stream = await references.put(Readable.from([large.subarray(0, 7), large.subarray(7)]));
      assert.deepEqual(await references.size([file, stream]), [large.length, large.length]);
      for (const reference of [file, stream]) {
        assert.ok((await references.bytes(reference)).equals(large));
      }
      await references.toFile(stream, join(place, "copy"));
      assert.ok((await readFile(join(place, "copy"))).equals(large));
      const odd = await references.put("odd", { key: "a b?c#d%20é+&" });
      assert.equal(await references.text(odd), "odd");

      const all = [...given, file, stream, odd];
      await references.delete(all);
      assert.deepEqual(new Set(await references.exists(all)), new Set([false]));
      await assert.rejects(references.text(odd), { name: "NoSuchKey", reference: odd });
      await s3.deleteBucket({ Bucket: bucket });
    });
  }
});
