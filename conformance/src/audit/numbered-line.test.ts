import assert from "node:assert/strict";
import { test } from "node:test";
import { numberedLine, parseNumberedLine } from "./numbered-line.ts";

const requestId = "3da1f2dc-0000-4000-8000-000000000000";
const line = { output: "out", number: 7, requestId };

const whole = [
  numberedLine(line),
  `out 7 ${requestId} xxx 7\n`,
  `2026-01-01T00:00:00.000Z\t${requestId}\tINFO\tout 7 ${requestId} xxx 7\n`,
];
for (const text of whole) {
  test(`parseNumberedLine() reads ${JSON.stringify(text)}`, () => {
    assert.deepEqual(parseNumberedLine(text), line);
  });
}

const broken = [
  "",
  `out 7 ${requestId} xxx 8`,
  `out 7 ${requestId} xxx`,
  `ut 7 ${requestId} xxx 7`,
  `out 7 ${requestId} xxout 7 ${requestId} xxx 7`,
  `out 7 ${requestId} xxx 7\nout 8 ${requestId} xxx 8\n`,
];
for (const text of broken) {
  test(`parseNumberedLine() refuses ${JSON.stringify(text)}`, () => {
    assert.equal(parseNumberedLine(text), undefined);
  });
}
