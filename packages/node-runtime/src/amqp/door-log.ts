import type { AmqpDoorObserver, BrokerState } from "@lambdad/invoke-amqp";
import type { RuntimeLog } from "./runtime-log.ts";

/** What the lines name. */
export interface DoorLogFacts {
  /** Host and port of the broker. */
  readonly place: string;
  /** What is served: `handler of /app/echo.mjs`. */
  readonly function: string;
  readonly concurrency: number;
  /** 0: the main thread. */
  readonly threads: number;
}

const levels = { info: "INFO", warn: "WARN", error: "ERROR" } as const;

/** Tells in the log what happens at the door. */
export function doorLog(log: RuntimeLog, facts: DoorLogFacts): AmqpDoorObserver {
  let kind: BrokerState["kind"] = "connecting";
  let wasUp = false;

  /** The queue may be consumed before both connections are said to be up. */
  function connected(): void {
    if (kind === "up") return;
    const what = kind === "blocked" ? "The broker takes messages" : `Connected to ${facts.place}`;
    log.line("INFO", wasUp ? `${what} again` : what);
    kind = "up";
    wasUp = true;
  }

  return {
    stateChanged(state) {
      if (state.kind === "up") connected();
      else kind = state.kind;
      if (state.kind === "blocked") {
        log.line("WARN", `The broker takes no messages: ${state.reason}`);
      }
    },
    fault: ({ level, message }) => log.line(levels[level], message),
    consuming(queue) {
      connected();
      const where = facts.threads === 0 ? "" : ` in ${facts.threads} worker threads`;
      const what = `${facts.function}, up to ${facts.concurrency} calls at once${where}`;
      log.line("INFO", `Consuming queue '${queue}': ${what}`);
    },
    replyReturned: () => log.repeated("A reply had no receiver any more"),
    redelivered: () => log.repeated("A request came for the second time"),
    refused: (reason) => log.repeated(`A request was not run: ${reason}`),
    eventFailed(requestId, errorType, kept) {
      const fate = kept ? "the dead-letter queue has it" : "it is dropped";
      log.line("WARN", `Event ${requestId} has failed with ${errorType}: ${fate}`);
    },
  };
}
