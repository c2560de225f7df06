// A worker thread of `lambda-runtime --threads`: loads the function, and runs what it is sent.
import { parentPort, workerData } from "node:worker_threads";
import {
  type Invocation,
  type InvokeResult,
  payloadBytes,
  payloadOf,
  type StreamedResult,
} from "@lambdad/core";
import { defineAwslambda } from "../awslambda.ts";
import { errorBody, unhandledRejection } from "../error-body.ts";
import { InvocationScope } from "../invocation-scope.ts";
import type { Handler } from "../load-handler.ts";
import { consoleOptionsOf, patchConsole } from "../patch-console.ts";
import { echoModule, functionOf, importModule } from "./function-module.ts";
import { HandlerInvoker } from "./handler-invoker.ts";
import { runtimeClock } from "./running-calls.ts";
import { markServed } from "./served-by.ts";
import type {
  ThreadAnswer,
  ThreadCall,
  ThreadMessage,
  ThreadOrder,
  ThreadSettings,
} from "./thread-messages.ts";
import { ThreadStream } from "./thread-stream.ts";

/** As AWS's runtime ends its process. */
const exitCode = { initError: 1, unhandledRejection: 128, uncaughtException: 129 };

const port = parentPort;
if (port === null) throw new Error("Cannot run a thread's module: this is not a worker thread");
const settings = workerData as ThreadSettings;
markServed();
const never = new AbortController().signal;
const scope = new InvocationScope(true);
const logError = patchConsole({ ...consoleOptionsOf(process.env), invocation: scope.current });
defineAwslambda(process.env, scope.invokeStore());

let invoker: HandlerInvoker | undefined;
/** Of the calls whose response goes piece by piece, by their numbers. */
const streams: (ThreadStream | undefined)[] = [];
process.on("uncaughtException", (error: unknown) => {
  if (invoker?.failCurrent(error) !== true) logError("Uncaught Exception", error);
  endSoon(exitCode.uncaughtException);
});
process.on("unhandledRejection", (reason: unknown, promise) => {
  const cause = unhandledRejection(reason, promise);
  if (invoker?.failCurrent(cause) !== true) logError("Unhandled Promise Rejection", cause);
  endSoon(exitCode.unhandledRejection);
});

try {
  invoker = new HandlerInvoker({
    handler: await loadHandler(),
    timeoutMs: Number.POSITIVE_INFINITY,
    environment: settings.environment,
    scope,
    logError,
    timedOut: () => undefined,
    // The pool watches the time: it can end this thread.
    clock: { ...runtimeClock, setTimer: () => () => undefined },
  });
  port.on("message", (order: ThreadOrder) => {
    if (order.kind === "call") run(order);
    else streams[order.id]?.taken();
  });
  say({ kind: "ready" });
} catch (error) {
  logError("Init Error", error);
  say({ kind: "initFailed", error: errorBody(error) });
  endSoon(exitCode.initError);
}

async function loadHandler(): Promise<Handler> {
  const { url, handlerName } = settings;
  if (url === undefined) return echoModule.handler;
  const namespace = await importModule(url);
  return functionOf(namespace, { url, name: "", handler: handlerName }).handler;
}

function run({ id, invocation, event, remainingMs, streams: isStreamed }: ThreadCall): void {
  const stream = isStreamed ? new ThreadStream({ id, say }) : undefined;
  streams[id] = stream;
  const complete: Invocation = {
    ...invocation,
    payload: payloadOf(Buffer.from(event.buffer, event.byteOffset, event.byteLength)),
    expiresAtMs: runtimeClock.nowMs() + remainingMs,
    stream,
  };
  void invoker?.invoke(complete, never).then((result) => {
    const answer = answerOf(result);
    say({ kind: "answer", id, answer }, [answer.bytes.buffer as ArrayBuffer]);
  });
}

function answerOf(result: InvokeResult): ThreadAnswer {
  if (result.kind === "streamed") return streamedAnswerOf(result);
  const { payload, contentType, logTail } = result;
  // A copy: what a function returns may be part of a buffer that it keeps.
  const bytes = new Uint8Array(payloadBytes(payload));
  const common = { bytes, contentType, logTail };
  if (result.kind === "returned") return { kind: "returned", ...common };
  return { kind: "failed", ...common, errorType: result.errorType };
}

/** The pool knows what the caller has, and makes the end of its stream of it. */
function streamedAnswerOf({ error, logTail }: StreamedResult): ThreadAnswer {
  if (error === undefined) {
    return { kind: "returned", bytes: new Uint8Array(), contentType: "", logTail };
  }
  const { errorType, payload } = error;
  const bytes = new Uint8Array(payloadBytes(payload));
  return { kind: "failed", bytes, contentType: "application/json", logTail, errorType };
}

function say(message: ThreadMessage, transfer: readonly ArrayBuffer[] = []): void {
  port?.postMessage(message, transfer);
}

/** After the answer of the call that failed has been posted, which takes a few microtasks. */
function endSoon(code: number): void {
  setImmediate(() => process.exit(code));
}
