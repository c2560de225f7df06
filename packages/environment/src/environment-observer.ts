import type { Payload } from "@lambdad/core";
import type { PlatformEvent } from "./platform-event.ts";
import type { RejectReason } from "./runtime/runtime-api.ts";

/** Why an environment ended: the label of `lambdad_environment_ends_total`. */
export type EnvironmentEndReason =
  | "idle"
  | "timeout"
  | "exit"
  | "oom"
  | "extension"
  | "init"
  | "recycle"
  | "drain";

/** Why an initialisation failed, and what a caller who waited for it gets. */
export interface InitFailure {
  /** `timeout`: it took too long and is repeated inside the invocation; `error`: it ended. */
  readonly kind: "timeout" | "error";
  readonly errorType: string;
  /** Bytes of the runtime's own, the same for whoever gets them; else a body is made per caller. */
  readonly payload: Payload | undefined;
  /** The text of a platform error, when there are no bytes of the runtime's. */
  readonly text: string;
  /** Whether the invocation that it was started for has been answered with it. */
  readonly answered: boolean;
  /** The last of what was written to the log. */
  readonly log: Uint8Array;
}

/** What an environment has to tell: for logs and metrics. */
export interface EnvironmentObserver {
  platformEvent(event: PlatformEvent): void;
  /** One line of the function or of an extension, newline included. */
  output(line: Buffer, requestId: string | undefined): void;
  /** A call of the APIs inside was refused, or unusual. */
  rejected(reason: RejectReason): void;
  telemetryDropped(drop: TelemetryDrop): void;
  /** Something that an operator should know: one line of the host's log. */
  fault(fault: Fault): void;
}

/** What a subscriber of telemetry did not get. */
export interface TelemetryDrop {
  /** Of the extension. */
  readonly name: string;
  readonly records: number;
  readonly bytes: number;
  readonly reason: string;
  /** Whether the environment ends anyway: the subscriber may have gone before the last lines. */
  readonly isEnding: boolean;
}

/** A line of the host's log: the names are those of spec reliability §4. */
export interface Fault {
  readonly level: "info" | "warn" | "error";
  readonly event: string;
  readonly [detail: string]: string | number | undefined;
}
