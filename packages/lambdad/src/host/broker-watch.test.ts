import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Registry } from "prom-client";
import { readMetrics } from "../testdata/metrics-text.ts";
import { BrokerMetrics } from "./broker-metrics.ts";
import { BrokerWatch } from "./broker-watch.ts";
import type { HostLog } from "./host-log.ts";

interface Fixture {
  readonly watch: BrokerWatch;
  readonly metrics: BrokerMetrics;
  /** Value of `lambdad_broker_<name>`. */
  readonly value: (name: string) => Promise<number | undefined>;
  readonly log: readonly string[];
}

function watchOf(): Fixture {
  const log: string[] = [];
  const registry = new Registry();
  const metrics = new BrokerMetrics(registry);
  const write: HostLog["write"] = (level, event, message, detail) => {
    const facts = Object.entries(detail ?? {}).map(([name, value]) => ` ${name}=${value}`);
    log.push(`${level} ${event} ${message}${facts.join("")}`);
  };
  return {
    watch: new BrokerWatch({ log: { write }, metrics: () => metrics }),
    metrics,
    value: async (name) => {
      const { samples } = readMetrics(await registry.metrics());
      return samples.get(`lambdad_broker_${name}`);
    },
    log,
  };
}

describe("BrokerWatch", () => {
  for (const [state, problem] of [
    [{ kind: "up" }, undefined],
    [{ kind: "connecting", reason: undefined }, "the broker is not connected yet"],
    [{ kind: "connecting", reason: "refused" }, "the broker is not connected: refused"],
    [{ kind: "blocked", reason: "low on memory" }, "the broker takes no messages: low on memory"],
    [{ kind: "closed" }, "the connection to the broker is closed"],
  ] as const) {
    test(`tells the problem of a broker that is ${JSON.stringify(state)}`, () => {
      const { watch } = watchOf();
      watch.stateChanged(state);
      assert.equal(watch.problem, problem);
    });
  }

  test("has a problem before anything is known", () => {
    const { watch } = watchOf();
    assert.equal(watch.problem, "the broker is not connected yet");
  });

  test("logs a connection, the one after a loss, and an alarm and its end (AM-2, AM-6)", () => {
    const { watch, log } = watchOf();
    watch.stateChanged({ kind: "up" });
    watch.stateChanged({ kind: "connecting", reason: "lost" });
    watch.stateChanged({ kind: "connecting", reason: "refused" });
    watch.stateChanged({ kind: "up" });
    watch.stateChanged({ kind: "blocked", reason: "low on memory" });
    watch.stateChanged({ kind: "up" });
    assert.deepEqual(log, [
      "info broker.up Connected to the broker",
      "info broker.up Connected to the broker again",
      "warn broker.blocked The broker takes no messages: low on memory",
      "info broker.unblocked The broker takes messages",
    ]);
  });

  test("logs faults with their code and queue", () => {
    const { watch, log } = watchOf();
    const fault = { event: "queue.deleted", level: "error", message: "Gone" } as const;
    watch.fault({ ...fault, code: 404, queue: "echo" });
    assert.deepEqual(log, ["error queue.deleted Gone code=404 queue=echo"]);
  });

  test("counts connections made anew, not the first, nor the end of an alarm", async () => {
    const { watch, value } = watchOf();
    watch.stateChanged({ kind: "up" });
    watch.stateChanged({ kind: "blocked", reason: "alarm" });
    assert.equal(await value("up"), 1);
    assert.equal(await value("blocked"), 1);
    watch.stateChanged({ kind: "up" });
    assert.equal(await value("blocked"), 0);
    assert.equal(await value("reconnects_total"), 0);
    watch.stateChanged({ kind: "connecting", reason: "lost" });
    assert.equal(await value("up"), 0);
    watch.stateChanged({ kind: "up" });
    assert.equal(await value("reconnects_total"), 1);
  });

  test("counts what comes back, is refused, too late or delivered again", async () => {
    const { metrics, value } = watchOf();
    metrics.returned();
    metrics.nacked();
    metrics.lateReply();
    metrics.redelivered();
    for (const name of ["returns", "nacks", "late_replies", "redelivered"]) {
      assert.equal(await value(`${name}_total`), 1, name);
    }
  });
});
