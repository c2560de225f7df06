// A worker thread of `lambda-runtime --threads`: loads the function, and runs what it is sent.
import { parentPort, workerData } from "node:worker_threads";
import { type Invocation, type InvokeResult, payloadBytes, payloadOf } from "@lambdad/core";
import { defineAwslambda } from "../awslambda.ts";
import { errorBody } from "../error-body.ts";
import { InvocationScope } from "../invocation-scope.ts";
import type { Handler } from "../load-handler.ts";
import { consoleOptionsOf, patchConsole } from "../patch-console.ts";
import { RuntimeError } from "../runtime-error.ts";
import { echoModule, functionOf, importModule } from "./function-module.ts";
import { HandlerInvoker } from "./handler-invoker.ts";
import { runtimeClock } from "./running-calls.ts";
import { markServed } from "./served-by.ts";
import type { ThreadAnswer, ThreadCall, ThreadMessage, ThreadSettings } from "./thread-messages.ts";

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
process.on("uncaughtException", (error: unknown) => {
  if (invoker?.failCurrent(error) !== true) logError("Uncaught Exception", error);
  endSoon(exitCode.uncaughtException);
});
process.on("unhandledRejection", (reason: unknown, promise) => {
  const cause = Object.assign(new RuntimeError("UnhandledPromiseRejection", String(reason)), {
    reason,
    promise,
  });
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
  port.on("message", run);
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

function run({ id, invocation, event, remainingMs }: ThreadCall): void {
  const complete: Invocation = {
    ...invocation,
    payload: payloadOf(Buffer.from(event.buffer, event.byteOffset, event.byteLength)),
    expiresAtMs: runtimeClock.nowMs() + remainingMs,
    stream: undefined,
  };
  void invoker?.invoke(complete, never).then((result) => {
    const answer = answerOf(result);
    say({ kind: "answer", id, answer }, [answer.bytes.buffer as ArrayBuffer]);
  });
}

function answerOf(result: InvokeResult): ThreadAnswer {
  if (result.kind === "streamed") throw new Error("Cannot answer: a thread does not stream");
  const { payload, contentType, logTail } = result;
  // A copy: what a function returns may be part of a buffer that it keeps.
  const bytes = new Uint8Array(payloadBytes(payload));
  const common = { bytes, contentType, logTail };
  if (result.kind === "returned") return { kind: "returned", ...common };
  return { kind: "failed", ...common, errorType: result.errorType };
}

function say(message: ThreadMessage, transfer: readonly ArrayBuffer[] = []): void {
  port?.postMessage(message, transfer);
}

/** After the answer of the call that failed has been posted, which takes a few microtasks. */
function endSoon(code: number): void {
  setImmediate(() => process.exit(code));
}
