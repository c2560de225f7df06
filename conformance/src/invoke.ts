import { Agent, type IncomingHttpHeaders, request } from "node:http";

/** Whoever serves the function: the daemon, or a peer. */
export interface Target {
  readonly invokeUrl: string;
  readonly functionName: string;
}

export interface InvokeOptions {
  /** Instead of the target's: a name or an ARN in any form, percent-encoded here. */
  readonly functionName?: string;
  readonly qualifier?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** InvokeWithResponseStream instead of Invoke. */
  readonly stream?: boolean;
  /** Told of each piece of the answer's body as it arrives. */
  readonly onPiece?: (piece: Buffer) => void;
  readonly signal?: AbortSignal;
  readonly agent?: Agent;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Longer than the limit of INV-6 for every function timeout that the suite uses. */
const answerMs = 60_000;

const sharedAgent = new Agent({ keepAlive: true, maxSockets: 64 });

/** One raw HTTP call of the Invoke API: what curl would send, and all that came back. */
export function invoke(
  target: Target,
  payload: string | Buffer,
  options: InvokeOptions = {},
): Promise<Answer> {
  const { stream = false, qualifier, headers = {}, agent = sharedAgent } = options;
  const name = encodeURIComponent(options.functionName ?? target.functionName);
  const path = stream
    ? `/2021-11-15/functions/${name}/response-streaming-invocations`
    : `/2015-03-31/functions/${name}/invocations`;
  const query = qualifier === undefined ? "" : `?Qualifier=${encodeURIComponent(qualifier)}`;
  const limit = AbortSignal.timeout(answerMs);
  const signal = options.signal === undefined ? limit : AbortSignal.any([options.signal, limit]);
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const body = Buffer.from(payload);
  const outgoing = request(
    `${target.invokeUrl}${path}${query}`,
    { method: "POST", agent, signal, headers: { "Content-Length": body.length, ...headers } },
    (incoming) => {
      const pieces: Buffer[] = [];
      incoming.on("data", (piece: Buffer) => {
        pieces.push(piece);
        options.onPiece?.(piece);
      });
      incoming.on("error", reject);
      incoming.on("end", () => {
        const status = incoming.statusCode ?? 0;
        resolve({ status, headers: incoming.headers, body: Buffer.concat(pieces) });
      });
    },
  );
  outgoing.on("error", reject);
  outgoing.end(body);
  return promise;
}

/** A GET on the Invoke port: `/health`, `/metrics`. */
export async function get(target: Pick<Target, "invokeUrl">, path: string): Promise<Answer> {
  const response = await fetch(`${target.invokeUrl}${path}`, {
    signal: AbortSignal.timeout(answerMs),
  });
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: Buffer.from(await response.arrayBuffer()),
  };
}

/** The body as JSON; with the text in the message when it is none. */
export function json(answer: Pick<Answer, "body">): unknown {
  const text = answer.body.toString();
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`Cannot parse the answer: ${text.slice(0, 400)}`, { cause: error });
  }
}

/** A header that occurs once. */
export function header(answer: Pick<Answer, "headers">, name: string): string | undefined {
  const value = answer.headers[name.toLowerCase()];
  return Array.isArray(value) ? value.join(", ") : value;
}

/** The log tail as text. */
export function logTail(answer: Pick<Answer, "headers">): string {
  return Buffer.from(header(answer, "X-Amz-Log-Result") ?? "", "base64").toString();
}
