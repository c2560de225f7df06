/** The Telemetry API, or the Logs API that it superseded. */
export type SubscriptionApi = "telemetry" | "logs";

/** Versions of the events of the Telemetry API, oldest first. */
export type TelemetrySchema = "2022-07-01" | "2022-12-13" | "2025-01-29";

/** Versions of the events of the Logs API, oldest first. */
export type LogsSchema = "2020-08-15" | "2021-03-18";

/** How events look: chosen by each subscriber (spec telemetry-api §1). */
export type EventSchema = TelemetrySchema | LogsSchema;

/** The streams that a subscriber may choose from. */
export type EventCategory = "platform" | "function" | "extension";

/** Whether it is a version of the Logs API. */
export function isLogsSchema(schema: EventSchema): schema is LogsSchema {
  return schema === "2020-08-15" || schema === "2021-03-18";
}
