import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { quoted } from "./quoted.ts";

describe("quoted()", () => {
  for (const [text, expected] of [
    ["abc", "'abc'"],
    ["a\r\nb\u001b[31m\u0000", "'a b?[31m?'"],
    ["amqp://user:secret@host/x", "'amqp://…@host/x'"],
    ["http://token@h and https://u:p@i", "'http://…@h and https://…@i'"],
    ["x".repeat(300), `'${"x".repeat(200)}…'`],
  ] as const) {
    test(`of ${JSON.stringify(text.slice(0, 40))}`, () => assert.equal(quoted(text), expected));
  }
});
