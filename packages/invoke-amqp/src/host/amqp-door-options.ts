import type { FunctionConfiguration, Invoker } from "@lambdad/core";
import type { BrokerObserver } from "../broker/broker-state.ts";
import type { BrokerUri } from "../broker/broker-uri.ts";
import type { FunctionQueue } from "../queue/function-queue.ts";
import type { QueueTopology } from "../queue/queue-topology.ts";
import type { RequestContentType } from "../message/request-message.ts";

/** What an `AmqpDoor` needs, and what it may be told. */
export interface AmqpDoorOptions {
  readonly broker: BrokerUri;
  /** The function behind the queue: its name, ARN and version. */
  readonly function: FunctionConfiguration;
  /** Default: the function's name, profile `compat`. */
  readonly queue?: FunctionQueue;
  /** Instead of `queue`: what an address string asks for. */
  readonly topology?: QueueTopology;
  readonly invoker: Invoker;
  /**
   * Requests that are held at once. As many as there are workers: a request that waits in one host
   * cannot be taken by another.
   */
  readonly prefetch: number;
  /**
   * What to do with a request that was delivered before: run it again (default), or answer it with
   * `ServiceException` unrun, which makes the function at-most-once (AM-9). Events are run again.
   */
  readonly redelivered?: "run" | "refuse";
  /** Acknowledge a request only after the broker has confirmed its reply. Default: false. */
  readonly confirmReplies?: boolean;
  /** Attempts of a failed event after the first (AWS: 0 to 2). Default 2. `durable` and `quorum` only. */
  readonly eventRetriesMax?: number;
  /** Waits before the second attempt, the third and so on, in milliseconds. Default: 60 s, 120 s (AWS). */
  readonly eventRetryDelaysMs?: readonly number[];
  /** Requests held at once, in bytes; what comes beyond is refused (429). Default 512 MiB. */
  readonly bytesInFlightMax?: number;
  /** Default `json`. */
  readonly contentType?: RequestContentType;
  /** Runs the work of one delivery: for tracing. Default: calls `run`. */
  readonly around?: DeliveryLayer;
  readonly observer?: AmqpDoorObserver;
}

/** The parts of one message that a layer around its delivery may read. */
export interface DeliveryInfo {
  readonly queue: string;
  readonly requestId: string;
  readonly correlationId: string | undefined;
  readonly replyTo: string | undefined;
  readonly redelivered: boolean;
  readonly bodyBytes: number;
  /** Text headers of the request, names in lower case. */
  header(name: string): string | undefined;
}

/** Follows one delivery: `begin` when it has come, the returned object for what comes after. */
export interface DeliveryLayer {
  begin(info: DeliveryInfo): DeliveryFollower;
}

export interface DeliveryFollower {
  /** Calls the function within the context of this delivery. */
  run<Result>(invoke: () => Result): Result;
  /** The function has ended; the reply leaves now. Returns headers to be added to the reply. */
  replying(
    outcome: "returned" | "failed" | "refused",
  ): Readonly<Record<string, string>> | undefined;
  /** The reply has been handed over, or there is none. */
  end(): void;
}

/** Hears of what does not show in the invoker: for the log and metrics. Must not throw. */
export interface AmqpDoorObserver extends BrokerObserver {
  /** The queue is consumed: at the start, and again after each loss. */
  readonly consuming?: (queue: string) => void;
  /** A reply could not be delivered: its caller has gone. */
  readonly replyReturned?: () => void;
  /** A message came for the second time. */
  readonly redelivered?: () => void;
  /** A request was answered or dropped without being run. `reason` is a host error's code, or `expired`. */
  readonly refused?: (reason: string) => void;
  /** An event has failed for good; `kept` says whether a dead-letter queue has it. */
  readonly eventFailed?: (requestId: string, errorType: string, kept: boolean) => void;
}
