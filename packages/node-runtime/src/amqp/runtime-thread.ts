import { Worker } from "node:worker_threads";
import type { ErrorBody } from "../runtime-client.ts";
import type { ThreadExit } from "./failed-results.ts";
import type { ThreadAnswer, ThreadCall, ThreadMessage, ThreadSettings } from "./thread-messages.ts";

// The same extension as this file: it runs as source and as built.
const script = new URL(
  import.meta.url.endsWith(".ts") ? "./thread-main.ts" : "./thread-main.js",
  import.meta.url,
);

/** Hears what a thread says. */
export interface RuntimeThreadObserver {
  readonly ready: () => void;
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
      if (message.kind === "ready") observer.ready();
      else if (message.kind === "answer") observer.answered(message.id, message.answer);
      else this.#initError = message.error;
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

  /** Ends it wherever it is, also in an endless loop. */
  kill(): void {
    this.#isKilled = true;
    void this.#worker.terminate();
  }
}
