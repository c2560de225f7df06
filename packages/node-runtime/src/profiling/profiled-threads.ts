import {
  type InspectorNotification,
  type NodeWorker,
  type Profiler,
  Session,
} from "node:inspector";

/** The profile of one thread. */
export interface ThreadProfile {
  /** 0: the main thread; else the number that Node gave to the worker. */
  readonly threadId: number;
  readonly profile: Profiler.Profile;
}

/** Wait for the profile of one worker, in milliseconds. */
const workerMsMax = 5000;

/** Between two samples, in microseconds: V8's own default. */
const intervalUs = 1000;

/**
 * Samples this thread, which is the main one, and its worker threads: those that run and those to come.
 * What a worker did that ends before `stop` is lost with it.
 *
 * It speaks to V8 by Chrome's protocol, to workers through Node's domain `NodeWorker` of it: they need
 * not know.
 */
export class ProfiledThreads {
  readonly #session = new Session();
  readonly #workers = new Map<string, ProfiledWorker>();

  async start(): Promise<void> {
    const session = this.#session;
    session.connect();
    await post(session, "Profiler.enable");
    await post(session, "Profiler.setSamplingInterval", { interval: intervalUs });
    await post(session, "Profiler.start");
    session.on("NodeWorker.attachedToWorker", ({ params }) => this.#attached(params));
    session.on("NodeWorker.detachedFromWorker", ({ params }) => {
      this.#workers.get(params.sessionId)?.lost();
      this.#workers.delete(params.sessionId);
    });
    session.on("NodeWorker.receivedMessageFromWorker", ({ params }: WorkerMessage) => {
      this.#workers.get(params.sessionId)?.received(params.message);
    });
    await post(session, "NodeWorker.enable", { waitForDebuggerOnStart: false });
  }

  /** Ends the sampling. The main thread's comes first. Call it once. */
  async stop(): Promise<readonly ThreadProfile[]> {
    const stopped = post(this.#session, "Profiler.stop") as Promise<Profiler.StopReturnType>;
    const workers = [...this.#workers.values()].map((worker) => worker.stop());
    const profiles: ThreadProfile[] = [{ threadId: 0, profile: (await stopped).profile }];
    for (const profile of await Promise.all(workers)) {
      if (profile !== undefined) profiles.push(profile);
    }
    this.#session.disconnect();
    return profiles;
  }

  #attached({ sessionId, workerInfo }: NodeWorker.AttachedToWorkerEventDataType): void {
    const worker = new ProfiledWorker(Number(workerInfo.workerId), (message) => {
      this.#session.post("NodeWorker.sendMessageToWorker", { sessionId, message });
    });
    this.#workers.set(sessionId, worker);
    worker.start();
  }
}

type WorkerMessage = InspectorNotification<NodeWorker.ReceivedMessageFromWorkerEventDataType>;

class ProfiledWorker {
  readonly #threadId: number;
  readonly #send: (message: string) => void;
  #messages = 0;
  #stop: { readonly id: number; resolve(profile: ThreadProfile | undefined): void } | undefined;

  constructor(threadId: number, send: (message: string) => void) {
    this.#threadId = threadId;
    this.#send = send;
  }

  start(): void {
    this.#post("Profiler.enable");
    this.#post("Profiler.setSamplingInterval", { interval: intervalUs });
    this.#post("Profiler.start");
  }

  async stop(): Promise<ThreadProfile | undefined> {
    const { promise, resolve } = Promise.withResolvers<ThreadProfile | undefined>();
    const timer = setTimeout(resolve, workerMsMax, undefined);
    // Before it is asked for: the answer may come while the question is being posted.
    this.#stop = { id: this.#messages + 1, resolve };
    this.#post("Profiler.stop");
    const profile = await promise;
    clearTimeout(timer);
    return profile;
  }

  received(message: string): void {
    const answer = JSON.parse(message) as {
      readonly id?: number;
      readonly result?: Partial<Profiler.StopReturnType>;
    };
    if (this.#stop === undefined || answer.id !== this.#stop.id) return;
    const profile = answer.result?.profile;
    this.#stop.resolve(profile && { threadId: this.#threadId, profile });
  }

  /** The worker has ended, and its profile with it. */
  lost(): void {
    this.#stop?.resolve(undefined);
  }

  #post(method: string, params: object = {}): void {
    this.#messages += 1;
    this.#send(JSON.stringify({ id: this.#messages, method, params }));
  }
}

function post(session: Session, method: string, params: object = {}): Promise<unknown> {
  return new Promise((resolve, reject) => {
    session.post(method, params, (error, result) => {
      if (error === null) resolve(result);
      else reject(new Error(`Cannot profile: ${method}: ${error.message}`, { cause: error }));
    });
  });
}
