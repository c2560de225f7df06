import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { type CallerLoad, CallerRun } from "./caller-load.ts";

const load: CallerLoad = {
  inFlight: 7,
  payloadBytes: 11,
  warmUpMs: 5,
  measureMs: 30,
  hostPid: process.pid,
  brokerPid: undefined,
};

test("CallerRun keeps so many calls in flight, none twice, and waits for the last", async () => {
  const inFlight = new Set<string>();
  const seen = new Set<string>();
  let most = 0;
  const result = await new CallerRun(load, async (body) => {
    const text = body.toString();
    assert.ok(!seen.has(text));
    seen.add(text);
    inFlight.add(text);
    most = Math.max(most, inFlight.size);
    await turn();
    inFlight.delete(text);
    return Buffer.from(text);
  }).run();
  assert.equal(most, load.inFlight);
  assert.equal(inFlight.size, 0);
  assert.ok(result.calls > 0 && result.calls <= seen.size);
  assert.deepEqual([result.errors, result.errorTexts], [0, []]);
  assert.ok(result.latencyMs.p50 <= result.latencyMs.p99);
  assert.notEqual(result.daemonCpuMs, undefined);
  assert.equal(result.brokerCpuMs, undefined);
});

test("CallerRun counts replies to others, and calls that fail", async () => {
  let calls = 0;
  const result = await new CallerRun({ ...load, inFlight: 3 }, async (body) => {
    await turn();
    calls += 1;
    if (calls === 2) return Buffer.from('"000000000"');
    if (calls === 3) throw new RangeError("no");
    return Buffer.from(body);
  }).run();
  assert.equal(result.errors, 2);
  assert.deepEqual(result.errorTexts, ["Error: a body that is not the event", "RangeError: no"]);
});
