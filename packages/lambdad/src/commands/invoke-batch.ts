import { Session } from "@lambdad/aws";
import { type BatchCall, readBatch } from "../caller/batch-lines.ts";
import { OrderedOutput } from "../caller/ordered-output.ts";
import { placeOf } from "../caller/place-of.ts";
import { UsageError } from "../caller/usage-error.ts";
import { ProgressBar } from "../bench/progress-bar.ts";
import { type CommandIo, exitCode, OutputWriter } from "../cli/command-io.ts";
import type { BatchOptions, InvokeCommand } from "../cli/command.ts";
import { oneLine } from "../configuration/quoted.ts";

/** How the calls of a batch ended. */
interface Tally {
  done: number;
  /** The function failed. */
  functionErrors: number;
  /** The call was not answered. */
  failures: number;
}

/**
 * `lambdad invoke --batch FILE`: makes many calls at once through the AWS client. Results go to
 * standard output as JSON lines, in the order of the calls.
 *
 * @returns the exit code. Never throws for what a user or an endpoint did.
 */
export async function runInvokeBatch(
  command: InvokeCommand,
  batch: BatchOptions,
  io: CommandIo,
): Promise<number> {
  const stdout = new OutputWriter(io.stdout);
  const stderr = new OutputWriter(io.stderr);
  const tally: Tally = { done: 0, functionErrors: 0, failures: 0 };
  const started = performance.now();
  const bar = new ProgressBar(io.stderr, () => ({
    // How many calls the file has is known when it has been read.
    share: 0,
    calls: tally.done,
    failures: tally.functionErrors + tally.failures,
    elapsedMs: performance.now() - started,
  }));
  const signal = AbortSignal.any([io.signal, stdout.gone]);
  bar.start();
  try {
    await makeCalls(command, batch, { io, stdout, tally, signal });
    await stdout.flush();
  } catch (error) {
    bar.stop();
    if (io.signal.aborted) return exitCode.interrupted;
    if (stdout.gone.aborted) return exitCode.outputClosed;
    const isUsage = error instanceof UsageError;
    await stderr.write(`${oneLine(isUsage ? error.message : describe(command, error, tally))}\n`);
    return isUsage ? exitCode.usage : exitCode.hostFailed;
  }
  bar.stop();
  if (stdout.gone.aborted) return exitCode.outputClosed;
  const { done, functionErrors, failures } = tally;
  if (functionErrors + failures > 0) {
    await stderr.write(
      `${done} calls: ${functionErrors} functions failed, ${failures} calls were not answered\n`,
    );
  }
  if (failures > 0) return exitCode.hostFailed;
  return functionErrors > 0 ? exitCode.functionFailed : exitCode.success;
}

interface BatchRun {
  readonly io: CommandIo;
  readonly stdout: OutputWriter;
  readonly tally: Tally;
  readonly signal: AbortSignal;
}

async function makeCalls(
  command: InvokeCommand,
  { path, concurrency, keepGoing }: BatchOptions,
  { io, stdout, tally, signal }: BatchRun,
): Promise<void> {
  const session = new Session({
    endpoint: command.endpointUrl,
    region: process.env["AWS_REGION"] ?? process.env["AWS_DEFAULT_REGION"] ?? "us-east-1",
    // A daemon of one's own checks no signature, and its users need no keys.
    ...(!hasCredentials(process.env) && { credentials: false }),
  });
  const lambda = session.client("lambda", {
    maxConnections: concurrency,
    ...(command.timeoutMs > 0 && { timeout: command.timeoutMs, attemptTimeout: command.timeoutMs }),
  });
  const output = new OrderedOutput(stdout);
  const calls = readBatch(path, io.stdin, command);
  try {
    await session.all(
      mapCalls(calls, (call) => async (abort, index) => {
        let line: Record<string, unknown>;
        try {
          const result = await lambda.invoke(call, {
            signal: abort,
          });
          if (result.FunctionError !== undefined) tally.functionErrors++;
          line = { ...resultOf(result) };
        } catch (error) {
          if (!keepGoing) throw error;
          tally.failures++;
          const { name, message } = error as Error;
          line = { Error: { name, message } };
        }
        tally.done++;
        await output.write(index, JSON.stringify(line));
      }),
      { concurrency, signal },
    );
  } finally {
    await session.close();
  }
}

async function* mapCalls<T>(
  calls: AsyncIterable<BatchCall>,
  make: (call: BatchCall) => T,
): AsyncGenerator<T, void, undefined> {
  for await (const call of calls) yield make(call);
}

interface InvokeResult {
  readonly StatusCode?: number | undefined;
  readonly FunctionError?: string | undefined;
  readonly ExecutedVersion?: string | undefined;
  readonly Payload?: Uint8Array | undefined;
}

/** What a line says of a result: a payload that is JSON stays JSON, any other is a string. */
function resultOf({
  StatusCode,
  FunctionError,
  ExecutedVersion,
  Payload,
}: InvokeResult): Record<string, unknown> {
  return {
    StatusCode,
    FunctionError,
    ExecutedVersion,
    ...(Payload !== undefined && Payload.length > 0 && { Payload: payloadOf(Payload) }),
  };
}

function payloadOf(bytes: Uint8Array): unknown {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function hasCredentials(environment: NodeJS.ProcessEnv): boolean {
  return ["AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE"].some(
    (name) => environment[name] !== undefined,
  );
}

function describe(command: InvokeCommand, error: unknown, { done }: Tally): string {
  const reason = error instanceof Error ? error.message : String(error);
  const rest = "the other calls were ended; --keep-going makes them all";
  return `Cannot make the calls of the batch at ${placeOf(command)}: ${reason} (after ${done} calls; ${rest})`;
}
