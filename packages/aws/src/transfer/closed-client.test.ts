import assert from "node:assert/strict";
import { test } from "node:test";
import { failureOf } from "../client/client-fixture.test.ts";
import { AbortError, ClientClosedError } from "../client/errors.ts";
import { startUploadServer } from "./upload-fixture.test.ts";

const partSize = 5 * 1024 * 1024;
const options = { partSize, threshold: partSize, concurrency: 1 };
const place = { Bucket: "b", Key: "k" };
const params = { ...place, Body: Buffer.alloc(3 * partSize) };

test("client.close waits for the transfers that have begun, and takes no others", async () => {
  await using server = await startUploadServer();
  const client = server.client();
  const upload = client.upload(params, options);
  const closed = client.close();
  assert.ok((await failureOf(client.upload(params, options))) instanceof ClientClosedError);
  await closed;
  await assert.rejects(async () => client.copy({ ...place, CopySource: "b/k" }), ClientClosedError);
  assert.equal(server.objects.get("k")?.bytes.length, 3 * partSize);
  assert.equal((await upload).Key, "k");
});

test("client.close waits for downloads into a target", async () => {
  await using server = await startUploadServer();
  const client = server.client();
  await client.putObject({ ...place, Body: "text" });
  const pieces: Buffer[] = [];
  const download = client.download(place, (piece) => void pieces.push(Buffer.from(piece)));
  await client.close();
  await download;
  assert.equal(Buffer.concat(pieces).toString(), "text");
});

test("client.destroy ends transfers, whose errors name the upload that was left (CL-10)", async () => {
  await using server = await startUploadServer(({ operation }) => operation === "UploadPart");
  const client = server.client();
  const failed = failureOf(client.upload(params, options));
  await server.arrived("UploadPart");
  client.destroy("enough");
  const error = await failed;
  assert.ok(error instanceof AbortError);
  assert.ok(error.cause instanceof ClientClosedError);
  assert.equal(error.uploadId, "upload-1");
});
