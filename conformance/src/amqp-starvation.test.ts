import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { connect } from "@lambdad/invoke-amqp";
import { brokerUri, waitFor } from "@lambdad/testkit";
import { lambdaRuntimeCommand } from "./amqp-fault-runtime.ts";
import { DaemonProcess } from "./daemon-process.ts";
import { peerCommand } from "./host.ts";
import { fixture } from "./paths.ts";
import { spawnLambdad } from "./start-lambdad.ts";

type StartHost = (
  uri: string,
  queue: string,
  env: Readonly<Record<string, string>>,
) => DaemonProcess;

/** Hosts that run one call at once. */
const kinds: readonly (readonly [string, StartHost])[] = [
  [
    "lambda-runtime",
    (uri, queue, env) => {
      const [file = "", ...words] = lambdaRuntimeCommand;
      const args = ["-u", uri, "-q", queue, "--concurrency=1", fixture("amqp-faults", "gated.mjs")];
      return new DaemonProcess(file, [...words, ...args], { env });
    },
  ],
  [
    "lambdad",
    (uri, queue, env) =>
      spawnLambdad(
        ["run", "--max-concurrency=1", "--timeout=60", "gated.handler"],
        { ...env, AMQP_URI: uri, AWS_LAMBDA_FUNCTION_NAME: queue },
        { cwd: fixture("amqp-faults") },
      ),
  ],
];

/** The call that runs, and at most one that waits for its end (contract §4). */
const heldMax = 2;
const calls = 40;
const startMs = 60_000;

describe("a slow host and a fast one", { skip: peerCommand !== undefined }, () => {
  for (const [name, startHost] of kinds) {
    test(`${name}: the slow one holds no call that the fast one could run (AM-15)`, async (t) => {
      const folder = mkdtempSync(join(tmpdir(), "lambdad-starvation-"));
      t.after(() => rmSync(folder, { recursive: true }));
      const gate = join(folder, "gate");
      const uri = await brokerUri();
      const queue = `starvation-${randomUUID()}`;
      for (const env of [{ HOST_NAME: "slow", GATE: gate }, { HOST_NAME: "fast" }]) {
        const host = startHost(uri, queue, env);
        t.after(() => host.stop());
        await host.output.waitFor(new RegExp(`(?:consum|serving).*${queue}`, "i"), startMs);
      }
      const client = await connect(uri);
      t.after(() => client.close());

      const ended: unknown[] = [];
      const all = Array.from({ length: calls }, async () => {
        ended.push(await client.invoke(queue, {}).catch(String));
      });
      // Nothing but the calls that the slow one holds may wait for it.
      await waitFor(() => ended.length >= calls - heldMax, { timeoutMs: 60_000 });
      assert.deepEqual(new Set(ended), new Set(["fast"]));
      assert.ok(ended.length < calls, "the slow host got nothing, so this proves nothing");
      writeFileSync(gate, "");
      await Promise.all(all);
      assert.deepEqual(new Set(ended), new Set(["fast", "slow"]));
    });
  }
});
