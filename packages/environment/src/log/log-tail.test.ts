import assert from "node:assert/strict";
import { test } from "node:test";
import { LogTail } from "./log-tail.ts";

test("LogTail keeps the last 4096 bytes, cut at a byte", () => {
  const tail = new LogTail();
  tail.push(Buffer.from(`${"a".repeat(4000)}\n`));
  tail.push(Buffer.from(`${"b".repeat(199)}\n`));
  const text = tail.bytes().toString();
  assert.equal(text.length, 4096);
  assert.equal(text, `${"a".repeat(3895)}\n${"b".repeat(199)}\n`);
});

test("LogTail keeps all of a short log", () => {
  const tail = new LogTail();
  tail.push(Buffer.from("one\n"));
  tail.push(Buffer.from("two\n"));
  assert.equal(tail.bytes().toString(), "one\ntwo\n");
});

test("LogTail holds no more than one line beside its bytes (INV-8)", () => {
  const tail = new LogTail(10);
  for (let index = 0; index < 10_000; index += 1) tail.push(Buffer.from(`${index}\n`));
  assert.equal(tail.bytes().toString(), "9998\n9999\n");
});
