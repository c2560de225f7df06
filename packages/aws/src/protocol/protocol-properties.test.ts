import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { ResponseParseError } from "../client/errors.ts";
import { rpcv2Cbor } from "./cbor-protocol.ts";
import { awsJson } from "./json-protocol.ts";
import { samples } from "./models-fixture.test.ts";
import type { OperationCodec, Protocol } from "./protocol.ts";
import { restJson } from "./rest-json-protocol.ts";
import { backEnds, draft, operation, service } from "./shapes-fixture.test.ts";
import { compileValidator } from "./validate.ts";

const protocols: readonly (readonly [string, Protocol])[] = [
  ["awsJson", awsJson],
  ["restJson", restJson],
  ["rpcv2Cbor", rpcv2Cbor],
];

function codecs(
  protocol: Protocol,
  shape: Parameters<typeof compileValidator>[0],
): OperationCodec[] {
  const model = operation({ input: shape, output: shape });
  return backEnds.map(([, options]) => protocol(service(), model, options));
}

function bytesOf(codec: OperationCodec, value: Record<string, unknown>): Buffer {
  const request = draft();
  codec.serialize(value, request);
  return Buffer.from((request.body ?? "") as string);
}

for (const [name, protocol] of protocols) {
  describe(name, () => {
    test("a value that the model allows survives the way out and back, in both back ends", () => {
      fc.assert(
        fc.property(samples, ({ shape, value }) => {
          const [generated, closures] = codecs(protocol, shape) as [OperationCodec, OperationCodec];
          for (const writer of [generated, closures]) {
            const body = bytesOf(writer, value);
            for (const reader of [generated, closures]) {
              assert.deepEqual(reader.parse({ status: 200, headers: [], body }), value);
            }
          }
        }),
        { numRuns: 200 },
      );
    });

    test("any bytes give an output or a ResponseParseError, and errors a code (CL-19)", () => {
      fc.assert(
        fc.property(
          samples,
          fc.uint8Array({ maxLength: 200 }),
          fc.nat(),
          ({ shape, value }, noise, at) => {
            for (const codec of codecs(protocol, shape)) {
              const valid = bytesOf(codec, value);
              const changed = Buffer.from(valid);
              if (changed.length > 0) changed[at % changed.length] = noise[0] ?? 0;
              for (const body of [
                Buffer.from(noise),
                changed,
                valid.subarray(0, at % (valid.length + 1)),
              ]) {
                try {
                  assert.equal(typeof codec.parse({ status: 200, headers: [], body }), "object");
                } catch (error) {
                  assert.ok(error instanceof ResponseParseError, String(error));
                }
                assert.equal(
                  typeof codec.parseError({ status: 500, headers: [], body }).code,
                  "string",
                );
              }
            }
          },
        ),
        { numRuns: 200 },
      );
    });
  });
}

test("compileValidator() accepts what the model allows, generated or not", () => {
  fc.assert(
    fc.property(samples, ({ shape, value }) => {
      assert.equal(compileValidator(shape)(value), undefined);
      assert.equal(compileValidator(shape, { generateCode: true })(value), undefined);
    }),
    { numRuns: 200 },
  );
});

test("compileValidator() says the same of any input, generated or not", () => {
  fc.assert(
    fc.property(samples, samples, fc.anything(), ({ shape }, { value }, anything) => {
      const generated = compileValidator(shape, { generateCode: true });
      const closures = compileValidator(shape);
      for (const input of [value, anything]) assert.deepEqual(generated(input), closures(input));
    }),
    { numRuns: 200 },
  );
});
