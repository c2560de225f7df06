import type { Clock } from "@lambdad/core";
import { type ApiError, internalServerError } from "../http/api-error.ts";
import type { LogFormat } from "../log/platform-log-line.ts";
import type { PlatformEvent, SubscriptionEvent } from "../platform-event.ts";

export interface TelemetryOptions {
  /** What `sandbox.localdomain` means: the host of this environment's Runtime API. */
  readonly host: string;
  /** Port of its Runtime API, which nobody else can listen on. */
  readonly runtimeApiPort: () => number;
  readonly logFormat: LogFormat;
  /** An extension has subscribed: the event goes to the log, and comes back through `platformEvent`. */
  readonly onSubscribed: (event: SubscriptionEvent) => void;
  /** Records were lost. */
  readonly onDropped: (name: string, records: number, bytes: number, reason: string) => void;
  /** Default: the machine's own. */
  readonly clock?: Clock;
}

/** The Telemetry API and the Logs API of one environment: who has subscribed, and what they get. */
export class Telemetry {
  readonly #options: TelemetryOptions;
  #isOpen = true;

  constructor(options: TelemetryOptions) {
    this.#options = options;
  }

  /** Whether anybody wants events or may still subscribe: without, the calls below cost nothing. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** The body of a subscription, of an extension that is registered. `undefined`: answer 200 `"OK"`. */
  subscribe(
    _extension: { readonly id: string; readonly name: string },
    _api: "telemetry" | "logs",
    _body: string,
  ): ApiError | undefined {
    return internalServerError;
  }

  platformEvent(_event: PlatformEvent): void {
    void this.#options;
  }

  /** A line of output, newline included. */
  line(_type: "function" | "extension", _timeMs: number, _line: Buffer): void {
    void this.#options;
  }

  /** The initialisation is over: nobody can subscribe any more, early events are let go. */
  closeSubscription(): void {
    this.#isOpen = false;
  }

  /** Sends all that is buffered now; resolves when delivered or after `limitMs`. Lines may still come. */
  async flush(_limitMs: number): Promise<void> {}

  /** Lets go of everything. */
  close(): void {
    this.#isOpen = false;
  }
}
