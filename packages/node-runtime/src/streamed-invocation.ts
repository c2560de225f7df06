import type { StreamingOptions } from "./awslambda.ts";
import { errorBody } from "./error-body.ts";
import { invocationMembersOf } from "./invocation-context.ts";
import { ResponseStream } from "./response-stream.ts";
import { notFinished, runStreamingHandler } from "./run-streaming-handler.ts";
import type { InvocationHost, RunningInvocation } from "./running-invocation.ts";
import type { ErrorBody, InvocationRequest } from "./runtime-client.ts";

type State = "running" | "ended";

/** An invocation whose handler was wrapped by `awslambda.streamifyResponse`. */
export class StreamedInvocation implements RunningInvocation {
  readonly request: InvocationRequest;
  readonly #host: InvocationHost;
  readonly #stream: ResponseStream;
  #state: State = "running";

  constructor(request: InvocationRequest, host: InvocationHost, options: StreamingOptions) {
    this.request = request;
    this.#host = host;
    const { highWaterMark } = options;
    this.#stream = new ResponseStream(
      (contentType) => host.client.stream(request.requestId, contentType),
      highWaterMark === undefined ? {} : { highWaterMark },
    );
  }

  begin(): void {
    this.#run().then(
      () => this.#end(),
      (error: unknown) => this.#fail(error),
    );
  }

  loopEmptied(): void {
    if (this.#stream.writableFinished) this.#end();
    else this.#fail(notFinished());
  }

  abort(error: ErrorBody): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#report(error);
  }

  async #run(): Promise<void> {
    const event: unknown = JSON.parse(this.request.event);
    await runStreamingHandler(this.#host.handler, this.#stream, {
      event,
      context: this.#context(),
    });
  }

  #end(): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    setImmediate(() => this.#host.ended(this));
  }

  #fail(error: unknown): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    setImmediate(() => {
      this.#host.logError("Invoke Error", error);
      this.#report(errorBody(error));
      this.#host.ended(this);
    });
  }

  #report(error: ErrorBody): void {
    if (!this.#stream.fail(error)) this.#host.client.fail(this.request.requestId, error);
  }

  #context(): object {
    return {
      callbackWaitsForEmptyEventLoop: true,
      ...this.#host.environment,
      ...invocationMembersOf(this.request),
    };
  }
}
