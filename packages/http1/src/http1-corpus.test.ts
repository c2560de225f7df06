import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { type SeenRequest, transcript } from "./memory-socket.test.ts";
import { REQUEST_CORPUS } from "./request-corpus.test.ts";

/** Inputs above this are cut at sampled offsets, not at every one. */
const CUT_EVERYWHERE_OCTETS_MAX = 1024;

function complete(requests: readonly SeenRequest[]): string[] {
  return requests
    .filter(({ outcome }) => outcome === "complete")
    .map(({ method, target, body }) => `${method} ${target} ${body}`);
}

/** Statuses of the replies, in order. */
function statuses(output: string): number[] {
  return [...output.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}

describe("Http1Connection and the corpus", () => {
  for (const { name, input, requests, refusal } of REQUEST_CORPUS) {
    const verdict = refusal === undefined ? "serves" : `refuses with ${refusal}`;
    test(`HT-14: ${verdict}: ${name}`, () => {
      const seen = transcript(Buffer.from(input, "latin1"), []);
      assert.deepEqual(complete(seen.requests), requests);
      const expected = requests.map(() => 200);
      if (refusal !== undefined) expected.push(refusal);
      assert.deepEqual(statuses(seen.output), expected);
      if (refusal !== undefined) assert.match(seen.output, /Connection: close\r\n\r\n$/);
    });

    test(`gives the same requests however the input is cut: ${name}`, () => {
      const octets = Buffer.from(input, "latin1");
      const whole = transcript(octets, []);
      const everywhere = Array.from({ length: octets.length }, (_, offset) => offset);
      assert.deepEqual(transcript(octets, everywhere), whole);
      const step = Math.ceil(octets.length / CUT_EVERYWHERE_OCTETS_MAX);
      for (let cut = 1; cut < octets.length; cut += step) {
        assert.deepEqual(transcript(octets, [cut]), whole, `cut at ${cut}`);
      }
    });
  }

  test("gives the same requests for any cuts of any sequence of inputs", () => {
    const short = REQUEST_CORPUS.filter(({ input }) => input.length <= CUT_EVERYWHERE_OCTETS_MAX);
    const inputs = fc.array(fc.constantFrom(...short.map(({ input }) => input)), { maxLength: 4 });
    const cuts = fc.array(fc.nat({ max: 2000 }), { maxLength: 12 });
    fc.assert(
      fc.property(inputs, cuts, (pieces, offsets) => {
        const octets = Buffer.from(pieces.join(""), "latin1");
        const sorted = offsets.filter((offset) => offset < octets.length).sort((a, b) => a - b);
        assert.deepEqual(transcript(octets, sorted), transcript(octets, []));
      }),
      { numRuns: 500 },
    );
  });

  test("INV-7: arbitrary octets never throw, and end in a reply or in silence", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.array(fc.nat({ max: 300 })),
        (octets, cuts) => {
          const input = Buffer.from(octets);
          const sorted = cuts.filter((offset) => offset < input.length).sort((a, b) => a - b);
          const { output } = transcript(input, sorted);
          assert.match(output, /^(HTTP\/1\.1 \d{3} [^\r]*\r\n([^\r]+\r\n)+\r\n)*$/);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test("INV-7: a valid head with arbitrary octets put in never throws", () => {
    const head =
      "POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;a=b\r\na\r\n0\r\nX: 1\r\n\r\n";
    const edits = fc.array(fc.tuple(fc.nat({ max: head.length }), fc.nat({ max: 255 })), {
      maxLength: 4,
    });
    fc.assert(
      fc.property(edits, (list) => {
        const octets = Buffer.from(head, "latin1");
        for (const [offset, octet] of list) octets[offset % octets.length] = octet;
        assert.deepEqual(transcript(octets, [10, 40, 60]), transcript(octets, []));
      }),
      { numRuns: 1000 },
    );
  });
});
