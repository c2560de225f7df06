import assert from "node:assert/strict";
import { test } from "node:test";
import { learnClockOffset, type SkewFacts } from "./clock-skew.ts";

const now = Date.UTC(2026, 10, 21, 12, 0, 0);
const date = ["content-type", "text/xml", "date", "Sat, 21 Nov 2026 12:10:00 GMT"];
const facts: SkewFacts = {
  code: "RequestTimeTooSkewed",
  headers: date,
  sentAtMs: now - 100,
  nowMs: now,
  offsetMs: 0,
};
const tenMinutes = 600_000;

const cases: readonly [string, Partial<SkewFacts>, number | undefined][] = [
  ["the answer's date", {}, tenMinutes],
  ["a clock that is ahead", { headers: ["date", "Sat, 21 Nov 2026 11:00:00 GMT"] }, -3_600_000],
  ["an error that may come from a wrong clock", { code: "SignatureDoesNotMatch" }, tenMinutes],
  ["another error", { code: "NoSuchKey" }, undefined],
  ["less than four minutes", { headers: ["date", "Sat, 21 Nov 2026 12:03:59 GMT"] }, undefined],
  ["four minutes", { headers: ["date", "Sat, 21 Nov 2026 12:04:00 GMT"] }, 240_000],
  ["an answer from a cache", { headers: [...date, "age", "1"] }, undefined],
  ["a round trip of over 15 minutes", { sentAtMs: now - 900_001 }, undefined],
  ["no date", { headers: [] }, undefined],
  ["a date that is none", { headers: ["date", "soon"] }, undefined],
  ["S3's ServerTime", { serverTime: "2026-11-21T13:00:00Z" }, 3_600_000],
  ["S3's ServerTime as a Date", { serverTime: new Date(now + 1_800_000) }, 1_800_000],
  ["an offset that is right already", { offsetMs: tenMinutes - 1000 }, undefined],
  ["an offset that has become wrong", { offsetMs: -tenMinutes }, tenMinutes],
  [
    "a local clock that was put right",
    { headers: ["date", "Sat, 21 Nov 2026 12:00:00 GMT"], offsetMs: tenMinutes },
    0,
  ],
];

for (const [name, given, expected] of cases) {
  test(`learnClockOffset() from ${name} (CL-13)`, () => {
    assert.equal(learnClockOffset({ ...facts, ...given }), expected);
  });
}
