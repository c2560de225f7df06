import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { formatDateTime, formatEpochSeconds, formatHttpDate, parseTimestamp } from "./timestamp.ts";

const second = 1_576_540_098_000;

describe("parseTimestamp()", () => {
  for (const [value, millis] of [
    [1_576_540_098, second],
    [1_576_540_098.123, second + 123],
    [-1.5, -1500],
    ["1576540098", second],
    ["1.576540098e9", second],
    ["2019-12-16T23:48:18Z", second],
    ["2019-12-16t23:48:18z", second],
    ["2019-12-16 23:48:18Z", second],
    ["2019-12-16T23:48:18.1Z", second + 100],
    ["2019-12-16T23:48:18.123456789Z", second + 123],
    ["2019-12-17T00:48:18+01:00", second],
    ["2019-12-16T22:48:18-01:00", second],
    ["2019-12-16T22:48:18-0100", second],
    ["Mon, 16 Dec 2019 23:48:18 GMT", second],
    ["Mon, 16 Dec 2019 23:48:18.250 GMT", second + 250],
    ["Monday, 16-Dec-19 23:48:18 GMT", second],
    ["Mon Dec 16 23:48:18 2019 GMT", second],
    [" 2019-12-16T23:48:18Z ", second],
    ["0099-01-01T00:00:00Z", Date.parse("0099-01-01T00:00:00Z")],
    ["2019-12-16T23:48:60Z", Date.parse("2019-12-16T23:49:00Z")],
    ["2019-12-16", Date.parse("2019-12-16")],
    // .NET's least date.
    ["Mon, 01 Jan 0001 00:00:00 GMT", Date.parse("0001-01-01T00:00:00Z")],
    ["0001-01-01T00:00:00+0000", Date.parse("0001-01-01T00:00:00Z")],
    ["0000-02-29T12:00:00.5-01:00", Date.parse("0000-02-29T13:00:00.500Z")],
  ] as const) {
    test(`reads ${JSON.stringify(value)}`, () => {
      assert.equal(parseTimestamp(value)?.getTime(), millis);
    });
  }

  test("reads what has no zone as UTC, wherever the process runs", () => {
    const zone = process.env["TZ"];
    process.env["TZ"] = "America/New_York";
    try {
      for (const text of [
        "2019-12-16T23:48:18",
        "2019-12-16T23:48:18.000",
        "2019-12-16 23:48:18",
        "Mon Dec 16 23:48:18 2019",
        "Mon, 16 Dec 2019 23:48:18",
      ]) {
        assert.equal(parseTimestamp(text)?.getTime(), second, text);
      }
    } finally {
      if (zone === undefined) delete process.env["TZ"];
      else process.env["TZ"] = zone;
    }
  });

  for (const value of [
    "",
    "never",
    "0 or so",
    "Zone 5",
    "2019-13-16T23:48:18Z",
    "2019-12-16T23:48:18+0x:00",
    1e18,
    Number.NaN,
    "1e400",
    true,
    {},
    null,
  ]) {
    test(`does not read ${JSON.stringify(value)}`, () => {
      assert.equal(parseTimestamp(value), undefined);
    });
  }

  test("reads what the formats write", () => {
    const dates = fc.date({
      noInvalidDate: true,
      min: new Date("0100-01-01"),
      max: new Date("9999-12-31"),
    });
    fc.assert(
      fc.property(dates, (date) => {
        const seconds = Math.floor(date.getTime() / 1000) * 1000;
        assert.equal(parseTimestamp(formatDateTime(date))?.getTime(), date.getTime());
        assert.equal(parseTimestamp(Number(formatEpochSeconds(date)))?.getTime(), date.getTime());
        assert.equal(parseTimestamp(formatHttpDate(date))?.getTime(), seconds);
      }),
    );
  });

  test("never throws", () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const date = parseTimestamp(value);
        assert.ok(date === undefined || date instanceof Date);
      }),
    );
  });
});

describe("formatDateTime()", () => {
  test("leaves out a fraction of zero", () => {
    assert.equal(formatDateTime(new Date(second)), "2019-12-16T23:48:18Z");
    assert.equal(formatDateTime(new Date(second + 5)), "2019-12-16T23:48:18.005Z");
  });

  for (const value of [new Date(Number.NaN), "never", Number.POSITIVE_INFINITY, {}, undefined]) {
    test(`refuses ${JSON.stringify(value)}`, () =>
      assert.throws(() => formatDateTime(value), RangeError));
  }
});
