import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { aesKeyring } from "./aes-keyring.ts";
import { encryptedS3 } from "./encrypted-s3.ts";
import { objectServer } from "./object-server-fixture.test.ts";

const keyring = aesKeyring(randomBytes(32));
const target = { Bucket: "bucket", Key: "key" };
const length = 35;

test("getObject() reads every range of the plaintext", async (t) => {
  const { s3: client } = await objectServer(t);
  const s3 = encryptedS3(client, { keyring, unauthenticatedRanges: true });
  const plain = randomBytes(length);
  await s3.putObject({ ...target, Body: plain });
  const read = async (Range: string, start: number, end: number): Promise<void> => {
    const output = await s3.getObject({ ...target, Range });
    assert.deepEqual(await output.Body?.bytes(), plain.subarray(start, end), Range);
    assert.equal(output.ContentLength, end - start, Range);
    assert.equal(output.ContentRange, `bytes ${start}-${end - 1}/${length}`, Range);
  };
  for (let start = 0; start < length; start += 1) {
    for (let end = start; end < length + 3; end += 1) {
      await read(`bytes=${start}-${end}`, start, Math.min(end + 1, length));
    }
    await read(`bytes=${start}-`, start, length);
  }
  for (let count = 1; count < length + 40; count += 1) {
    await read(`bytes=-${count}`, Math.max(0, length - count), length);
  }
  // The tag is no part of the object.
  for (const start of [length, length + 15, length + 16, length + 100]) {
    const reading = s3.getObject({ ...target, Range: `bytes=${start}-` });
    await assert.rejects(reading, (error: { statusCode?: number }) => error.statusCode === 416);
  }
  for (const Range of ["bytes=1-0", "bytes=0-1,3-4", "bytes=-0", "bytes=-", "0-1", "bytes=a-b"]) {
    await assert.rejects(s3.getObject({ ...target, Range }), TypeError, Range);
  }
});

test("getObject() reads large ranges as streams, from any block", async (t) => {
  const { s3: client } = await objectServer(t);
  const s3 = encryptedS3(client, { keyring });
  const plain = randomBytes(3_000_000);
  await s3.putObject({ ...target, Body: plain });
  const call = { unauthenticatedRanges: true };
  for (const start of [0, 15, 16, 1_000_001]) {
    const Range = `bytes=${start}-2999990`;
    const { Body } = await s3.getObject({ ...target, Range }, call);
    assert.ok(plain.subarray(start, 2_999_991).equals((await Body?.bytes()) ?? randomBytes(1)));
  }
});
