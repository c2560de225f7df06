import { makeReport, renderReport } from "../bench/bench-report.ts";
import { Load, requestBytes } from "../bench/load.ts";
import { type Progress, ProgressBar } from "../bench/progress-bar.ts";
import { failureOfError } from "../caller/call-failure.ts";
import { PayloadError, readPayload } from "../caller/read-payload.ts";
import { renderCall } from "../caller/render-call.ts";
import { withoutUser } from "../caller/without-user.ts";
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
  const stdout = new OutputWriter(io.stdout);
  const stderr = new OutputWriter(io.stderr);
  let payload: Uint8Array;
  try {
    payload = await readPayload(command.payload, io.stdin, io.signal);
  } catch (error) {
    if (io.signal.aborted) return exitCode.interrupted;
    if (!(error instanceof PayloadError)) throw error;
    await stderr.write(`${oneLine(error.message)}\n`);
    return exitCode.usage;
  }
  const load = makeLoad(command, payload, io.signal);
  const bar = new ProgressBar(io.stderr, () => progressOf(command, load));
  bar.start();
  const end = await load.run();
  bar.stop();
  const { tally } = load;
  const endpoint = withoutUser(command.endpointUrl);
  if (end === "unreachable") {
    const [reason = "ConnectionClosed"] = tally.reasons[0] ?? [];
    const { message, remedy } = failureOfError(Object.assign(new Error(reason), { code: reason }));
    const hint = remedy === undefined ? "" : `. ${remedy}`;
    const line = `Cannot reach '${command.functionName}' at ${endpoint}: ${message}${hint}`;
    await stderr.write(`${oneLine(line)}\n`);
    return exitCode.hostFailed;
  }
  const { callers, stream, functionName } = command;
  const report = makeReport(
    {
      function: functionName,
      endpoint,
      callers,
      payloadBytes: payload.byteLength,
      stream,
      end,
      elapsedMs: load.elapsedMs,
    },
    tally,
  );
  await stdout.write(command.json ? `${JSON.stringify(report)}\n` : renderReport(report));
  await stdout.flush();
  if (tally.calls > 0 && tally.hostFailed === tally.calls) return exitCode.hostFailed;
  return tally.hostFailed + tally.functionFailed > 0 ? exitCode.functionFailed : exitCode.success;
}

function makeLoad(command: BenchCommand, payload: Uint8Array, signal: AbortSignal): Load {
  const { callers, until, timeoutMs } = command;
  const { url, headers } = renderCall(command, {
    type: "RequestResponse",
    log: false,
    clientContext: undefined,
  });
  return new Load({
    callers,
    until,
    timeoutMs,
    url,
    request: requestBytes(url, headers, payload),
    signal,
  });
}

function progressOf({ until }: BenchCommand, { tally, elapsedMs }: Load): Progress {
  const share = until.kind === "count" ? tally.calls / until.count : elapsedMs / until.durationMs;
  const failures = tally.hostFailed + tally.functionFailed;
  return { share, calls: tally.calls, failures, elapsedMs };
}
