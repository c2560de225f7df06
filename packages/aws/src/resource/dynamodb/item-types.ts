import type { DynamoDBOperations } from "../../../types/dynamodb.d.ts";
import type { InputOf, OutputOf } from "../../client/client-types.ts";
import type { Native, NativeInput, NativeValue } from "../../client/native-client.ts";
import type { AttributePath } from "./attribute-path.ts";
import type { Condition, KeyCondition } from "./condition.ts";

/** An item of a table whose items have no declared type. */
export type NativeItem = { [name: string]: NativeValue };

/** What may be given for an item. */
export type ItemInput<Item extends object> = NativeItem extends Item
  ? Readonly<Record<string, NativeInput>>
  : Item;

/** What may be given for the key of an item: its attributes of those names, where they are declared. */
export type KeyInput<Item extends object, KeyName extends keyof Item> = NativeItem extends Item
  ? Readonly<Record<string, NativeInput>>
  : keyof Item extends KeyName
    ? Partial<Item>
    : Pick<Item, KeyName>;

/** Members that AWS keeps for programs from before there were expressions. */
type Legacy =
  | "AttributesToGet"
  | "AttributeUpdates"
  | "ConditionalOperator"
  | "Expected"
  | "KeyConditions"
  | "QueryFilter"
  | "ScanFilter";

/** Expressions as text, or as objects. */
interface ExpressionMembers {
  ConditionExpression?: string | Condition | undefined;
  FilterExpression?: string | Condition | undefined;
  KeyConditionExpression?: string | KeyCondition | undefined;
  /** As text, or as a list of paths. */
  ProjectionExpression?: string | readonly AttributePath[] | undefined;
}

/** A structure of an input with native values, and expressions that may be objects. */
export type WithExpressions<Structure, Replaced extends string = never> = Omit<
  Native<Structure, NativeInput>,
  keyof ExpressionMembers | Legacy | Replaced
> &
  Pick<ExpressionMembers, Extract<keyof ExpressionMembers, keyof Structure>>;

/** The input of an operation on one table: what the table does not give itself. */
export type TableInput<
  Method extends keyof DynamoDBOperations,
  Replaced extends string = never,
> = WithExpressions<InputOf<DynamoDBOperations[Method]>, Replaced | "TableName">;

/** An output with native values, some members of it typed otherwise. */
export type TypedOutput<
  Method extends keyof DynamoDBOperations,
  Replaced extends string = never,
> = Omit<Native<OutputOf<DynamoDBOperations[Method]>, NativeValue>, Replaced>;
