import {
  type FailedResult,
  type Invocation,
  type Invoker,
  type InvokeResult,
  limits,
  payloadFromChunks,
  payloadOf,
  payloadText,
  type ResponseStream,
} from "@lambdad/core";

import { type ContractAnswer, ContractFailure, perform } from "./fixtures/contract-behaviour.mjs";

export interface ContractInvokerOptions {
  /** Invocations that run at once; later ones wait. Default 8. */
  readonly concurrency?: number;
  /** Default 3000. */
  readonly timeoutMs?: number;
}

const common = { executedVersion: "$LATEST", logTail: undefined };

/** The reference of the contract suite: its function, called in this process. */
export class ContractInvoker implements Invoker {
  readonly #concurrency: number;
  readonly #timeoutMs: number;
  #running = 0;
  readonly #waiting = new Set<() => void>();

  constructor(options: ContractInvokerOptions = {}) {
    this.#concurrency = options.concurrency ?? 8;
    this.#timeoutMs = options.timeoutMs ?? 3000;
  }

  async invoke(invocation: Invocation, signal: AbortSignal): Promise<InvokeResult> {
    signal.throwIfAborted();
    if (this.#running >= this.#concurrency) await this.#turn(signal);
    else this.#running += 1;
    try {
      return await this.#run(invocation);
    } finally {
      const [next] = this.#waiting;
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  /** Resolves when a running invocation hands its place over. */
  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.delete(begin);
        reject(signal.reason as Error);
      };
      const begin = (): void => {
        this.#waiting.delete(begin);
        signal.removeEventListener("abort", leave);
        resolve();
      };
      this.#waiting.add(begin);
      signal.addEventListener("abort", leave, { once: true });
    });
  }

  async #run(invocation: Invocation): Promise<InvokeResult> {
    let log = "";
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<FailedResult>((resolve) => {
      timer = setTimeout(() => {
        const seconds = (this.#timeoutMs / 1000).toFixed(2);
        const message = `Task timed out after ${seconds} seconds`;
        resolve(platformFailure(invocation, "Sandbox.Timedout", message));
      }, this.#timeoutMs);
    });
    const ended = this.#answer(invocation, (text) => {
      log = `${log}${text}\n`.slice(-limits.logTailBytes);
    });
    const result = await Promise.race([ended, late]).finally(() => {
      clearTimeout(timer);
    });
    return invocation.logTail ? { ...result, logTail: Buffer.from(log) } : result;
  }

  async #answer(invocation: Invocation, log: (text: string) => void): Promise<InvokeResult> {
    let answer: ContractAnswer;
    try {
      answer = await perform(JSON.parse(payloadText(invocation.payload)), {
        log,
        exit() {
          throw new Error("Cannot exit: the function runs in the test's own process");
        },
        context: () => ({
          awsRequestId: invocation.requestId,
          invokedFunctionArn: invocation.invokedFunctionArn,
          clientContext: JSON.parse(invocation.clientContext ?? "null") as unknown,
        }),
      });
    } catch (error) {
      return failure(error);
    }
    const { stream } = invocation;
    return stream === undefined ? whole(invocation, answer) : streamed(stream, answer);
  }
}

function piecesOf(answer: ContractAnswer): readonly Uint8Array[] {
  if (answer.kind === "json") return [Buffer.from(answer.text)];
  return answer.kind === "bytes" ? [answer.bytes] : answer.pieces;
}

function whole(invocation: Invocation, answer: ContractAnswer): InvokeResult {
  const payload = payloadFromChunks(piecesOf(answer));
  if (payload.byteLength > limits.syncPayloadBytesMax) {
    const size = `Response payload size (${payload.byteLength} bytes)`;
    const message = `${size} exceeded maximum allowed payload size (6291556 bytes).`;
    return platformFailure(invocation, "Function.ResponseSizeTooLarge", message);
  }
  if (answer.kind === "stream" && answer.error !== undefined) {
    return failure(new ContractFailure(answer.error.type, answer.error.message));
  }
  return { ...common, kind: "returned", payload, contentType: "application/json" };
}

async function streamed(stream: ResponseStream, answer: ContractAnswer): Promise<InvokeResult> {
  stream.start("application/octet-stream");
  for (const piece of piecesOf(answer)) {
    if (!stream.write(piece)) {
      await new Promise<void>((resolve) => {
        stream.onDrain(resolve);
      });
    }
  }
  if (answer.kind !== "stream" || answer.error === undefined) {
    return { ...common, kind: "streamed", error: undefined };
  }
  const { type, message } = answer.error;
  const payload = payloadOf(JSON.stringify({ errorType: type, errorMessage: message }));
  return { ...common, kind: "streamed", error: { errorType: type, payload } };
}

function failure(error: unknown): FailedResult {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const body = error instanceof ContractFailure ? error.body : undefined;
  return {
    ...common,
    kind: "failed",
    payload: payloadOf(body ?? JSON.stringify({ errorType: name, errorMessage: message })),
    contentType: "application/json",
    errorType: "Runtime.Unknown",
  };
}

function platformFailure({ requestId }: Invocation, errorType: string, text: string): FailedResult {
  const errorMessage = `RequestId: ${requestId} Error: ${text}`;
  return {
    ...common,
    kind: "failed",
    payload: payloadOf(JSON.stringify({ errorType, errorMessage })),
    contentType: "application/json",
    errorType,
  };
}
