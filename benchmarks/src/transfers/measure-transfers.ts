import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { bytesOf } from "../../aws-clients/operations.mjs";
import { Program } from "../amqp/program.ts";
import {
  attempt,
  type Bench,
  type Measurement,
  type MeasurementInProgress,
  type ScenarioResult,
  type TransferSample,
} from "../measure/measurement.ts";
import type { TransferScenario } from "../measure/scenarios.ts";
import type { StartedTransfers } from "./start-transfers.ts";
import type { TransferTask } from "./transfer-task.ts";

const transferMsMax = 600_000;

type Progress = MeasurementInProgress & { skipped: string | undefined };

/** Has each client transfer the same file in turn, round after round; one transfer is a sample. */
export async function measureTransfers(
  bench: Bench,
  transfers: StartedTransfers,
  scenario: TransferScenario,
): Promise<ScenarioResult> {
  const url = scenario.isSecure ? transfers.secureUrl : transfers.url;
  const skipped = url === undefined ? "there is no certificate" : undefined;
  const measurements = transfers.subjects.map(({ name, role, command }): Progress => {
    const subject = { name, role, command, runtimes: {} };
    return { subject, runtime: [], samples: [], failure: undefined, skipped };
  });
  const path = join(transfers.folder, `${scenario.operation}ed`);
  if (scenario.operation === "upload") makeFile(path, scenario.bytes);
  const running = new Map<Progress, Program>();
  try {
    for (const measurement of measurements) {
      if (url === undefined) break;
      await attempt(bench, measurement, async () => {
        const words = [...measurement.subject.command, url, transfers.peers];
        const program = Program.start(words, { speaks: true, variables: transfers.variables });
        running.set(measurement, program);
        await program.ask(undefined, bench.signal);
      });
    }
    for (let round = 1; round <= bench.rounds; round += 1) {
      for (const [measurement, program] of running) {
        if (measurement.skipped !== undefined) continue;
        const { name } = measurement.subject;
        bench.progress(`${scenario.name} · round ${round} of ${bench.rounds} · ${name}`);
        await attempt(bench, measurement, () =>
          transferOnce(bench, { scenario, path }, measurement, program),
        );
        if (scenario.operation === "download") rmSync(path, { force: true });
      }
    }
  } finally {
    await Promise.all([...running.values()].map((program) => program.stop()));
    rmSync(path, { force: true });
  }
  return { scenario, measurements: measurements.map(finished) };
}

async function transferOnce(
  bench: Bench,
  { scenario, path }: { readonly scenario: TransferScenario; readonly path: string },
  measurement: Progress,
  program: Program,
): Promise<void> {
  const { operation, bytes } = scenario;
  const key = `${operation === "upload" ? "put" : "get"}-${bytes}`;
  const task: TransferTask = { operation, key, path, bytes };
  const answer = await program.ask(JSON.stringify(task), bench.signal, transferMsMax);
  const sample = JSON.parse(answer) as TransferSample | { readonly kind: "absent" };
  if (sample.kind === "absent") measurement.skipped = "it cannot do this";
  else measurement.samples.push(sample);
}

/** A file of bytes without a pattern that compresses. */
function makeFile(path: string, bytes: number): void {
  const block = bytesOf(1_048_576);
  const file = openSync(path, "w");
  try {
    for (let left = bytes; left > 0; left -= block.length) {
      writeSync(file, block, 0, Math.min(left, block.length));
    }
  } finally {
    closeSync(file);
  }
}

function finished({ subject, samples, failure, skipped }: Progress): Measurement {
  return { subject: subject.name, role: subject.role, samples, failure, skipped };
}
