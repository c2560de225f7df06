import { Agent, type ClientRequest, type IncomingMessage, request } from "node:http";
import type {
  ErrorBody,
  InvocationRequest,
  ResponseSink,
  RuntimeClient,
} from "./runtime-client.ts";

const base = "/2018-06-01/runtime";
const errorTypeHeader = "Lambda-Runtime-Function-Error-Type";
const errorBodyTrailer = "Lambda-Runtime-Function-Error-Body";
const userAgent = `lambdad-nodejs/${process.versions.node}`;

/**
 * How often, and after which pause in milliseconds, an address that refuses is tried again at the start: a
 * wrapper script may have started a proxy there a moment ago.
 */
const connectTriesMaxDefault = 40;
const connectPauseMs = 50;

export interface HttpClientOptions {
  /** Several invocations at once: then `next` blocks a connection of its own. */
  readonly concurrent: boolean;
  /** How often an address that refuses at the start is tried. Default: 40 times, for 2 s. */
  readonly connectTriesMax?: number;
}

interface Call {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers: Record<string, string | number | readonly string[]>;
}

interface CallAnswer {
  readonly message: IncomingMessage;
  readonly text: string;
}

/**
 * A {@link RuntimeClient} over AWS's Runtime API: one kept connection that carries `next` and the
 * answers by turns. An answer that the host refuses (4xx) is its business; a host that cannot be
 * reached makes `next` fail.
 */
export class HttpClient implements RuntimeClient {
  readonly #host: string;
  readonly #port: string;
  readonly #agent: Agent;
  readonly #connectTriesMax: number;
  /** The answers on their way. */
  readonly #posts = new Set<Promise<unknown>>();
  /** It has answered: whoever does not listen from now on is gone. */
  #wasReached = false;
  /** Rejects when an answer could not be delivered. */
  readonly #lost: Promise<never>;
  readonly #lose: (reason: unknown) => void;

  /** `address` is `host:port`, as in `AWS_LAMBDA_RUNTIME_API`. */
  constructor(address: string, options: HttpClientOptions) {
    const [, host = address, port = "80"] = /^(.*):(\d+)$/.exec(address) ?? [];
    this.#host = host.replace(/^\[(.*)\]$/, "$1");
    this.#port = port;
    this.#connectTriesMax = options.connectTriesMax ?? connectTriesMaxDefault;
    const maxSockets = options.concurrent ? Number.POSITIVE_INFINITY : 1;
    this.#agent = new Agent({ keepAlive: true, maxSockets });
    const { promise, reject } = Promise.withResolvers<never>();
    promise.catch(() => undefined);
    this.#lost = promise;
    this.#lose = reject;
  }

  async next(): Promise<InvocationRequest> {
    const call = { method: "GET", path: `${base}/invocation/next`, headers: {} } as const;
    const { message, text } = await Promise.race([this.#call(call, ""), this.#lost]);
    if (message.statusCode !== 200) {
      throw new Error(`the Runtime API answered with status ${message.statusCode}: ${text.trim()}`);
    }
    return requestOf(message.headers, text);
  }

  respond(requestId: string, result: string): void {
    this.#post(`${answerPath(requestId)}/response`, result, {});
  }

  fail(requestId: string, error: ErrorBody): void {
    this.#post(`${answerPath(requestId)}/error`, JSON.stringify(error), errorHeaders(error));
  }

  failInit(error: ErrorBody): void {
    this.#post(`${base}/init/error`, JSON.stringify(error), errorHeaders(error));
  }

  stream(requestId: string, contentType: string): ResponseSink {
    const opened = this.#open({
      method: "POST",
      path: `${answerPath(requestId)}/response`,
      headers: {
        "Lambda-Runtime-Function-Response-Mode": "streaming",
        "Content-Type": contentType,
        "Transfer-Encoding": "chunked",
        Trailer: [errorTypeHeader, errorBodyTrailer],
      },
    });
    this.#track(answerOf(opened));
    return new HttpSink(opened);
  }

  async flush(): Promise<void> {
    await Promise.allSettled(this.#posts);
  }

  #post(path: string, body: string, extraHeaders: Record<string, string>): void {
    const length = Buffer.byteLength(body);
    const contentType = { "Content-Type": "application/json", "Content-Length": length };
    const headers = { ...contentType, ...extraHeaders };
    this.#track(this.#call({ method: "POST", path, headers }, body));
  }

  #track(answer: Promise<unknown>): void {
    const answered = answer.catch(this.#lose);
    this.#posts.add(answered);
    void answered.then(() => this.#posts.delete(answered));
  }

  async #call(call: Call, body: string): Promise<CallAnswer> {
    for (let tries = 1; ; tries += 1) {
      const opened = this.#open(call);
      opened.end(body);
      try {
        const answer = await answerOf(opened);
        this.#wasReached = true;
        return answer;
      } catch (error) {
        const isRefused = (error as NodeJS.ErrnoException).code === "ECONNREFUSED";
        if (!isRefused || this.#wasReached || tries === this.#connectTriesMax) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, connectPauseMs));
    }
  }

  #open({ method, path, headers }: Call): ClientRequest {
    return request({
      agent: this.#agent,
      host: this.#host,
      port: this.#port,
      method,
      path,
      headers: { "User-Agent": userAgent, ...headers },
    });
  }
}

class HttpSink implements ResponseSink {
  readonly #post: ClientRequest;

  constructor(post: ClientRequest) {
    this.#post = post;
  }

  write(chunk: Uint8Array): boolean {
    return this.#post.write(chunk);
  }

  onDrain(listener: () => void): void {
    this.#post.once("drain", listener);
  }

  end(): void {
    this.#post.end();
  }

  fail(error: ErrorBody): void {
    this.#post.addTrailers({
      [errorTypeHeader]: headerText(error.errorType),
      [errorBodyTrailer]: Buffer.from(JSON.stringify(error)).toString("base64"),
    });
    this.#post.end();
  }
}

function answerPath(requestId: string): string {
  return `${base}/invocation/${encodeURIComponent(requestId)}`;
}

function answerOf(opened: ClientRequest): Promise<CallAnswer> {
  return new Promise((resolve, reject) => {
    opened.on("error", reject);
    opened.on("response", (message) => {
      let text = "";
      message.setEncoding("utf8");
      message.on("data", (piece: string) => {
        text += piece;
      });
      message.on("error", reject);
      message.on("end", () => resolve({ message, text }));
    });
  });
}

function requestOf(headers: IncomingMessage["headers"], event: string): InvocationRequest {
  const header = (name: string): string | undefined => {
    const value = headers[`lambda-runtime-${name}`];
    if (typeof value !== "string" || value === "") return undefined;
    // Node reads header bytes as Latin-1; the client context may be any UTF-8.
    return Buffer.from(value, "latin1").toString("utf8");
  };
  const requestId = header("aws-request-id");
  const deadlineMs = Number(header("deadline-ms") ?? Number.NaN);
  if (requestId === undefined || Number.isNaN(deadlineMs)) {
    throw new Error("the Runtime API sent no request id or no deadline");
  }
  return {
    requestId,
    deadlineMs,
    invokedFunctionArn: header("invoked-function-arn") ?? "",
    traceId: header("trace-id"),
    clientContext: header("client-context"),
    cognitoIdentity: header("cognito-identity"),
    tenantId: header("aws-tenant-id"),
    event,
  };
}

function errorHeaders(error: ErrorBody): Record<string, string> {
  return { [errorTypeHeader]: headerText(error.errorType) };
}

/** What a header may hold of it. */
function headerText(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, "?");
}
