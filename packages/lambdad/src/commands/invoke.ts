import type { IncomingMessage } from "node:http";
import { CallFailure, failureOfError, failureOfResponse } from "../caller/call-failure.ts";
import { readPayload } from "../caller/read-payload.ts";
import { renderCall } from "../caller/render-call.ts";
import {
  type CallOutcome,
  readResponse,
  readStreamedResponse,
  type ResponseTarget,
} from "../caller/read-response.ts";
import { sendCall } from "../caller/send-call.ts";
import { UsageError } from "../caller/usage-error.ts";
import { placeOf } from "../caller/place-of.ts";
import { type CommandIo, exitCode, OutputWriter } from "../cli/command-io.ts";
import type { InvokeCommand } from "../cli/command.ts";
import { oneLine } from "../configuration/quoted.ts";

/**
 * `lambdad invoke`: calls a function once. The response's bytes go to standard output as they are;
 * everything else goes to standard error.
 *
 * @returns the exit code. Never throws for what a user or an endpoint did.
 */
export async function runInvoke(command: InvokeCommand, io: CommandIo): Promise<number> {
  if (command.batch !== undefined) {
    const { runInvokeBatch } = await import("./invoke-batch.ts");
    return runInvokeBatch(command, command.batch, io);
  }
  const stdout = new OutputWriter(io.stdout);
  const stderr = new OutputWriter(io.stderr);
  const timeout = command.timeoutMs === 0 ? undefined : AbortSignal.timeout(command.timeoutMs);
  const signals = [io.signal, stdout.gone, ...(timeout === undefined ? [] : [timeout])];
  try {
    const payload = await readPayload(command.payload, io.stdin, io.signal);
    const outcome = await call(command, payload, {
      stdout,
      stderr,
      signal: AbortSignal.any(signals),
    });
    if (
      io.stdout.isTTY === true &&
      outcome.lastByte !== undefined &&
      outcome.lastByte !== newline
    ) {
      await stderr.write("\n");
    }
    if (outcome.logTail !== undefined) await stderr.write(outcome.logTail);
    if (outcome.failure !== undefined) {
      await stderr.write(`The function failed: ${oneLine(outcome.failure)}\n`);
    }
    await stdout.flush();
    if (stdout.gone.aborted) return exitCode.outputClosed;
    return outcome.failure === undefined ? exitCode.success : exitCode.functionFailed;
  } catch (error) {
    if (io.signal.aborted) return exitCode.interrupted;
    if (stdout.gone.aborted) return exitCode.outputClosed;
    if (error instanceof UsageError) {
      await stderr.write(`${oneLine(error.message)}\n`);
      return exitCode.usage;
    }
    const failure = timeout?.aborted === true ? timedOut(command) : failureOfError(error);
    await stderr.write(describe(command, failure));
    return exitCode.hostFailed;
  }
}

const newline = 0x0a;

interface CallStreams {
  readonly stdout: OutputWriter;
  readonly stderr: OutputWriter;
  readonly signal: AbortSignal;
}

async function call(
  command: InvokeCommand,
  payload: Uint8Array,
  { stdout, stderr, signal }: CallStreams,
): Promise<CallOutcome> {
  const write = async (bytes: Uint8Array): Promise<void> => stdout.write(bytes);
  if (command.broker === undefined) return callOverHttp(command, payload, { write, signal });
  // Loaded on request: it takes longer than a call over HTTP.
  const { callOverAmqp } = await import("../caller/call-over-amqp.ts");
  const onRetry = (message: string): void => void stderr.write(`${oneLine(message)}\n`);
  return callOverAmqp(command.broker, command, { payload, write, onRetry, signal });
}

async function callOverHttp(
  command: InvokeCommand,
  payload: Uint8Array,
  { write, signal }: ResponseTarget,
): Promise<CallOutcome> {
  const response = await sendCall(renderCall(command, command), payload, signal);
  const status = response.statusCode ?? 0;
  if (status < 200 || status >= 300) {
    const errorType = headerOf(response, "x-amzn-errortype");
    throw failureOfResponse(status, errorType, await readErrorBody(response));
  }
  const isEventStream =
    headerOf(response, "content-type")?.startsWith("application/vnd.amazon.eventstream") === true;
  if (isEventStream) return readStreamedResponse(response, write, signal);
  return readResponse(
    response,
    {
      functionError: headerOf(response, "x-amz-function-error"),
      logResult: headerOf(response, "x-amz-log-result"),
    },
    { write, signal },
  );
}

const errorBodyCharactersMax = 65_536;

/** Error bodies are small; what is longer is cut, not waited for. */
async function readErrorBody(response: IncomingMessage): Promise<string> {
  let text = "";
  response.setEncoding("utf8");
  try {
    for await (const piece of response) {
      text += String(piece);
      if (text.length > errorBodyCharactersMax) break;
    }
  } catch {
    // The status has arrived: an endpoint that closes early has still said what is wrong.
  }
  return text;
}

function headerOf(response: IncomingMessage, name: string): string | undefined {
  const value = response.headers[name];
  return typeof value === "string" ? value : undefined;
}

function timedOut({ timeoutMs }: InvokeCommand): CallFailure {
  const message = `no response within ${timeoutMs / 1000} s; the function may still be running`;
  return new CallFailure("TimeoutError", message, "Give a larger --timeout");
}

/** One line: what, why, what to do. */
function describe(command: InvokeCommand, failure: CallFailure): string {
  const kind = failure.kind.endsWith("Exception") ? `${failure.kind}: ` : "";
  const what = `Cannot invoke '${command.functionName}' at ${placeOf(command)}`;
  const why = failure.message.replace(/\.$/, "");
  const remedy = failure.remedy === undefined ? "" : `. ${failure.remedy}`;
  return `${oneLine(`${what}: ${kind}${why}${remedy}`)}\n`;
}
