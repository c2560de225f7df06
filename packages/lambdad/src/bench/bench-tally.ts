import { LatencyHistogram } from "./latency-histogram.ts";

/** How one call ended. */
export type CallEnd =
  | { readonly kind: "returned" }
  | { readonly kind: "functionFailed" }
  /** The function was not run, or its answer was lost; `reason` is AWS's name or the system's code. */
  | { readonly kind: "hostFailed"; readonly reason: string };

/** Different reasons that are told apart; the rest is counted as `other`. */
const reasonsMax = 32;

/** Counts what a bench saw. Bounded, whatever the endpoint answers. */
export class BenchTally {
  /** Of calls that the function answered: throttled calls would make it look fast. */
  readonly latency: LatencyHistogram = new LatencyHistogram();
  readonly #statuses = new Map<number, number>();
  readonly #reasons = new Map<string, number>();
  #returned = 0;
  #functionFailed = 0;
  #hostFailed = 0;
  #bytesReceived = 0;

  /** Takes one call. `status` is `undefined` when there was no response. */
  record(end: CallEnd, status: number | undefined, milliseconds: number): void {
    if (status !== undefined) add(this.#statuses, status);
    switch (end.kind) {
      case "returned":
        this.#returned += 1;
        this.latency.record(milliseconds);
        break;
      case "functionFailed":
        this.#functionFailed += 1;
        this.latency.record(milliseconds);
        break;
      case "hostFailed": {
        this.#hostFailed += 1;
        const isKnown = this.#reasons.has(end.reason) || this.#reasons.size < reasonsMax;
        add(this.#reasons, isKnown ? end.reason : "other");
        break;
      }
      default:
        end satisfies never;
    }
  }

  /** Bytes of response bodies. */
  addBytes(count: number): void {
    this.#bytesReceived += count;
  }

  get calls(): number {
    return this.#returned + this.#functionFailed + this.#hostFailed;
  }

  get returned(): number {
    return this.#returned;
  }

  get functionFailed(): number {
    return this.#functionFailed;
  }

  get hostFailed(): number {
    return this.#hostFailed;
  }

  get bytesReceived(): number {
    return this.#bytesReceived;
  }

  /** Responses by status, in order of the status. */
  get statuses(): readonly (readonly [status: number, count: number])[] {
    return [...this.#statuses].sort(([a], [b]) => a - b);
  }

  /** Host errors by reason, most frequent first. */
  get reasons(): readonly (readonly [reason: string, count: number])[] {
    return [...this.#reasons].sort(([, a], [, b]) => b - a);
  }
}

function add<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
