/** What the load generator can be told to do: one at a time, each answered by one result. */
export type LoadCommand = EchoLoad | StreamCall;

/** Callers that each send one echo call after another. */
export interface EchoLoad {
  readonly kind: "echo";
  readonly port: number;
  readonly callers: number;
  readonly payloadBytes: number;
  /** Calls of each caller before anything is measured: they start the runtime processes. */
  readonly primingCalls: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** Process whose CPU time is taken over the measured time. */
  readonly pid: number;
  /** A word in the command lines of its descendants that are extensions; absent: there are none. */
  readonly extension?: string;
}

/** One call whose response is a stream. */
export interface StreamCall {
  readonly kind: "stream";
  readonly port: number;
  /** Bytes of the streamed response. */
  readonly bytes: number;
  /** The caller stops reading for this long after the first MB; 0: it does not stop. */
  readonly pauseMs: number;
  readonly timeoutMs: number;
}

/** Milliseconds from the first byte of a request given to the socket to the last byte of its answer. */
export interface Latency {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

export interface EchoResult {
  readonly kind: "echo";
  /** Calls that ended in the measured time with the right answer. */
  readonly calls: number;
  readonly seconds: number;
  readonly latencyMs: Latency;
  /** Wrong or missing answers, also while warming up. */
  readonly errors: number;
  /** The first few of them. */
  readonly errorTexts: readonly string[];
  /** CPU time of the process `pid` over the measured time; `undefined` where it cannot be read. */
  readonly daemonCpuMs: number | undefined;
  /** The same for all its extensions together; `undefined` when there are none. */
  readonly extensionsCpuMs: number | undefined;
  /** CPU time of the load generator itself over the measured time. */
  readonly generatorCpuMs: number;
  /** The same of the broker between the two; absent: there is none, or it cannot be read. */
  readonly brokerCpuMs?: number | undefined;
}

export interface StreamResult {
  readonly kind: "stream";
  /** Bytes of the response, without framing. */
  readonly bytes: number;
  readonly seconds: number;
  readonly firstByteMs: number;
  /** What went wrong; `undefined`: every byte was right. */
  readonly failure: string | undefined;
}

export type LoadResult = EchoResult | StreamResult;

/** The answer to a command that could not be carried out. */
export interface LoadFailure {
  readonly kind: "failure";
  readonly reason: string;
}
