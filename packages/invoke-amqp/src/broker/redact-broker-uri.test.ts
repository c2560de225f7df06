import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { defaultBrokerUri } from "./parse-broker-uri.ts";
import { redactBrokerUri } from "./redact-broker-uri.ts";

const cases: readonly (readonly [text: string, redacted: string])[] = [
  [defaultBrokerUri, defaultBrokerUri],
  ["amqp://[::1]:5672/v", "amqp://[::1]:5672/v"],
  ["amqp://u:secret@h:5672/v?heartbeat=1", "amqp://u:***@h:5672/v?heartbeat=1"],
  ["amqps://u@h", "amqps://u@h"],
  ["amqp://u:@h", "amqp://u:***@h"],
  ["amqp://u:s/e?c#r@et@h:1", "amqp://u:***@h:1"],
  ["amqp://u:1/2@h", "amqp://u:***@h"],
  ["amqp://u:secret", "amqp://u:***"],
  ["u:secret@h", "u:***@h"],
  ["http://u:secret@h", "http:***@h"],
  ["amqp:/u:secret@h", "amqp:***@h"],
  ["amqp://h?ssl_options={'password':1}&heartbeat=2", "amqp://h?ssl_options=***&heartbeat=2"],
  ["amqp://h?password=secret&cacertfile=/ca.pem", "amqp://h?password=***&cacertfile=/ca.pem"],
  ["", ""],
];

describe("redactBrokerUri()", () => {
  for (const [text, redacted] of cases) {
    test(`turns '${text}' into '${redacted}'`, () => {
      assert.equal(redactBrokerUri(text), redacted);
    });
  }

  test("lets no password through, however it is written (INV-10)", () => {
    const filler = fc.string({ unit: fc.constantFrom(...Array.from("/?#@:%&=[] \n1a")) });
    const head = fc.constantFrom("amqp://u:", "amqps://u:", "u:", "amqp:u:", " amqp://:", "//u:");
    const tail = fc.constantFrom("@h", "@h:5672/v", "@[::1]", "@", "@h?heartbeat=1&x=2");
    fc.assert(
      fc.property(head, filler, filler, tail, (start, before, after, end) => {
        assert.doesNotMatch(redactBrokerUri(`${start}${before}SECRET${after}${end}`), /SECRET/);
      }),
      { numRuns: 2_000 },
    );
  });
});
