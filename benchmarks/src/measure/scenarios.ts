import { awsScenarios } from "../aws/aws-scenarios.ts";
import { storeScenarios } from "../stores/store-scenarios.ts";
import { transferScenarios } from "../transfers/transfer-scenarios.ts";
import type { RuntimeKind } from "../subject/subject.ts";

/** Throughput, latency and CPU time of echo calls. */
export interface EchoScenario {
  readonly kind: "echo";
  readonly name: string;
  readonly runtime: RuntimeKind;
  readonly payloadBytes: number;
  readonly callers: number;
}

/** Echo calls with and without extensions beside the function. */
export interface ExtensionsScenario {
  readonly kind: "extensions";
  readonly name: string;
  readonly runtime: "go" | "node";
  readonly payloadBytes: number;
  readonly callers: number;
}

/** One long streamed response: its rate, and the memory it takes. */
export interface StreamScenario {
  readonly kind: "stream";
  readonly name: string;
  readonly runtime: RuntimeKind;
  readonly bytes: number;
  /** The caller stops reading for so long; 0: it does not. */
  readonly pauseMs: number;
}

/** From process start to the first connection and to the first answer. */
export interface StartScenario {
  readonly kind: "start";
  readonly name: string;
  readonly runtime: RuntimeKind;
}

/** Resident memory when idle, at most, and after payloads of 6 MB. */
export interface MemoryScenario {
  readonly kind: "memory";
  readonly name: string;
  readonly runtime: RuntimeKind;
}

/** Echo calls through a queue. */
export interface AmqpScenario {
  readonly kind: "amqp";
  readonly name: string;
  readonly payloadBytes: number;
  readonly inFlight: number;
}

/** Calls of AWS clients to a stand-in. */
export interface AwsCallScenario {
  readonly kind: "aws";
  readonly name: string;
  readonly operation: string;
  /** Bytes of the body or of the item; 0 where the operation has one size. */
  readonly size: number;
  /** What a call gives: see `aws-clients/operations.mjs`. */
  readonly expected: number;
  readonly inFlight: number;
  readonly isSecure: boolean;
}

/** From the start of a process to its end: with a client made, and with a first call. */
export interface AwsStartScenario {
  readonly kind: "aws-start";
  readonly name: string;
  /** The call before it ends; absent: none. */
  readonly operation?: string;
}

/** Resident memory of AWS clients after many calls. */
export interface AwsMemoryScenario {
  readonly kind: "aws-memory";
  readonly name: string;
  readonly calls: number;
}

/** Puts and gets of objects in stores. */
export interface StoreScenario {
  readonly kind: "stores";
  readonly name: string;
  readonly operation: string;
  readonly size: number;
  /** What a call gives: bytes, or 1. */
  readonly expected: number;
  readonly inFlight: number;
}

/** Managed transfers of one file. */
export interface TransferScenario {
  readonly kind: "transfers";
  readonly name: string;
  readonly operation: "upload" | "download";
  readonly bytes: number;
  readonly isSecure: boolean;
}

/** Those that measure clients of AWS. */
export type AwsScenario = AwsCallScenario | AwsStartScenario | AwsMemoryScenario;

export type Scenario =
  | EchoScenario
  | AmqpScenario
  | AwsScenario
  | StoreScenario
  | TransferScenario
  | ExtensionsScenario
  | StreamScenario
  | StartScenario
  | MemoryScenario;

/** Those that measure hosts by HTTP. */
export type HostScenario = Exclude<
  Scenario,
  AmqpScenario | AwsScenario | StoreScenario | TransferScenario
>;

/** Payload sizes by the name they have in scenarios. 6 MB is 6 MiB: the limit is 100 bytes more. */
export const payloadSizes = { "100B": 100, "1MB": 1_048_576, "6MB": 6_291_456 } as const;

/** Body sizes of the scenarios over AMQP. */
const amqpSizes = { "11B": 11, "5KB": 5_000, "50KB": 50_000, "1MB": 1_048_576 } as const;

