import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** One event of the Telemetry API. */
export interface TelemetryEvent {
  readonly time: string;
  readonly type: string;
  readonly record: unknown;
}

const eventsMs = 10_000;

/**
 * The events of one invocation, from its start to its report, as the extension of the fixture
 * `log-descriptor` writes them to a file. Waits until the report is there.
 */
export async function eventsOf(path: string, requestId: string): Promise<TelemetryEvent[]> {
  const deadline = performance.now() + eventsMs;
  for (;;) {
    const events = await readEvents(path);
    const first = events.findIndex((event) => isOf(event, "platform.start", requestId));
    const last = events.findIndex((event) => isOf(event, "platform.report", requestId));
    if (first !== -1 && last !== -1) return events.slice(first, last + 1);
    if (performance.now() > deadline) {
      const seen = events.map(({ type }) => type).join(" ");
      throw new Error(`Cannot find the report of ${requestId} in the telemetry: '${seen}'`);
    }
    await sleep(20);
  }
}

async function readEvents(path: string): Promise<TelemetryEvent[]> {
  let text = "";
  try {
    text = await readFile(path, "utf8");
  } catch {
    // Nothing has been delivered yet.
  }
  // The last line may not be whole yet.
  const lines = text.slice(0, text.lastIndexOf("\n") + 1).split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as TelemetryEvent);
}

function isOf({ type, record }: TelemetryEvent, wanted: string, requestId: string): boolean {
  return type === wanted && (record as { readonly requestId?: string }).requestId === requestId;
}
