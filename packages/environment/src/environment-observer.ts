import type { PlatformEvent } from "./platform-event.ts";
import type { RejectReason } from "./reject-reason.ts";

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
