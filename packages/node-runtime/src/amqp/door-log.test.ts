import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { AmqpDoorObserver } from "@lambdad/invoke-amqp";
import { doorLog } from "./door-log.ts";
import { RuntimeLog } from "./runtime-log.ts";

const facts = { place: "broker:5672", function: "echo", concurrency: 7, threads: 0 };

/** Lines without their time. */
function written(tell: (observer: AmqpDoorObserver) => void, more: object = {}): readonly string[] {
  const lines: string[] = [];
  const log = new RuntimeLog((line) => lines.push(line));
  tell(doorLog(log, { ...facts, ...more }));
  return lines.map((line) => {
    const [, rest] = /^\d{4}-\d\d-\d\dT[\d:.]+Z (.*)\n$/s.exec(line) ?? [];
    return rest ?? line;
  });
}

describe("doorLog()", () => {
  test("tells of a connection before what is consumed over it, and of the next one", () => {
    const lines = written((observer) => {
      observer.consuming?.("q");
      observer.stateChanged?.({ kind: "up" });
      observer.fault?.({ event: "broker.lost", level: "warn", message: "Lost it" });
      observer.stateChanged?.({ kind: "connecting", reason: "Lost it" });
      observer.stateChanged?.({ kind: "up" });
    });
    assert.deepEqual(lines, [
      "INFO lambda-runtime: Connected to broker:5672",
      "INFO lambda-runtime: Consuming queue 'q': echo, up to 7 calls at once",
      "WARN lambda-runtime: Lost it",
      "INFO lambda-runtime: Connected to broker:5672 again",
    ]);
  });

  test("tells of an alarm of the broker and of its end", () => {
    const lines = written((observer) => {
      observer.stateChanged?.({ kind: "up" });
      observer.stateChanged?.({ kind: "blocked", reason: "low on memory" });
      observer.stateChanged?.({ kind: "up" });
    });
    assert.deepEqual(lines, [
      "INFO lambda-runtime: Connected to broker:5672",
      "WARN lambda-runtime: The broker takes no messages: low on memory",
      "INFO lambda-runtime: The broker takes messages again",
    ]);
  });

  test("says how many threads there are", () => {
    const lines = written((observer) => observer.consuming?.("q"), { threads: 2 });
    assert.match(lines[1] ?? "", /up to 7 calls at once in 2 worker threads$/);
  });

  test("tells once of what may come with every message", () => {
    const lines = written((observer) => {
      for (let index = 0; index < 100; index += 1) observer.redelivered?.();
      observer.refused?.("expired");
      observer.replyReturned?.();
    });
    assert.deepEqual(lines, [
      "WARN lambda-runtime: A request came for the second time",
      "WARN lambda-runtime: A request was not run: expired",
      "WARN lambda-runtime: A reply had no receiver any more",
    ]);
  });

  test("tells of each event that has failed for good, in one line whatever is in it", () => {
    const lines = written((observer) => {
      observer.eventFailed?.("id-1", "Error\nforged\u001B[2J", false);
      observer.eventFailed?.("id-2", "Error", true);
    });
    assert.deepEqual(lines, [
      "WARN lambda-runtime: Event id-1 has failed with Error forged?[2J: it is dropped",
      "WARN lambda-runtime: Event id-2 has failed with Error: the dead-letter queue has it",
    ]);
  });
});
