import { type Clock, systemClock } from "@lambdad/core";
import type { ApiError } from "../http/api-error.ts";
import type { LogFormat } from "../log/platform-log-line.ts";
import type { PlatformEvent, SubscriptionEvent } from "../platform-event.ts";
import { EarlyEvents } from "./early-events.ts";
import { encodeLine, encodePlatformEvent, type OutputLine } from "./event-encoding.ts";
import type { EventCategory, EventSchema, SubscriptionApi } from "./event-schema.ts";
import { Subscriber } from "./subscriber.ts";
import { parseSubscription, validationError } from "./subscription-request.ts";
import type { TelemetryBuffer } from "./telemetry-buffer.ts";

export interface TelemetryOptions {
  /** What `sandbox.localdomain` means: the host of this environment's Runtime API. */
  readonly host: string;
  /** Port of its Runtime API, which nobody else can listen on. */
  readonly runtimeApiPort: () => number;
  readonly logFormat: LogFormat;
  /** An extension has subscribed: the event goes to the log, and comes back through `platformEvent`. */
  readonly onSubscribed: (event: SubscriptionEvent) => void;
  /** Records for the extension of that name were lost. Called when the loss is final. */
  readonly onDropped: (name: string, records: number, bytes: number, reason: string) => void;
  /** Default: the machine's own. */
  readonly clock?: Clock;
}

/** Subscribers that get the same texts, so that an event is encoded once for all of them. */
interface SchemaGroup {
  readonly schema: EventSchema;
  readonly buffers: Readonly<Record<EventCategory, TelemetryBuffer[]>>;
}

/**
 * The Telemetry API and the Logs API of one environment: who has subscribed, and what they get. What
 * happens before a subscription is kept until nobody can subscribe any more.
 *
 * Source: spec telemetry-api.
 */
export class Telemetry {
  readonly #options: TelemetryOptions;
  readonly #clock: Clock;
  /** By the identifier of the extension. */
  readonly #subscribers = new Map<string, Subscriber>();
  readonly #groups: SchemaGroup[] = [];
  /** `undefined`: nobody can subscribe any more. */
  #early: EarlyEvents | undefined = new EarlyEvents();
  #isOpen = true;

  constructor(options: TelemetryOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** Whether anybody wants events or may still subscribe: without, the calls below cost nothing. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** The body of a subscription, of an extension that is registered. `undefined`: answer 200 `"OK"`. */
  subscribe(
    extension: { readonly id: string; readonly name: string },
    api: SubscriptionApi,
    body: string,
  ): ApiError | undefined {
    const early = this.#early;
    if (early === undefined) return subscriptionClosed(api);
    const earlier = this.#subscribers.get(extension.id);
    if (earlier !== undefined && earlier.api !== api) {
      const title = apiTitles[earlier.api];
      return validationError(api, [`extension is already subscribed to the ${title} API`]);
    }
    const runtimeApiPort = this.#options.runtimeApiPort();
    const request = parseSubscription(api, body, { runtimeApiPort });
    if ("errorType" in request) return request;
    if (earlier === undefined) {
      const { host, logFormat, onDropped } = this.#options;
      const subscriber = new Subscriber({
        api,
        request,
        host,
        logFormat,
        onDropped: ({ records, bytes, reason }) =>
          onDropped(extension.name, records, bytes, reason),
        clock: this.#clock,
      });
      for (const event of early.events) subscriber.replay(event);
      this.#subscribers.set(extension.id, subscriber);
      this.#join(subscriber);
    }
    this.#options.onSubscribed({
      type: api === "logs" ? "platform.logsSubscription" : "platform.telemetrySubscription",
      timeMs: this.#clock.wallMs(),
      name: extension.name,
      state: earlier === undefined ? "Subscribed" : "Already subscribed",
      // The first one stays, whatever another one asks for.
      types: (earlier?.request ?? request).types,
    });
    return undefined;
  }

  /** An event for all that want platform events. A loss is not: only who has it is told. */
  platformEvent(event: PlatformEvent): void {
    if (!this.#isOpen || event.type === "platform.logsDropped") return;
    this.#early?.platformEvent(event);
    for (const { schema, buffers } of this.#groups) {
      if (buffers.platform.length === 0) continue;
      for (const encoded of encodePlatformEvent(event, schema)) {
        for (const buffer of buffers.platform) buffer.push(encoded);
      }
    }
  }

  /** A line of output, newline included, written at `timeMs` milliseconds since the epoch. */
  line(type: "function" | "extension", timeMs: number, bytes: Buffer): void {
    if (!this.#isOpen) return;
    const line: OutputLine = { type, timeMs, bytes };
    this.#early?.line(line);
    for (const { schema, buffers } of this.#groups) {
      if (buffers[type].length === 0) continue;
      const encoded = encodeLine(line, schema, this.#options.logFormat);
      for (const buffer of buffers[type]) buffer.push(encoded);
    }
  }

  /** The initialisation is over: nobody can subscribe any more, early events are let go. */
  closeSubscription(): void {
    this.#early = undefined;
    this.#isOpen = this.#groups.length > 0;
  }

  /** Sends all that is buffered now; resolves when delivered or after `limitMs`. Lines may still come. */
  async flush(limitMs: number): Promise<void> {
    if (this.#subscribers.size === 0) return;
    const flushes = Array.from(this.#subscribers.values(), ({ buffer }) => buffer.flush());
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.setTimer(limitMs, resolve);
      void Promise.all(flushes).then(() => {
        cancel();
        resolve();
      });
    });
  }

  /** Lets go of everything; what the last flush could not deliver counts as lost. */
  close(): void {
    this.#early = undefined;
    this.#isOpen = false;
    for (const { buffer } of this.#subscribers.values()) buffer.close();
    this.#subscribers.clear();
    this.#groups.length = 0;
  }

  #join(subscriber: Subscriber): void {
    const { schema, types } = subscriber.request;
    let group = this.#groups.find((known) => known.schema === schema);
    if (group === undefined) {
      group = { schema, buffers: { platform: [], function: [], extension: [] } };
      this.#groups.push(group);
    }
    for (const type of types) group.buffers[type].push(subscriber.buffer);
  }
}

const apiTitles: Readonly<Record<SubscriptionApi, string>> = {
  telemetry: "Telemetry",
  logs: "Logs",
};

/** The initialisation is over. */
function subscriptionClosed(api: SubscriptionApi): ApiError {
  const title = apiTitles[api];
  return {
    status: 403,
    errorType: `${title}.SubscriptionClosed`,
    errorMessage: `${title} API subscription is closed`,
  };
}
