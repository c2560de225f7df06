import type { TableDescription } from "../../../types/dynamodb.d.ts";
import type { PaginateOptions, WaiterResult, WaitOptions } from "../../client/client-types.ts";
import type { DynamoDBNativeClient } from "../../client/native-client.ts";
import type { CallOptions } from "../../client/options.ts";
import { BatchWriter, type BatchWriterOptions } from "./batch-writer.ts";
import type { BatchGetOptions, KeysInput } from "./batch-get.ts";
import { callWithExpressions } from "./call-with-expressions.ts";
import { ItemPages } from "./item-pages.ts";
import type { ItemInput, KeyInput, NativeItem, TableInput, TypedOutput } from "./item-types.ts";

/** What a scan takes; `segments` splits it into that many, read at once. */
export type ScanInput = Omit<TableInput<"scan">, "Segment" | "TotalSegments"> & {
  /** Parts that are read at once; each keeps one page. Default: one after the other, in order. */
  readonly segments?: number | undefined;
};

/** What comes back of a write: the item as `ReturnValues` asks for it. */
type WriteOutput<Method extends "putItem" | "deleteItem" | "updateItem", Item> = TypedOutput<
  Method,
  "Attributes"
> & { readonly Attributes?: Item | undefined };

/**
 * A table by its name, with values of JavaScript. Making one does no I/O and does not say that the table
 * exists. Inputs are those of the client without `TableName`; expressions may be objects, made with
 * `Key` and `Attr`.
 *
 * `Table<Order>` types the items, `Table<Order, "customer" | "at">` their keys, too.
 */
export class Table<Item extends object = NativeItem, KeyName extends keyof Item = keyof Item> {
  readonly name: string;
  readonly #client: DynamoDBNativeClient;
  #description: TableDescription | undefined;

  constructor(client: DynamoDBNativeClient, name: string) {
    if (typeof name !== "string" || name === "") {
      throw new TypeError(`Cannot make a Table: its name is ${JSON.stringify(name)}`);
    }
    this.#client = client;
    this.name = name;
  }

  /** Reads one item. */
  getItem(
    input: TableInput<"getItem", "Key"> & { readonly Key: KeyInput<Item, KeyName> },
    options?: CallOptions,
  ): Promise<TypedOutput<"getItem", "Item"> & { readonly Item?: Item | undefined }> {
    return this.#call("GetItem", input, options);
  }

  /** Writes an item in place of the one with its key. */
  putItem(
    input: TableInput<"putItem", "Item"> & { readonly Item: ItemInput<Item> },
    options?: CallOptions,
  ): Promise<WriteOutput<"putItem", Item>> {
    return this.#call("PutItem", input, options);
  }

  /** Changes attributes of an item, or makes one. */
  updateItem(
    input: TableInput<"updateItem", "Key"> & { readonly Key: KeyInput<Item, KeyName> },
    options?: CallOptions,
  ): Promise<WriteOutput<"updateItem", Partial<Item>>> {
    return this.#call("UpdateItem", input, options);
  }

  /** Deletes an item; that there is none is no error. */
  deleteItem(
    input: TableInput<"deleteItem", "Key"> & { readonly Key: KeyInput<Item, KeyName> },
    options?: CallOptions,
  ): Promise<WriteOutput<"deleteItem", Item>> {
    return this.#call("DeleteItem", input, options);
  }

  /**
   * The items of a partition, in the order of their sort key. `Limit` is the size of a page; the option
   * `limit` is how many items there are in all.
   */
  query(input: TableInput<"query">, options: PaginateOptions = {}): ItemPages<Item> {
    const source = { client: this.#client, input: this.#named(input), options };
    return new ItemPages({ ...source, method: "query" });
  }

  /** All items of the table or of an index. @throws RangeError for segments that cannot be */
  scan(input: ScanInput = {}, options: PaginateOptions = {}): ItemPages<Item> {
    const { segments, ...others } = input;
    if (segments !== undefined && !(Number.isSafeInteger(segments) && isSegments(segments))) {
      throw new RangeError(
        `Cannot scan: segments must be a whole number from 1 to ${segmentsMax}: it is "${segments}"`,
      );
    }
    const source = { client: this.#client, input: this.#named(others), options, segments };
    return new ItemPages({ ...source, method: "scan" });
  }

  /**
   * Items by their keys, any number of them and in no order; keys without an item have none. What
   * DynamoDB leaves unprocessed is asked for again.
   * @throws UnprocessedError when it leaves them too often.
   */
  async batchGet(
    keys: Iterable<KeyInput<Item, KeyName>> | AsyncIterable<KeyInput<Item, KeyName>>,
    options: BatchGetOptions & Omit<KeysInput, "Keys"> = {},
  ): Promise<Item[]> {
    const { batchGet } = await import("./batch-get.ts");
    const { ConsistentRead, ProjectionExpression, ExpressionAttributeNames, ...others } = options;
    const Keys: object[] = [];
    for await (const key of keys) Keys.push(key);
    const request = { Keys, ConsistentRead, ProjectionExpression, ExpressionAttributeNames };
    const found = await batchGet(this.#client, { [this.name]: request }, others);
    return (found[this.name] ?? []) as Item[];
  }

  /** Writes many items with few requests. Close it, or have `await using` do it. */
  batchWriter(
    options: BatchWriterOptions<keyof Item & string> = {},
  ): BatchWriter<ItemInput<Item>, KeyInput<Item, KeyName>> {
    return new BatchWriter(this.#client, this.name, options);
  }

  /** What `load`, `update` or `delete` was told last. */
  get description(): TableDescription | undefined {
    return this.#description;
  }

  /** Asks DynamoDB what the table is: status, keys, indexes, size. */
  async load(options?: CallOptions): Promise<TableDescription> {
    const { Table: described } = await this.#client.describeTable(
      { TableName: this.name },
      options,
    );
    return this.#described(described);
  }

  /** Changes the table: capacity, indexes, streams. */
  async update(input: TableInput<"updateTable">, options?: CallOptions): Promise<TableDescription> {
    const output: { TableDescription?: TableDescription } = await this.#call(
      "UpdateTable",
      input,
      options,
    );
    return this.#described(output.TableDescription);
  }

  /** Deletes the table with everything in it. */
  async delete(options?: CallOptions): Promise<TableDescription> {
    const output: { TableDescription?: TableDescription } = await this.#call(
      "DeleteTable",
      {},
      options,
    );
    return this.#described(output.TableDescription);
  }

  /** Waits until the table can be used. */
  waitUntilExists(options?: WaitOptions): Promise<WaiterResult> {
    return this.#client.waitUntil.tableExists({ TableName: this.name }, options);
  }

  /** Waits until there is no such table any more. */
  waitUntilNotExists(options?: WaitOptions): Promise<WaiterResult> {
    return this.#client.waitUntil.tableNotExists({ TableName: this.name }, options);
  }

  #described(description: TableDescription = {}): TableDescription {
    this.#description = description;
    return description;
  }

  #named(input: object): Readonly<Record<string, unknown>> {
    return { ...input, TableName: this.name };
  }

  #call<Output>(operation: string, input: object, options?: CallOptions): Promise<Output> {
    const call = callWithExpressions(this.#client, operation, this.#named(input), options);
    return call as Promise<Output>;
  }
}

/** Source: DynamoDB API Reference, Scan, `TotalSegments`. */
const segmentsMax = 1_000_000;

function isSegments(segments: number): boolean {
  return segments >= 1 && segments <= segmentsMax;
}
