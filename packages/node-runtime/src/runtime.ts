import { type StreamingOptions, streamingOptionsOf } from "./awslambda.ts";
import { BufferedInvocation } from "./buffered-invocation.ts";
import type { FunctionEnvironment } from "./invocation-context.ts";
import type { InvocationScope } from "./invocation-scope.ts";
import type { Handler } from "./load-handler.ts";
import type { LogError } from "./patch-console.ts";
import type { InvocationHost, RunningInvocation } from "./running-invocation.ts";
import type { ErrorBody, InvocationRequest, RuntimeClient } from "./runtime-client.ts";

export interface RuntimeOptions {
  readonly client: RuntimeClient;
  readonly handler: Handler;
  readonly environment: FunctionEnvironment;
  readonly scope: InvocationScope;
  /** How many invocations may run at the same time; `undefined`: one, the classic way. */
  readonly concurrency: number | undefined;
  readonly logError: LogError;
  /** The host cannot be asked for invocations any more. */
  readonly onLost: (reason: unknown) => void;
}

type Begin = (request: InvocationRequest) => RunningInvocation;

/** Fetches invocations, runs the handler, and answers. */
export class Runtime {
  readonly #options: RuntimeOptions;
  readonly #running = new Set<RunningInvocation>();
  #make: Begin | undefined;

  constructor(options: RuntimeOptions) {
    this.#options = options;
  }

  /** @throws {RuntimeError} when the handler asks for a way to stream that does not exist. */
  async start(): Promise<void> {
    const { client, handler, environment, logError, concurrency } = this.#options;
    const host: InvocationHost = {
      client,
      handler,
      environment,
      concurrent: concurrency !== undefined,
      logError,
      ended: (invocation) => this.#ended(invocation),
    };
    const streaming = streamingOptionsOf(handler);
    this.#make =
      streaming === undefined
        ? (request) => new BufferedInvocation(request, host)
        : await streamedInvocations(host, streaming);
    for (let count = 0; count < (concurrency ?? 1); count += 1) this.#take();
  }

  /** The event loop has nothing left to do. */
  loopEmptied(): void {
    for (const invocation of this.#running) invocation.loopEmptied();
  }

  /**
   * The process is about to end because of an error: the invocation that it belongs to is answered
   * with it. Where several run and it cannot be told whose it is, none is: the host tells them all
   * that the process ended.
   */
  abort(error: ErrorBody): void {
    const current = this.#options.scope.current();
    const [only] = this.#running.size === 1 ? this.#running : [];
    for (const invocation of this.#running) {
      if (invocation === only || invocation.request === current) invocation.abort(error);
    }
  }

  #take(): void {
    this.#options.client.next().then(this.#begin, this.#options.onLost);
  }

  readonly #begin = (request: InvocationRequest): void => {
    const invocation = this.#make?.(request);
    if (invocation === undefined) return;
    this.#running.add(invocation);
    if (this.#options.concurrency === undefined) setTraceId(request.traceId);
    this.#options.scope.run(request, () => invocation.begin());
  };

  #ended(invocation: RunningInvocation): void {
    this.#running.delete(invocation);
    this.#take();
  }
}

/** Loaded only for functions that stream. */
async function streamedInvocations(
  host: InvocationHost,
  options: StreamingOptions,
): Promise<Begin> {
  const { StreamedInvocation } = await import("./streamed-invocation.ts");
  return (request) => new StreamedInvocation(request, host, options);
}

/** Where tracers look for it; not with several invocations at once, as on AWS. */
function setTraceId(traceId: string | undefined): void {
  if (traceId !== undefined && traceId !== "") process.env["_X_AMZN_TRACE_ID"] = traceId;
  else delete process.env["_X_AMZN_TRACE_ID"];
}
