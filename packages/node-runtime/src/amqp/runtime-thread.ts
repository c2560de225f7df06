import { Worker } from "node:worker_threads";
import type { ErrorBody } from "../runtime-client.ts";
import type { ThreadExit } from "./failed-results.ts";
import type {
  ThreadAnswer,
  ThreadCall,
  ThreadMessage,
  ThreadOrder,
  ThreadSettings,
} from "./thread-messages.ts";

/** The response of a call piece by piece. */
export type ThreadPart = Extract<ThreadMessage, { readonly kind: "started" | "piece" }>;

// The same extension as this file: it runs as source and as built.
const script = new URL(
  import.meta.url.endsWith(".ts") ? "./thread-main.ts" : "./thread-main.js",
  import.meta.url,
);

/** Hears what a thread says. */
export interface RuntimeThreadObserver {
  readonly ready: () => void;
  readonly streamed: (part: ThreadPart) => void;
  readonly answered: (id: number, answer: ThreadAnswer) => void;
  /** Once, after everything else; `initError` when it could not load the function. */
  readonly ended: (exit: ThreadExit, initError: ErrorBody | undefined) => void;
}

/** One worker thread with the function in it. */
export class RuntimeThread {
  readonly #worker: Worker;
  #initError: ErrorBody | undefined;
  #isKilled = false;

  /** Starts the thread. */
  constructor(settings: ThreadSettings, observer: RuntimeThreadObserver) {
    this.#worker = new Worker(script, { workerData: settings });
    this.#worker.on("message", (message: ThreadMessage) => {
      switch (message.kind) {
        case "ready":
          observer.ready();
          break;
        case "initFailed":
          this.#initError = message.error;
          break;
        case "answer":
          observer.answered(message.id, message.answer);
          break;
        case "started":
        case "piece":
          observer.streamed(message);
          break;
        default:
          message satisfies never;
      }
    });
    let reason: string | undefined;
    // Out of memory, for one: the end follows.
    this.#worker.on("error", (error: unknown) => (reason = String(error)));
    this.#worker.on("exit", (code) => {
      observer.ended({ code: this.#isKilled ? undefined : code, reason }, this.#initError);
    });
  }

  send(call: ThreadCall): void {
    this.#worker.postMessage(call, [call.event.buffer as ArrayBuffer]);
  }

  /** The caller takes the next piece of its response. */
  taken(id: number): void {
    const order: ThreadOrder = { kind: "taken", id };
    this.#worker.postMessage(order);
  }

  /** Ends it wherever it is, also in an endless loop. */
  kill(): void {
    this.#isKilled = true;
    void this.#worker.terminate();
  }
}