const callerCounts = [1, 8, 64] as const;
const inFlightCounts = [1, 100, 1_000] as const;
const extensionsCallerCounts = [1, 8] as const;
const streamBytes = 200_000_000;
const streamBytesQuick = 20_000_000;

/** All scenarios, in the order in which they run. */
export function allScenarios({ quick }: { readonly quick: boolean }): Scenario[] {
  const scenarios: Scenario[] = [{ kind: "start", name: "start", runtime: "go" }];
  for (const runtime of ["go", "node"] as const) {
    for (const [size, payloadBytes] of Object.entries(payloadSizes)) {
      for (const callers of callerCounts) {
        const name = `${runtime}-${size}-${callers}`;
        scenarios.push({ kind: "echo", name, runtime, payloadBytes, callers });
      }
    }
  }
  for (const runtime of ["go", "node"] as const) {
    for (const callers of extensionsCallerCounts) {
      const name = `extensions-${runtime}-${callers}`;
      const payloadBytes = payloadSizes["100B"];
      scenarios.push({ kind: "extensions", name, runtime, payloadBytes, callers });
    }
  }
  const bytes = quick ? streamBytesQuick : streamBytes;
  for (const runtime of ["go", "node"] as const) {
    const kind = `${runtime}-stream` as const;
    scenarios.push(
      { kind: "stream", name: `stream-${runtime}`, runtime: kind, bytes, pauseMs: 0 },
      { kind: "stream", name: `stream-${runtime}-paused`, runtime: kind, bytes, pauseMs: 2_000 },
    );
  }
  for (const runtime of ["go", "node"] as const) {
    scenarios.push({ kind: "memory", name: `memory-${runtime}`, runtime });
  }
  for (const [size, payloadBytes] of Object.entries(amqpSizes)) {
    for (const inFlight of inFlightCounts) {
      const name = `amqp-${size}-${inFlight}`;
      scenarios.push({ kind: "amqp", name, payloadBytes, inFlight });
    }
  }
  return [
    ...scenarios,
    ...awsScenarios({ quick }),
    ...storeScenarios(),
    ...transferScenarios({ quick }),
  ];
}

/** What `--quick` runs: one scenario of each kind, both runtimes. */
const quickNames: ReadonlySet<string> = new Set([
  "start",
  "go-100B-64",
  "node-100B-8",
  "node-6MB-8",
  "extensions-node-8",
  "stream-node",
  "memory-go",
  "amqp-5KB-100",
  "aws-s3-get-1KB-64",
  "aws-dynamodb-get-1KB-64",
  "aws-tls-s3-put-1KB-64",
  "aws-import",
  "aws-first-call",
  "aws-memory",
  "aws-dynamodb-batch-1KB-8",
  "stores-put-1KB",
  "stores-get-1KB",
  "references-1KB",
  "transfers-upload",
  "transfers-download",
]);

/**
 * The scenarios of the names given, or whose names begin with what is no name; without any, all of them, or the short
 * list of `--quick`.
 *
 * @throws {TypeError} when a text selects nothing.
 */
export function selectScenarios(
  selected: readonly string[],
  { quick }: { readonly quick: boolean },
): Scenario[] {
  const scenarios = allScenarios({ quick });
  for (const text of selected) {
    if (!scenarios.some(({ name }) => name.startsWith(text))) {
      const names = scenarios.map(({ name }) => name).join(", ");
      throw new TypeError(`Cannot find the scenario '${text}': there are ${names}`);
    }
  }
  if (selected.length > 0) {
    const exact = new Set(
      scenarios.map(({ name }) => name).filter((name) => selected.includes(name)),
    );
    const prefixes = selected.filter((text) => !exact.has(text));
    return scenarios.filter(
      ({ name }) => exact.has(name) || prefixes.some((text) => name.startsWith(text)),
    );
  }
  return quick ? scenarios.filter(({ name }) => quickNames.has(name)) : scenarios;
}
