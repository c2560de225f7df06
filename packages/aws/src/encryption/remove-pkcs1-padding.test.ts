import assert from "node:assert/strict";
import { constants, generateKeyPairSync, privateDecrypt, publicEncrypt } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { removePkcs1Padding } from "./remove-pkcs1-padding.ts";

test("removePkcs1Padding() gives what OpenSSL has padded", () => {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 1024 });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (message) => {
      const padding = constants.RSA_PKCS1_PADDING;
      const encrypted = publicEncrypt({ key: publicKey, padding }, message);
      const raw = { key: privateKey, padding: constants.RSA_NO_PADDING };
      assert.deepEqual(removePkcs1Padding(privateDecrypt(raw, encrypted)), Buffer.from(message));
    }),
    { numRuns: 50 },
  );
});

for (const [name, bytes] of [
  ["another first byte", [1, 2, ...filled(8), 0, 7]],
  ["the padding of a signature", [0, 1, ...filled(8), 0, 7]],
  ["seven bytes of padding", [0, 2, ...filled(7), 0, 7, 7]],
  ["no end of the padding", [0, 2, ...filled(20)]],
  ["ten bytes", [0, 2, ...filled(7), 0]],
] as const) {
  test(`removePkcs1Padding() refuses ${name}`, () => {
    assert.equal(removePkcs1Padding(Buffer.from(bytes)), undefined);
  });
}

function filled(length: number): number[] {
  return Array.from({ length }, () => 255);
}
