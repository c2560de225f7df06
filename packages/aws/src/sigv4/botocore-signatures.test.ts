import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { payloadHash } from "./payload-signing.ts";
import { presignRequest } from "./presign.ts";
import { RequestSigner, type SignableRequest } from "./request-signer.ts";

/** A request of random parts, and the signature that botocore 1.43.107 gave it. */
interface Sample extends SignableRequest {
  readonly kind: "header" | "presign";
  readonly service: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly nowMs: number;
  readonly body: string;
  readonly expiresIn?: number;
  readonly signature: string;
}

const samples = JSON.parse(
  readFileSync(new URL("testdata/botocore-signatures.json", import.meta.url), "utf8"),
) as Sample[];

for (const [index, sample] of samples.entries()) {
  const s3 = sample.service === "s3";
  const options = {
    region: sample.region,
    service: sample.service,
    pathAsSent: s3,
    contentSha256Header: s3,
  };
  test(`${sample.kind} signature ${index} (${sample.service} ${sample.path}) is botocore's`, () => {
    if (sample.kind === "header") {
      const signer = new RequestSigner(options);
      const signature = signer.sign(sample, payloadHash(sample.body), sample, sample.nowMs);
      assert.equal(signature, sample.signature);
    } else {
      const { query } = presignRequest(sample, sample, {
        ...options,
        nowMs: sample.nowMs,
        expiresIn: sample.expiresIn,
        payloadHash: s3 ? "UNSIGNED-PAYLOAD" : undefined,
      });
      assert.equal(query.slice(query.indexOf("&X-Amz-Signature=") + 17), sample.signature);
    }
  });
}
