import type { Clock } from "@lambdad/core";
import type { LogFormat } from "../log/platform-log-line.ts";
import type { DestinationAddress } from "./destination-address.ts";
import type { Destination } from "./destination.ts";
import type { EarlyEvent } from "./early-events.ts";
import type { Loss } from "./event-batches.ts";
import { type EncodedEvent, encodeLine, encodePlatformEvent } from "./event-encoding.ts";
import type { EventSchema, SubscriptionApi } from "./event-schema.ts";
import { HttpDestination } from "./http-destination.ts";
import type { SubscriptionRequest } from "./subscription-request.ts";
import { TcpDestination } from "./tcp-destination.ts";
import { TelemetryBuffer } from "./telemetry-buffer.ts";

export interface SubscriberOptions {
  readonly api: SubscriptionApi;
  readonly request: SubscriptionRequest;
  /** What `sandbox.localdomain` means. */
  readonly host: string;
  readonly logFormat: LogFormat;
  readonly onDropped: (loss: Loss) => void;
  readonly clock: Clock;
}

/** Texts of AWS (spec telemetry-api §3): its Telemetry API has another than its Logs API. */
const telemetryOverflow =
  "Some logs were dropped because the downstream consumer is slower than the logs production rate";
const logsOverflow =
  "Consumer seems to have fallen behind as it has not acknowledged receipt of logs.";

/** An extension that has subscribed to the Telemetry API or to the Logs API. */
export class Subscriber {
  readonly api: SubscriptionApi;
  readonly request: SubscriptionRequest;
  readonly buffer: TelemetryBuffer;
  readonly #options: SubscriberOptions;
  readonly #overflowReason: string;

  constructor(options: SubscriberOptions) {
    const { api, request, host, onDropped, clock } = options;
    this.api = api;
    this.request = request;
    this.#options = options;
    this.#overflowReason = api === "logs" ? logsOverflow : telemetryOverflow;
    this.buffer = new TelemetryBuffer({
      buffering: request.buffering,
      destination: openDestination(request.destination, host),
      // Only those who want platform events are told of a loss; it is always counted.
      encodeLoss: request.types.includes("platform")
        ? (loss) => encodeLoss(loss, request.schema, clock.wallMs())
        : undefined,
      onDropped,
      overflowReason: this.#overflowReason,
      clock,
    });
  }

  /** Gives it what had happened before it subscribed. */
  replay(early: EarlyEvent): void {
    const { types, schema } = this.request;
    switch (early.kind) {
      case "platform":
        if (!types.includes("platform")) return;
        for (const event of encodePlatformEvent(early.event, schema)) this.buffer.push(event);
        return;
      case "line":
        if (!types.includes(early.line.type)) return;
        this.buffer.push(encodeLine(early.line, schema, this.#options.logFormat));
        return;
      case "loss": {
        let records = 0;
        let bytes = 0;
        for (const type of types) {
          records += early.lost[type].records;
          bytes += early.lost[type].bytes;
        }
        if (records > 0) this.buffer.pushLoss({ records, bytes, reason: this.#overflowReason });
      }
    }
  }
}

function openDestination(address: DestinationAddress, sandboxHost: string): Destination {
  const { port } = address;
  if (address.protocol === "TCP") return new TcpDestination({ host: sandboxHost, port });
  const { authority, path, method } = address;
  const host = address.host === "sandbox" ? sandboxHost : address.host;
  return new HttpDestination({ host, port, authority, path, method });
}

function encodeLoss(loss: Loss, schema: EventSchema, timeMs: number): EncodedEvent {
  const [event] = encodePlatformEvent(
    {
      type: "platform.logsDropped",
      timeMs,
      reason: loss.reason,
      droppedRecords: loss.records,
      droppedBytes: loss.bytes,
    },
    schema,
  );
  if (event === undefined) throw new Error(`Cannot encode a loss: schema '${schema}' has none`);
  return event;
}
