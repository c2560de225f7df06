import type { StreamingOptions } from "./awslambda.ts";
import { errorBody } from "./error-body.ts";
import { invocationMembersOf, isThenable } from "./invocation-context.ts";
import { ResponseStream } from "./response-stream.ts";
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
    const closed = new Promise<void>((resolve, reject) => {
      // Without a listener of ours, a stream that the function destroys would end the process.
      this.#stream.on("error", reject);
      this.#stream.on("close", () => {
        if (this.#stream.writableFinished) resolve();
        else reject(notFinished());
      });
    });
    // Whether anybody waits for it depends on the handler.
    closed.catch(() => undefined);
    this.#run(closed).then(
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

  async #run(closed: Promise<void>): Promise<void> {
    const { handler } = this.#host;
    const event: unknown = JSON.parse(this.request.event);
    const returned = handler(event, this.#stream, this.#context());
    if (!isThenable(returned)) {
      throw new Error("Streaming does not support non-async handlers.");
    }
    const result = await returned;
    if (result !== undefined) {
      globalThis.console.warn("Streaming handlers ignore return values.");
    }
    await closed;
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

function notFinished(): Error {
  return new Error("Response stream is not finished.");
}
