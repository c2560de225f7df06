import type { BrokerFault, BrokerState } from "@lambdad/invoke-amqp";
import type { BrokerMetrics } from "./broker-metrics.ts";
import type { HostLog } from "./host-log.ts";

export interface BrokerWatchOptions {
  readonly log: Pick<HostLog, "write">;
  /** Asked at each use: they are loaded late, or never. */
  readonly metrics: () => BrokerMetrics | undefined;
}

/** Follows the connections to the broker, for the log, the metrics and `/health`. */
export class BrokerWatch {
  readonly #options: BrokerWatchOptions;
  #state: BrokerState = { kind: "connecting", reason: undefined };
  #wasUp = false;

  constructor(options: BrokerWatchOptions) {
    this.#options = options;
  }

  /** What keeps the broker from being used now, for people; `undefined`: nothing. */
  get problem(): string | undefined {
    const state = this.#state;
    switch (state.kind) {
      case "up":
        return undefined;
      case "blocked":
        return `the broker takes no messages: ${state.reason}`;
      case "connecting":
        return state.reason === undefined
          ? "the broker is not connected yet"
          : `the broker is not connected: ${state.reason}`;
      case "closed":
        return "the connection to the broker is closed";
      default:
        return state satisfies never;
    }
  }

  readonly stateChanged = (state: BrokerState): void => {
    const { log, metrics } = this.#options;
    const before = this.#state.kind;
    this.#state = state;
    metrics()?.stateChanged(state);
    if (state.kind === before) return;
    if (state.kind === "up") {
      const again = this.#wasUp && before !== "blocked";
      this.#wasUp = true;
      if (before === "blocked") log.write("info", "broker.unblocked", "The broker takes messages");
      else log.write("info", "broker.up", `Connected to the broker${again ? " again" : ""}`);
    } else if (state.kind === "blocked") {
      const text = `The broker takes no messages: ${state.reason}`;
      log.write("warn", "broker.blocked", text);
    }
  };

  readonly fault = ({ level, event, message, code, queue }: BrokerFault): void => {
    this.#options.log.write(level, event, message, { code, queue });
  };
}
