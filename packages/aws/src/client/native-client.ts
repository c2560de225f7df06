import type { AttributeValue, DynamoDBClient, DynamoDBOperations } from "../../types/dynamodb.d.ts";
import type { DynamoNumber } from "../rules/dynamo-number.ts";
import type {
  ClientBase,
  InputOf,
  Operation,
  OutputOf,
  Paginate,
  PaginateOptions,
  Paginator,
} from "./client-types.ts";
import type { CallOptions } from "./options.ts";

/** A value of DynamoDB as JavaScript has it, with the option `nativeValues`: what comes back. */
export type NativeValue =
  | null
  | boolean
  | string
  | number
  | bigint
  | DynamoNumber
  | Uint8Array
  | Set<string>
  | Set<number | bigint | DynamoNumber>
  | Set<Uint8Array>
  | NativeValue[]
  | { [name: string]: NativeValue };

/** What may be given for a value: objects of any interface, whose `undefined` members are left out. */
export type NativeInput = NativeValue | ArrayBuffer | DataView | undefined | object;

/** An input or output with `Value` for each of DynamoDB's attribute values. */
export type Native<T, Value> = T extends AttributeValue
  ? Value
  : T extends string | number | bigint | boolean | Date | Uint8Array | null | undefined
    ? T
    : T extends readonly (infer Item)[]
      ? Native<Item, Value>[]
      : { [Name in keyof T]: Native<T[Name], Value> };

type NativeOperations = {
  [Name in keyof DynamoDBOperations]: NativeMethod<DynamoDBOperations[Name]>;
};

type NativeMethod<Method extends Operation> = Method extends () => unknown
  ? (
      input?: Native<InputOf<Method>, NativeInput>,
      options?: CallOptions,
    ) => Promise<Native<OutputOf<Method>, NativeValue>>
  : (
      input: Native<InputOf<Method>, NativeInput>,
      options?: CallOptions,
    ) => Promise<Native<OutputOf<Method>, NativeValue>>;

type NativePaginators = {
  [Name in keyof DynamoDBClient["paginate"]]: NativePaginate<DynamoDBClient["paginate"][Name]>;
};

type NativePaginate<P> =
  P extends Paginate<infer Input, infer Page, infer Item>
    ? (
        input: Native<Input, NativeInput>,
        options?: PaginateOptions,
      ) => Paginator<Native<Page, NativeValue>, Native<Item, NativeValue>>
    : never;

/** DynamoDB's client with the option `nativeValues`. */
export type DynamoDBNativeClient = NativeOperations &
  ClientBase<
    NativeOperations,
    NativePaginators,
    DynamoDBClient["waitUntil"],
    DynamoDBClient["errors"]
  >;
