import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Broker } from "@lambdad/testkit";
import type { FaultHosts } from "./amqp-fault-hosts.ts";

/** What faults are done to. */
export interface FaultStage {
  readonly broker: Broker;
  readonly hosts: FaultHosts;
  readonly queue: string;
}

/** A fault: it happens, and is over when `run` resolves. */
export interface FaultKind {
  readonly name: string;
  /** A host or a connection dies. */
  readonly breaks: boolean;
  /** The callers' connections die, and come back. */
  readonly cutsCallers: boolean;
  /** No call may fail for it. */
  readonly harmless: boolean;
  run(stage: FaultStage): Promise<void>;
}

/** Everything that a fault lasts, in milliseconds. */
const shortMs = [200, 1_500] as const;
const alarmMs = [1_000, 7_000] as const;
/** In the middle of new connections. */
const flapMs = [0, 300] as const;
const pauseMs = [500, 3_000] as const;
/** Longer than three heartbeats of `faultHeartbeatSeconds`. */
const freezeMs = [17_000, 18_000] as const;

/** Of the connections that the faults are for: the freeze is noticed, the pause is not. */
export const faultHeartbeatSeconds = 5;

export const faultKinds: readonly FaultKind[] = [
  {
    name: "restart",
    breaks: true,
    cutsCallers: true,
    harmless: false,
    async run({ broker }) {
      await broker.stopApp();
      await between(shortMs);
      await broker.startApp();
    },
  },
  {
    name: "broker-kill",
    breaks: true,
    cutsCallers: true,
    harmless: false,
    async run({ broker }) {
      await broker.kill();
      await between(shortMs);
      await broker.start();
    },
  },
  {
    name: "close-connections",
    breaks: true,
    cutsCallers: true,
    harmless: false,
    async run({ broker }) {
      await broker.closeConnections();
    },
  },
  {
    name: "flapping",
    breaks: true,
    cutsCallers: true,
    harmless: false,
    async run({ broker }) {
      for (let times = 0; times < 15; times += 1) {
        await broker.closeConnections();
        await between(flapMs);
      }
    },
  },
  {
    name: "memory-alarm",
    breaks: false,
    cutsCallers: false,
    harmless: false,
    async run({ broker }) {
      await broker.setMemoryAlarm(true);
      await between(alarmMs);
      await broker.setMemoryAlarm(false);
    },
  },
  {
    name: "queue-deletion",
    breaks: false,
    cutsCallers: false,
    harmless: false,
    async run({ broker, queue }) {
      await broker.deleteQueue(queue);
    },
  },
  {
    name: "host-kill",
    breaks: true,
    cutsCallers: false,
    harmless: false,
    async run({ hosts }) {
      await hosts.kill("one");
      await hosts.start();
    },
  },
  {
    name: "hosts-kill",
    breaks: true,
    cutsCallers: false,
    harmless: false,
    async run({ hosts }) {
      await hosts.kill("all");
      await hosts.start();
    },
  },
  {
    name: "host-stop",
    breaks: false,
    cutsCallers: false,
    harmless: true,
    async run({ hosts }) {
      await hosts.stop("one");
      await hosts.start();
    },
  },
  {
    name: "pause",
    breaks: false,
    cutsCallers: false,
    harmless: true,
    async run({ broker }) {
      broker.pause();
      await between(pauseMs);
      broker.resume();
    },
  },
  {
    name: "freeze",
    breaks: true,
    cutsCallers: false,
    harmless: false,
    async run({ broker }) {
      broker.pause();
      await between(freezeMs);
      broker.resume();
    },
  },
];

/** Those of the faults that have these names. @throws {RangeError} for a name that there is not. */
export function faultsNamed(names: readonly string[]): readonly FaultKind[] {
  return names.map((name) => {
    const kind = faultKinds.find((each) => each.name === name);
    if (kind === undefined) throw new RangeError(`Cannot do the fault '${name}': there is none`);
    return kind;
  });
}

async function between([min, max]: readonly [number, number]): Promise<void> {
  await sleep(randomInt(min, max + 1));
}
