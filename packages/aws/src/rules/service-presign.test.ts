import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { clientOf, startServer } from "./scripted-server-fixture.test.ts";

/** Signed by botocore 1.43 at noon with the keys of the tests, with `HttpMethod="GET"`. */
const urls: [
  service: string,
  method: string,
  input: object,
  expiresIn: number,
  place: string,
  signature: string,
][] = [
  [
    "polly",
    "synthesizeSpeech",
    { OutputFormat: "mp3", Text: "a b&c", VoiceId: "Joanna", LexiconNames: ["x", "y"] },
    60,
    "https://polly.us-east-1.amazonaws.com/v1/speech",
    "0715f156bca27e0398c528e655749abce679451017987f7a72438f248fc0a46b",
  ],
  [
    "sts",
    "getCallerIdentity",
    {},
    3600,
    "https://sts.us-east-1.amazonaws.com/",
    "a0562e831756d625bfadd297b4f43f3d3376a77a9603632e44e24cc9a3b9b786",
  ],
];

describe("presign of services that take their input in the query", () => {
  for (const [service, method, input, expiresIn, place, signature] of urls) {
    test(`${service}.${method} as botocore, without a content type`, async (t) => {
      t.mock.timers.enable({ apis: ["Date"], now: Date.UTC(2026, 10, 21, 12) });
      const server = await startServer(t, []);
      const client = clientOf(t, service, server);
      const url = new URL((await client.presign[method]?.({ ...input }, { expiresIn })) ?? "");
      assert.equal(url.origin + url.pathname, place);
      assert.equal(url.searchParams.get("X-Amz-SignedHeaders"), "host");
      assert.equal(url.searchParams.get("X-Amz-Signature"), signature);
    });
  }
});
