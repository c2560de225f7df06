import assert from "node:assert/strict";
import { test } from "node:test";
import { numberedLine } from "./numbered-line.ts";
import { TelemetryAudit, type TelemetryEvent } from "./telemetry-audit.ts";

const ids = ["3da1f2dc-0000-4000-8000-000000000001", "3da1f2dc-0000-4000-8000-000000000002"];

function platform(type: string, requestId?: string): TelemetryEvent {
  return { type: `platform.${type}`, record: { requestId } };
}

function line(output: string, number: number, requestId: string): TelemetryEvent {
  const type = output === "ext" ? "extension" : "function";
  return { type, record: `${numberedLine({ output, number, requestId })}\n` };
}

function dropped(droppedRecords: number, droppedBytes = 1): TelemetryEvent {
  return { type: "platform.logsDropped", record: { droppedRecords, droppedBytes, reason: "" } };
}

/** All that a subscriber gets of two invocations with one line for each output. */
function allEvents(): TelemetryEvent[] {
  const types = ["initStart", "telemetrySubscription", "initRuntimeDone", "extension"];
  const invocations = ids.flatMap((id, index) => [
    platform("start", id),
    line("ext", index, id),
    ...["out", "err", "log"].map((output) => line(output, index, id)),
    platform("runtimeDone", id),
    platform("report", id),
  ]);
  return [...types, "initReport"].map((type) => platform(type)).concat(invocations);
}

const start = 5;
const firstLine = start + 2;
const report = start + 6;
const second = start + 7;

function audit(events: readonly TelemetryEvent[], invoked: readonly string[] = ids) {
  const made = new TelemetryAudit();
  for (const id of invoked) {
    made.invoked(id, 1);
    made.extensionLine();
  }
  made.take(events);
  return made.verdict();
}

test("TelemetryAudit finds nothing when every record comes once and in order", () => {
  assert.deepEqual(audit(allEvents()), {
    invocations: 2,
    delivered: { platform: 11, function: 6, extension: 2 },
    missing: 0,
    dropped: { events: 0, records: 0, bytes: 0 },
    problems: [],
  });
});

for (const index of allEvents().keys()) {
  const { type } = allEvents()[index] ?? { type: "" };
  test(`TelemetryAudit misses record ${index}, '${type}', unless its loss is told`, () => {
    const events = allEvents().toSpliced(index, 1);
    assert.match(audit(events).problems.join(), /1 records are missing/);
    const { problems, missing } = audit([...events, dropped(1)]);
    assert.deepEqual({ problems, missing }, { problems: [], missing: 1 });
  });

  test(`TelemetryAudit finds record ${index}, '${type}', doubled`, () => {
    const twice = allEvents().toSpliced(index, 0, allEvents()[index] ?? platform(""));
    assert.match(audit(twice).problems.join(), /doubled|twice/);
  });
}

type Edit = (events: TelemetryEvent[]) => TelemetryEvent[];
const swap =
  (one: number, other: number): Edit =>
  (events) =>
    events.with(one, events[other] ?? platform("")).with(other, events[one] ?? platform(""));

const cases: readonly (readonly [what: string, edit: Edit, problem: RegExp])[] = [
  ["a line before its start", swap(start, firstLine), /platform.start is doubled or late/],
  ["a line behind its report", swap(firstLine, report), /a line is doubled or late/],
  ["a report in another invocation", swap(report, second), /came after the start of/],
  [
    "lines of one output in another order",
    swap(firstLine, second + 2),
    /of 'out' came twice, or after/,
  ],
  ["init events in another order", swap(1, 2), /unknown, doubled or late/],
  ["a late init event", swap(4, start), /after the first invocation/],
  [
    "a line that was cut",
    (events) => events.with(firstLine, { type: "function", record: "out 0 3da1" }),
    /Not a whole line/,
  ],
  [
    "a line in the wrong stream",
    (events) => events.with(firstLine, { ...line("out", 0, ids[0] ?? ""), type: "extension" }),
    /came as 'extension'/,
  ],
  ["a loss that did not happen", (events) => [...events, dropped(2)], /tells of 2/],
  ["a loss of nothing", (events) => [...events, dropped(0)], /logsDropped says/],
  [
    "an invocation that the extension does not know",
    (events) => [...events, platform("start", "other"), dropped(-1)],
    /no event INVOKE/,
  ],
];
for (const [what, edit, problem] of cases) {
  test(`TelemetryAudit finds ${what}`, () => {
    assert.match(audit(edit(allEvents())).problems.join("; "), problem);
  });
}

test("TelemetryAudit finds invocations in another order than their events INVOKE", () => {
  assert.match(audit(allEvents(), ids.toReversed()).problems.join(), /no event INVOKE/);
});
