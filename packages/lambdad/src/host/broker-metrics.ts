import type { BrokerState } from "@lambdad/invoke-amqp";
import { Counter, Gauge, type Registry } from "prom-client";

/** The metrics of the connections to a broker: spec reliability §13. */
export class BrokerMetrics {
  readonly #up: Gauge;
  readonly #blocked: Gauge;
  readonly #reconnects: Counter;
  readonly #returns: Counter;
  readonly #nacks: Counter;
  readonly #lateReplies: Counter;
  readonly #redelivered: Counter;
  #wasUp = false;
  #isConnected = false;

  constructor(registry: Registry) {
    const registers = [registry];
    const gauge = (name: string, help: string): Gauge => new Gauge({ name, help, registers });
    const counter = (name: string, help: string): Counter => new Counter({ name, help, registers });
    this.#up = gauge("lambdad_broker_up", "1 while there are connections to the broker");
    this.#blocked = gauge("lambdad_broker_blocked", "1 while the broker takes no messages");
    this.#reconnects = counter("lambdad_broker_reconnects_total", "Connections made anew");
    this.#returns = counter("lambdad_broker_returns_total", "Messages that no queue took");
    this.#nacks = counter("lambdad_broker_nacks_total", "Messages that the broker has refused");
    this.#lateReplies = counter(
      "lambdad_broker_late_replies_total",
      "Replies that came when nobody waited for them",
    );
    this.#redelivered = counter(
      "lambdad_broker_redelivered_total",
      "Requests that came for the second time",
    );
  }

  /** One of two connections that is lost, or made again, is reported as one. */
  stateChanged(state: BrokerState): void {
    const isConnected = state.kind === "up" || state.kind === "blocked";
    if (isConnected && !this.#isConnected && this.#wasUp) this.#reconnects.inc();
    this.#isConnected = isConnected;
    this.#wasUp ||= isConnected;
    this.#up.set(isConnected ? 1 : 0);
    this.#blocked.set(state.kind === "blocked" ? 1 : 0);
  }

  /** No queue took a request, or a reply. */
  returned(): void {
    this.#returns.inc();
  }

  nacked(): void {
    this.#nacks.inc();
  }

  lateReply(): void {
    this.#lateReplies.inc();
  }

  redelivered(): void {
    this.#redelivered.inc();
  }
}
