// Callers in Python, as they exist, against our hosts: the vectors of the contract of AMQP-RPC, §17.
// The host in Python runs them too, so that a caller that is wrong shows.
import { after, before, describe, test } from "node:test";
import { PythonCaller } from "./amqp-python.ts";
import { prepareBroker } from "./amqp-python-broker.ts";
import {
  type AmqpHostKind,
  daemonHost,
  pythonHost,
  runtimeHost,
  uniqueQueue,
} from "./amqp-python-hosts.ts";
import { amqpScenarios } from "./amqp-python-scenarios.ts";
import type { DaemonProcess } from "./daemon-process.ts";
import { pika } from "./install/parts.ts";
import { prepare } from "./prepare.ts";

const folder = await prepare(pika);
const brokerUri = folder === undefined ? undefined : await prepareBroker();

if (folder !== undefined && brokerUri !== undefined) {
  const hosts: readonly AmqpHostKind[] = [daemonHost, runtimeHost, pythonHost(folder)];
  for (const host of hosts) {
    for (const kind of ["blocking", "asyncio"] as const) {
      describe(`${kind} callers in Python, ${host.name}`, () => {
        const queue = uniqueQueue();
        let running: DaemonProcess | undefined;
        let caller: PythonCaller | undefined;
        before(async () => {
          running = await host.start(queue, { brokerUri, concurrency: 2 });
          caller = new PythonCaller(folder, kind, brokerUri);
        });
        after(async () => {
          caller?.stop();
          await running?.stop();
        });
        for (const scenario of amqpScenarios) {
          const skip = scenario.skip?.(host) ?? false;
          test(scenario.title, { skip, timeout: 60_000 }, async () => {
            if (caller === undefined) throw new Error("Not started");
            await scenario.run({ caller, queue, host });
          });
        }
      });
    }
  }
}
