/** How far a transfer is. */
export interface TransferProgress {
  /** Bytes transferred so far, over all parts; less than before after a part had to begin again. */
  readonly loaded: number;
  /** Bytes in all, once known. */
  readonly total?: number | undefined;
  /** Number, from 1, of the part that has moved; absent where there are no parts. */
  readonly part?: number | undefined;
  readonly key: string;
}

/** Options of a transfer. */
export interface TransferOptions {
  /**
   * Bytes of a part, 5 MiB to 5 GiB; default 8 MiB. More is taken where an upload or a copy would
   * have more than 10,000 parts.
   */
  readonly partSize?: number | undefined;
  /** Bytes from which there are parts; default 8 MiB, for copies 5 GiB. */
  readonly threshold?: number | undefined;
  /** Parts under way at once; default 10. */
  readonly concurrency?: number | undefined;
  /** Ends the transfer: it rejects with an `AbortError` when it has cleaned up. */
  readonly signal?: AbortSignal | undefined;
  /** As a listener of `on("progress")`. */
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
  /**
   * Bytes that are held in memory at most, from the size of a part on; default `partSize` times
   * `concurrency`. Where it is less, fewer parts are under way.
   */
  readonly queueBytes?: number | undefined;
  /** Keep the parts of an upload or a copy that fails, for whoever goes on with it. Default `false`. */
  readonly leavePartsOnError?: boolean | undefined;
}

/** Counts what a transfer has moved, and reports it. Bytes of no part are those of the whole object. */
export interface ProgressCounter {
  /** Bytes in all, once known: those of the next reports. */
  total: number | undefined;
  readonly loaded: number;
  /** Bytes of a part, or of the whole object, have moved. */
  add(bytes: number, part?: number): void;
  /** A part, or the whole object, begins again: what was counted of it is taken back. */
  restart(part?: number): void;
}

/** What the work of a transfer is given. */
export interface TransferContext {
  /**
   * Ends the work. Once it is aborted the work stops, waits for what it has begun, cleans up, and
   * rejects with `signal.reason`, which is the error that the user gets.
   */
  readonly signal: AbortSignal;
  readonly progress: ProgressCounter;
}

/** The work of a transfer. When it settles, nothing of it may be under way any more. */
export type TransferWork<Result> = (context: TransferContext) => Promise<Result>;

/** Where an upload or a copy went. */
export interface TransferredTo {
  readonly Bucket: string;
  readonly Key: string;
  /** URL of the object, where the service says it: for uploads in parts. */
  readonly Location?: string | undefined;
}
