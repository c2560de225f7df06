import { makeReport, renderReport } from "../bench/bench-report.ts";
import { HttpCaller, requestBytes } from "../bench/http-caller.ts";
import { Load, type LoadOptions } from "../bench/load.ts";
import { type Progress, ProgressBar } from "../bench/progress-bar.ts";
import { CallFailure, failureOfError } from "../caller/call-failure.ts";
import { placeOf } from "../caller/place-of.ts";
import { readPayload } from "../caller/read-payload.ts";
import { renderCall } from "../caller/render-call.ts";
import { UsageError } from "../caller/usage-error.ts";
import { type CommandIo, exitCode, OutputWriter } from "../cli/command-io.ts";
import type { BenchCommand } from "../cli/command.ts";
import { oneLine } from "../configuration/quoted.ts";

/**
 * `lambdad bench`: calls a function again and again. The report goes to standard output, the progress
 * bar to standard error when that is a terminal.
 *
 * @returns the exit code. Never throws for what a user or an endpoint did.
 */
export async function runBench(command: BenchCommand, io: CommandIo): Promise<number> {
  const stderr = new OutputWriter(io.stderr);
  try {
    const payload = await readPayload(command.payload, io.stdin, io.signal);
    const { makeCaller, close } = await callersOf(command, payload, stderr, io.signal);
    try {
      const { callers, until, timeoutMs } = command;
      const load = new Load({ callers, until, timeoutMs, makeCaller, signal: io.signal });
      return await measure(command, load, payload.byteLength, io);
    } finally {
      await close();
    }
  } catch (error) {
    if (io.signal.aborted) return exitCode.interrupted;
    if (error instanceof UsageError) {
      await stderr.write(`${oneLine(error.message)}\n`);
      return exitCode.usage;
    }
    if (!(error instanceof CallFailure)) throw error;
    await stderr.write(unreachable(command, error));
    return exitCode.hostFailed;
  }
}

/** What makes the callers, and how to end what they share. */
interface Callers {
  readonly makeCaller: LoadOptions["makeCaller"];
  readonly close: () => Promise<void>;
}

async function callersOf(
  command: BenchCommand,
  payload: Uint8Array,
  stderr: OutputWriter,
  signal: AbortSignal,
): Promise<Callers> {
  if (command.broker !== undefined) {
    const { connectCallers } = await import("../bench/connect-callers.ts");
    const onRetry = (message: string): void => void stderr.write(`${oneLine(message)}\n`);
    return connectCallers(command.broker, command, { payload, onRetry, signal });
  }
  const { url, headers } = renderCall(command, {
    type: "RequestResponse",
    log: false,
    clientContext: undefined,
  });
  const request = requestBytes(url, headers, payload);
  return {
    makeCaller: (listener) => new HttpCaller({ url, request, ...listener }),
    // Each caller ends with its load.
    close: async () => {},
  };
}

async function measure(
  command: BenchCommand,
  load: Load,
  payloadBytes: number,
  io: CommandIo,
): Promise<number> {
  const stdout = new OutputWriter(io.stdout);
  const bar = new ProgressBar(io.stderr, () => progressOf(command, load));
  bar.start();
  const end = await load.run();
  bar.stop();
  const { tally, elapsedMs } = load;
  if (end === "unreachable") {
    const [reason = "ConnectionClosed"] = tally.reasons[0] ?? [];
    throw failureOfError(Object.assign(new Error(reason), { code: reason }));
  }
  const { callers, stream, functionName } = command;
  const endpoint = placeOf(command);
  const report = makeReport(
    { function: functionName, endpoint, callers, payloadBytes, stream, end, elapsedMs },
    tally,
  );
  await stdout.write(command.json ? `${JSON.stringify(report)}\n` : renderReport(report));
  await stdout.flush();
  if (tally.calls > 0 && tally.hostFailed === tally.calls) return exitCode.hostFailed;
  return tally.hostFailed + tally.functionFailed > 0 ? exitCode.functionFailed : exitCode.success;
}

function progressOf({ until }: BenchCommand, { tally, elapsedMs }: Load): Progress {
  const share = until.kind === "count" ? tally.calls / until.count : elapsedMs / until.durationMs;
  const failures = tally.hostFailed + tally.functionFailed;
  return { share, calls: tally.calls, failures, elapsedMs };
}

function unreachable(command: BenchCommand, { message, remedy }: CallFailure): string {
  const hint = remedy === undefined ? "" : `. ${remedy}`;
  const what = `Cannot reach '${command.functionName}' at ${placeOf(command)}`;
  return `${oneLine(`${what}: ${message}${hint}`)}\n`;
}
