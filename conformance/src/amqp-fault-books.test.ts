import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type CallRecord, checkBooks, type Disturbance } from "./amqp-fault-books.ts";

const options = { slackMs: 100, acknowledgedMs: 50 };

const restart: Disturbance = {
  fault: "restart",
  fromMs: 500,
  untilMs: 700,
  breaks: true,
  cutsCallers: true,
  harmless: false,
};
const alarm: Disturbance = { ...restart, fault: "alarm", breaks: false, cutsCallers: false };
const stop: Disturbance = { ...alarm, fault: "stop", harmless: true };

interface Case {
  readonly name: string;
  readonly call: CallRecord;
  readonly times: number;
  readonly faults?: readonly Disturbance[];
  readonly problem?: RegExp;
}

const calm: CallRecord = {
  startMs: 0,
  endMs: 100,
  outcome: "returned",
  deadlineMs: 1_000,
  isImpatient: false,
};
const hit = { ...calm, endMs: 600 };

const cases: readonly Case[] = [
  { name: "returned and executed once", call: calm, times: 1 },
  { name: "returned and not executed", call: calm, times: 0, problem: /not executed/ },
  {
    name: "never ended",
    call: { ...calm, endMs: undefined },
    times: 1,
    problem: /never ended/,
  },
  { name: "late", call: { ...calm, endMs: 1_101 }, times: 1, problem: /took 1101 ms/ },
  { name: "failed with no fault", call: { ...calm, outcome: "X" }, times: 1, problem: /reason/ },
  {
    name: "impatient and timed out",
    call: { ...calm, outcome: "TimeoutError", isImpatient: true },
    times: 1,
  },
  {
    name: "impatient and failed otherwise",
    call: { ...calm, outcome: "X", isImpatient: true },
    times: 1,
    problem: /reason/,
  },
  { name: "failed in a restart", call: { ...hit, outcome: "X" }, times: 0, faults: [restart] },
  { name: "executed twice in a restart", call: hit, times: 2, faults: [restart] },
  {
    name: "executed twice, and answered just before the restart",
    call: { ...calm, endMs: 460 },
    times: 2,
    faults: [restart],
  },
  {
    name: "executed twice, and over long before the restart",
    call: calm,
    times: 2,
    faults: [restart],
    problem: /2 times/,
  },
  {
    name: "in flight before a restart and after it",
    call: { ...calm, endMs: 800, outcome: "X" },
    times: 1,
    faults: [restart],
    problem: /outlived its connection/,
  },
  {
    name: "begun in a restart, and over after it",
    call: { ...calm, startMs: 550, endMs: 800, outcome: "X" },
    times: 1,
    faults: [restart],
  },
  {
    name: "executed twice in an alarm",
    call: hit,
    times: 2,
    faults: [alarm],
    problem: /2 times/,
  },
  { name: "failed in an alarm", call: { ...hit, outcome: "X" }, times: 0, faults: [alarm] },
  {
    name: "failed while a host stopped in order",
    call: { ...hit, outcome: "X" },
    times: 1,
    faults: [stop],
    problem: /without a reason/,
  },
];

describe("checkBooks()", () => {
  for (const { name, call, times, faults = [], problem } of cases) {
    test(`${problem === undefined ? "accepts" : "finds"} a call that was ${name}`, () => {
      const { violations } = checkBooks([call], new Map([[0, times]]), faults, options);
      if (problem === undefined) assert.deepEqual(violations, []);
      else assert.match(violations.join("\n"), problem);
    });
  }

  test("finds an execution of a call that nobody made", () => {
    const { violations } = checkBooks(
      [calm],
      new Map([
        [1, 1],
        [0, 1],
      ]),
      [],
      options,
    );
    assert.deepEqual(violations, ["Call 1 was executed, and never made"]);
  });

  const later = { ...alarm, fromMs: 600 };
  const harmless = { ...stop, fromMs: 610 };
  const after = { ...alarm, fault: "after", fromMs: 660 };
  for (const [outcome, fault] of [
    ["ServiceUnavailable", "alarm"],
    ["TimeoutError", "restart"],
  ] as const) {
    test(`lays ${outcome} to ${fault}`, () => {
      const call = { ...calm, endMs: 650, outcome };
      const faults = [restart, later, harmless, after];
      const { failures } = checkBooks([call], new Map(), faults, options);
      assert.deepEqual(failures, { [fault]: { [outcome]: 1 } });
    });
  }

  test("counts by outcome and by fault", () => {
    const calls = [calm, { ...hit, outcome: "X" }, { ...hit, outcome: "X" }, hit];
    const executions = new Map([
      [0, 1],
      [2, 1],
      [3, 3],
    ]);
    const report = checkBooks(calls, executions, [restart], options);
    assert.deepEqual(report, {
      outcomes: { returned: 2, X: 2 },
      failures: { restart: { X: 2 } },
      executions: 5,
      repeated: 1,
      undisturbed: 1,
      slowestMs: 600,
      violations: [],
    });
  });
});
