import { setImmediate as turn } from "node:timers/promises";
import { ConnectionError, ServiceError } from "../../client/errors.ts";
import type { DynamoDBNativeClient } from "../../client/native-client.ts";
import type { BatchWriterOptions, Unwritten } from "./batch-writer.ts";
import { BatchWrites } from "./batch-writes.ts";
import type { WriteRequest } from "./write-queue.ts";

/** An item of the tests: a key, and which write of it this is. */
export interface Row {
  readonly id: number;
  readonly version: number;
}

/** What becomes of one request. */
export interface Fate {
  /** Turns of the event loop before it is looked at, and before it is answered. */
  readonly turnsBefore?: number;
  readonly turnsAfter?: number;
  /** Which of its writes are left unprocessed. */
  readonly unprocessed?: (index: number) => boolean;
  /** Thrown in place of an answer, before anything is written or after. */
  readonly fails?: Error;
  readonly failsAfter?: Error;
}

/** A table of `BatchWriteItem`, which does with each request what it is told. */
export class FakeTable {
  readonly name: string = "rows";
  readonly rows: Map<number, number | "deleted"> = new Map();
  /** What was written, in order. */
  readonly written: Row[] = [];
  /** How many writes each request had. */
  readonly sizes: number[] = [];
  mostAtOnce = 0;
  #atOnce = 0;
  readonly #fate: (request: number) => Fate;
  readonly #refuses: (row: Row) => boolean;

  constructor(fate: (request: number) => Fate = () => ({}), refuses = (_row: Row) => false) {
    this.#fate = fate;
    this.#refuses = refuses;
  }

  /** A client, as far as a batch writer needs one. */
  get client(): DynamoDBNativeClient {
    const batchWriteItem = (input: { RequestItems: Record<string, WriteRequest[]> }) =>
      this.#answer(input.RequestItems[this.name] ?? []);
    return { batchWriteItem } as unknown as DynamoDBNativeClient;
  }

  async #answer(requests: readonly WriteRequest[]): Promise<object> {
    const fate = this.#fate(this.sizes.length);
    this.sizes.push(requests.length);
    this.#atOnce += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#atOnce);
    try {
      for (let count = fate.turnsBefore ?? 0; count > 0; count--) await turn();
      if (fate.fails !== undefined) throw fate.fails;
      this.#check(requests);
      const unprocessed = requests.filter((_, index) => fate.unprocessed?.(index) === true);
      for (const request of requests) if (!unprocessed.includes(request)) this.#write(request);
      for (let count = fate.turnsAfter ?? 0; count > 0; count--) await turn();
      if (fate.failsAfter !== undefined) throw fate.failsAfter;
      // What comes back went over the wire.
      return unprocessed.length === 0
        ? {}
        : { UnprocessedItems: { [this.name]: structuredClone(unprocessed) } };
    } finally {
      this.#atOnce -= 1;
    }
  }

  #check(requests: readonly WriteRequest[]): void {
    const ids = requests.map((request) => rowOf(request).id);
    if (new Set(ids).size < ids.length) {
      throw serviceError("ValidationException", "Provided list of item keys contains duplicates");
    }
    if (requests.length > 25) throw serviceError("ValidationException", "Too many items");
    if (requests.some((request) => this.#refuses(rowOf(request)))) {
      throw serviceError("ValidationException", "One or more parameter values were invalid");
    }
  }

  #write(request: WriteRequest): void {
    const row = rowOf(request);
    this.rows.set(row.id, request.DeleteRequest === undefined ? row.version : "deleted");
    this.written.push(row);
  }
}

/** An error of DynamoDB. */
export function serviceError(name: string, message: string, throttling = false): ServiceError {
  return new ServiceError({
    name,
    code: name,
    message,
    fault: "client",
    service: "dynamodb",
    operation: "BatchWriteItem",
    retryable: throttling,
    throttling,
  });
}

/** The item of a write, or its key. */
export function rowOf(request: WriteRequest): Row {
  return (request.PutRequest?.Item ?? request.DeleteRequest?.Key) as Row;
}

/** What DynamoDB says when it is asked too much. */
export const throttled = (): Error =>
  serviceError("ProvisionedThroughputExceededException", "Too fast", true);
/** A connection that is gone. */
export const lost = (): Error =>
  new ConnectionError("Lost", { code: "ECONNRESET", host: "localhost", port: 1 });

/** A writer whose delays last a turn of the event loop. */
export function writerOf(
  table: FakeTable,
  options: BatchWriterOptions = {},
): { readonly writer: BatchWrites<Row>; readonly delays: number[] } {
  const delays: number[] = [];
  const writer = new BatchWrites<Row>(table.client, table.name, options, {
    random: () => 1,
    wait: async (ms) => {
      delays.push(ms);
      await new Promise<void>((resolve) => void setImmediate(resolve));
    },
  });
  return { writer, delays };
}

/** The items that an error says are not written. */
export function idsOf(error: object): number[] {
  const { unwritten = [] } = error as Partial<Unwritten>;
  return unwritten.map((request) => rowOf(request).id);
}
