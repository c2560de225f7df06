import assert from "node:assert/strict";
import { test } from "node:test";
import { LogTail } from "./log-tail.ts";

test("LogTail keeps the lines that were added, and of many the last 4096 bytes", () => {
  const tail = new LogTail();
  assert.equal(tail.bytes.byteLength, 0);
  tail.add("one");
  tail.add("two");
  assert.equal(Buffer.from(tail.bytes).toString(), "one\ntwo\n");
  const lines = Array.from({ length: 1000 }, (_, index) => `line ${index}`);
  for (const line of lines) tail.add(line);
  assert.equal(Buffer.from(tail.bytes).toString(), `${lines.join("\n")}\n`.slice(-4096));
  tail.add("x".repeat(10_000));
  assert.equal(Buffer.from(tail.bytes).toString(), `${"x".repeat(4095)}\n`);
});
