import type { PlatformEvent } from "../platform-event.ts";
import type { OutputLine } from "./event-encoding.ts";
import type { EventCategory } from "./event-schema.ts";

/** What happened before a subscription; a `loss` stands where something is missing. */
export type EarlyEvent =
  | { readonly kind: "platform"; readonly event: PlatformEvent }
  | { readonly kind: "line"; readonly line: OutputLine }
  | { readonly kind: "loss"; readonly lost: Record<EventCategory, LostCount> };

interface LostCount {
  records: number;
  bytes: number;
}

/** Ours (INV-8). Platform events are few, so that lines cannot take their places. */
export const earlyLimits = {
  linesMax: 1_000,
  lineBytesMax: 262_144,
  platformEventsMax: 1_000,
} as const;

/** Keeps what happens in an initialisation for those who subscribe in it later. */
export class EarlyEvents {
  readonly #events: EarlyEvent[] = [];
  #lines = 0;
  #lineBytes = 0;
  #platformEvents = 0;

  /** In order. */
  get events(): readonly EarlyEvent[] {
    return this.#events;
  }

  platformEvent(event: PlatformEvent): void {
    if (this.#platformEvents >= earlyLimits.platformEventsMax) {
      // Its length is not known before it is encoded, and differs by schema.
      this.#lose("platform", 0);
      return;
    }
    this.#platformEvents += 1;
    this.#events.push({ kind: "platform", event });
  }

  line(line: OutputLine): void {
    const { length } = line.bytes;
    const hasRoom =
      this.#lines < earlyLimits.linesMax && this.#lineBytes + length <= earlyLimits.lineBytesMax;
    if (!hasRoom) {
      this.#lose(line.type, length);
      return;
    }
    this.#lines += 1;
    this.#lineBytes += length;
    // A line is a part of a larger piece of memory, which would be kept with it.
    this.#events.push({ kind: "line", line: { ...line, bytes: Buffer.from(line.bytes) } });
  }

  #lose(category: EventCategory, bytes: number): void {
    let last = this.#events.at(-1);
    if (last?.kind !== "loss") {
      const lost = {
        platform: { records: 0, bytes: 0 },
        function: { records: 0, bytes: 0 },
        extension: { records: 0, bytes: 0 },
      };
      last = { kind: "loss", lost };
      this.#events.push(last);
    }
    last.lost[category].records += 1;
    last.lost[category].bytes += bytes;
  }
}
