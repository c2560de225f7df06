import type {
  ConditionCheck,
  CreateTableCommandInput,
  Delete,
  DynamoDBOperations,
  Get,
  KeysAndAttributes,
  ListTablesCommandInput,
  Put,
  Update,
} from "../../../types/dynamodb.d.ts";
import type { InputOf } from "../../client/client-types.ts";
import type { DynamoDBNativeClient } from "../../client/native-client.ts";
import type { CallOptions } from "../../client/options.ts";
import { Collection } from "../s3/collection.ts";
import type { BatchGetOptions, KeysInput } from "./batch-get.ts";
import type { NativeItem, TypedOutput, WithExpressions } from "./item-types.ts";
import { Table } from "./table.ts";

/** What a resource says of itself. */
export interface DynamoDBResourceMeta {
  /** The client that it calls; its values are JavaScript's. */
  readonly client: DynamoDBNativeClient;
}

/** What `tables` can be filtered by. */
export type TablesFilter = Pick<ListTablesCommandInput, "ExclusiveStartTableName" | "Limit">;

/** Keys by table, and what is read of their items. */
export interface BatchGetItemInput extends Omit<
  InputOf<DynamoDBOperations["batchGetItem"]>,
  "RequestItems"
> {
  readonly RequestItems: Readonly<Record<string, WithExpressions<KeysAndAttributes>>>;
}

/** Items that are read at one point in time. */
export interface TransactGetInput extends Omit<
  InputOf<DynamoDBOperations["transactGetItems"]>,
  "TransactItems"
> {
  /** 1 to 100. */
  readonly TransactItems: readonly { readonly Get: WithExpressions<Get> }[];
}

/** One action of a transaction. */
export type TransactWriteAction =
  | { readonly Put: WithExpressions<Put> }
  | { readonly Update: WithExpressions<Update> }
  | { readonly Delete: WithExpressions<Delete> }
  | {
      readonly ConditionCheck: Omit<WithExpressions<ConditionCheck>, "ConditionExpression"> &
        Required<Pick<WithExpressions<ConditionCheck>, "ConditionExpression">>;
    };

/** Writes that happen all, or not at all. */
export interface TransactWriteInput extends Omit<
  InputOf<DynamoDBOperations["transactWriteItems"]>,
  "TransactItems"
> {
  /** 1 to 100; no two of the same item. */
  readonly TransactItems: readonly TransactWriteAction[];
}

/**
 * DynamoDB as resources: its tables, with values of JavaScript, conditions as objects, and batches of
 * any size.
 */
export class DynamoDBResource implements AsyncDisposable {
  readonly #meta: DynamoDBResourceMeta;

  constructor(client: DynamoDBNativeClient) {
    this.#meta = { client };
  }

  get meta(): DynamoDBResourceMeta {
    return this.#meta;
  }

  /** A table, which need not exist. `Table<Order, "customer" | "at">("orders")` types its items and keys. */
  Table<Item extends object = NativeItem, KeyName extends keyof Item = keyof Item>(
    name: string,
  ): Table<Item, KeyName> {
    return new Table(this.#meta.client, name);
  }

  /** The tables of the account in the region: ListTables. */
  get tables(): Collection<Table, TablesFilter> {
    const { client } = this.#meta;
    return new Collection({
      name: "tables",
      limitKey: "Limit",
      pages: async function* (params: TablesFilter, options: CallOptions) {
        // DynamoDB gives 100 names at most.
        const { Limit } = params;
        const input = Limit !== undefined && Limit > 100 ? { ...params, Limit: 100 } : params;
        for await (const { TableNames = [] } of client.paginate.listTables(input, options)) {
          yield TableNames.map((name) => new Table(client, name));
        }
      },
    });
  }

  /** CreateTable. `table.waitUntilExists()` waits until it can be used. */
  async createTable<Item extends object = NativeItem, KeyName extends keyof Item = keyof Item>(
    input: CreateTableCommandInput,
    options?: CallOptions,
  ): Promise<Table<Item, KeyName>> {
    await this.#meta.client.call("CreateTable", input, options);
    return this.Table<Item, KeyName>(input.TableName);
  }

  /** BatchGetItem, once: 100 keys; what is left unprocessed is in the output. `batchGet` goes on. */
  async batchGetItem(
    input: BatchGetItemInput,
    options?: CallOptions,
  ): Promise<TypedOutput<"batchGetItem">> {
    const { expressionInput } = await import("./expression-input.ts");
    const RequestItems: Record<string, object> = {};
    for (const [table, request] of Object.entries(input.RequestItems)) {
      RequestItems[table] = expressionInput(request);
    }
    return this.#call("BatchGetItem", { ...input, RequestItems }, options);
  }

  /** BatchWriteItem, once: 25 writes; what is left unprocessed is in the output. `Table.batchWriter` goes on. */
  batchWriteItem(
    ...[input, options]: Parameters<DynamoDBNativeClient["batchWriteItem"]>
  ): Promise<TypedOutput<"batchWriteItem">> {
    return this.#call("BatchWriteItem", input, options);
  }

  /**
   * Items of several tables by their keys, any number of them, in no order. What DynamoDB leaves
   * unprocessed is asked for again, after a delay.
   * @throws UnprocessedError when it leaves them too often.
   */
  async batchGet(
    requests: Readonly<Record<string, KeysInput>>,
    options?: BatchGetOptions,
  ): Promise<Record<string, NativeItem[]>> {
    const { batchGet } = await import("./batch-get.ts");
    return batchGet(this.#meta.client, requests, options);
  }

  /** TransactGetItems: up to 100 items at one point in time; `Responses` are in the order of the items. */
  async transactGet(
    input: TransactGetInput,
    options?: CallOptions,
  ): Promise<TypedOutput<"transactGetItems">> {
    const { transact } = await import("./transactions.ts");
    return (await transact(this.#meta.client, "TransactGetItems", input, options)) as never;
  }

  /**
   * TransactWriteItems: up to 100 writes, all of them or none. It is repeated with the same
   * `ClientRequestToken`, so that it happens once.
   * @throws TransactionCanceledException: its `CancellationReasons` say of each item why.
   */
  async transactWrite(
    input: TransactWriteInput,
    options?: CallOptions,
  ): Promise<TypedOutput<"transactWriteItems">> {
    const { transact } = await import("./transactions.ts");
    return (await transact(this.#meta.client, "TransactWriteItems", input, options)) as never;
  }

  /** Closes the client. */
  close(): Promise<void> {
    return this.#meta.client.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #call<Output>(operation: string, input: object, options?: CallOptions): Promise<Output> {
    return this.#meta.client.call(operation, input, options) as Promise<unknown> as Promise<Output>;
  }
}
