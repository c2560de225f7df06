import assert from "node:assert/strict";
import { test } from "node:test";
import { faultsNamed } from "./amqp-fault-kinds.ts";
import { faultDaemon, faultRuntime } from "./amqp-fault-runtime.ts";
import { runAmqpFaults } from "./amqp-faults.ts";
import { peerCommand } from "./host.ts";

const skip = peerCommand === undefined ? false : "lambdad alone";

// One of each fault; 'npm run soak -- amqp' does them for longer, and more. The broker: startBroker().
test(
  "each call over AMQP ends in its own reply or one clear error while broker and hosts fail (INV-3, INV-5, INV-6, AM-2 to AM-9, HO-8)",
  { skip, timeout: 110_000 },
  async (t) => {
    const faults = faultsNamed([
      "restart",
      "close-connections",
      "memory-alarm",
      "queue-deletion",
      "host-kill",
      "host-stop",
      "pause",
    ]);
    const report = await runAmqpFaults({
      calls: 5_000,
      inFlight: 200,
      workMsMax: 500,
      hosts: 2,
      hostCommand: faultRuntime,
      faults,
      calmMs: 1_500,
      timeLimitMs: 90_000,
    });
    t.diagnostic(JSON.stringify(report));
    assert.deepEqual(report.violations, []);
    assert.deepEqual(Object.keys(report.faults).sort(), faults.map(({ name }) => name).sort());
    const returned = report.outcomes["returned"] ?? 0;
    assert.ok(returned > report.calls / 2, `Only ${returned} of ${report.calls} calls returned`);
    assert.ok(report.undisturbed > 500, `Only ${report.undisturbed} calls met no fault`);
  },
);

test(
  "each call over AMQP ends in its own reply or one clear error while lambdad and its broker fail (INV-3, INV-5, INV-6, AM-3, AM-4, AM-9)",
  { skip, timeout: 110_000 },
  async (t) => {
    const faults = faultsNamed(["restart", "close-connections", "host-kill", "host-stop"]);
    const report = await runAmqpFaults({
      calls: 500,
      inFlight: 50,
      workMsMax: 50,
      hosts: 2,
      hostCommand: (place) => faultDaemon(place, 2),
      faults,
      calmMs: 1_500,
      timeLimitMs: 90_000,
    });
    t.diagnostic(JSON.stringify(report));
    assert.deepEqual(report.violations, []);
    assert.ok(report.undisturbed > 50, `Only ${report.undisturbed} calls met no fault`);
  },
);
