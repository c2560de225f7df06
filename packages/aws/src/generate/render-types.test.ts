import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { C2jBundle } from "./c2j.ts";
import { renderTypes } from "./render-types.ts";

const bundle: C2jBundle = {
  service: {
    metadata: { serviceId: "Big Thing" },
    operations: {
      GetIt: {
        name: "GetIt",
        input: { shape: "GetItInput" },
        output: { shape: "Object" },
        errors: [{ shape: "Gone" }],
        documentation: "<p>Gets it. Quickly.</p>",
      },
      Ping: { name: "Ping", deprecated: true },
    },
    shapes: {
      GetItInput: {
        type: "structure",
        required: ["Id", "Token"],
        members: {
          Id: { shape: "Id" },
          Token: { shape: "Id", idempotencyToken: true },
          Kind: { shape: "Kind", deprecated: true },
          Size: { shape: "Long" },
          Body: { shape: "Body" },
          Source: { shape: "Source" },
        },
      },
      Object: {
        type: "structure",
        required: ["Id"],
        members: {
          Id: { shape: "Id" },
          Size: { shape: "Long" },
          "x-y": { shape: "Counts" },
          Body: { shape: "Body" },
          Either: { shape: "Either" },
          Many: { shape: "Kinds" },
        },
      },
      Gone: {
        type: "structure",
        exception: true,
        members: { message: { shape: "Id" }, Since: { shape: "Time" } },
      },
      Either: { type: "structure", union: true, members: { A: { shape: "Id" } } },
      Source: { type: "string", declared: "string | aws.FileInput" },
      Counts: { type: "map", key: { shape: "Kind" }, value: { shape: "Long" } },
      Kinds: { type: "list", sparse: true, member: { shape: "Kind" } },
      Id: { type: "string" },
      Kind: { type: "string", enum: ["a", "b"] },
      Long: { type: "long" },
      Time: { type: "timestamp" },
      Body: { type: "blob", streaming: true },
      Lost: { type: "structure", members: {} },
    },
  },
  paginators: {
    pagination: { GetIt: { input_token: "Id", output_token: "Id", result_key: "Many" } },
  },
  waiters: {
    waiters: { ItExists: { operation: "GetIt", delay: 1, maxAttempts: 1, acceptors: [] } },
  },
};

const text = renderTypes("big", ["big-thing"], bundle);

describe("renderTypes()", () => {
  const parts: Readonly<Record<string, string>> = {
    "inputs with their required members": `export interface GetItInput {
  Id: string;
  Token?: string | undefined;
  /** @deprecated */ Kind?: Kind | undefined;
  Size?: number | bigint | undefined;
  Body?: aws.StreamingBlobInput | undefined;
  Source?: string | aws.FileInput | undefined;
}`,
    "outputs with nothing required, and no name of the language": `export interface _Object {
  Id?: string | undefined;
  Size?: number | undefined;
  "x-y"?: Partial<Record<Kind, number>> | undefined;
  Body?: aws.ResponseBody | undefined;
  Either?: Either | undefined;
  Many?: (Kind | null)[] | undefined;
}`,
    "errors without what every error has": `export interface Gone extends aws.ServiceError {
  readonly name: "Gone";
  Since?: Date | undefined;
}`,
    "open enumerations": 'export type Kind = aws.Open<"a" | "b">;',
    unions: "export type Either = aws.Union<{\n  A: string;\n}>;",
    "names of the official SDK": `export type GetItCommandInput = GetItInput;
export interface GetItCommandOutput extends _Object, aws.MetadataBearer {}`,
    "an operation without input": "export type PingCommandInput = aws.NoInput;",
    operations: `  /** Gets it. */
  getIt(input: GetItCommandInput, options?: aws.CallOptions): Promise<GetItCommandOutput>;
  /** @deprecated */
  ping(input?: PingCommandInput, options?: aws.CallOptions): Promise<PingCommandOutput>;`,
    paginators: "  getIt: aws.Paginate<GetItCommandInput, GetItCommandOutput, Kind>;",
    waiters: "  itExists: aws.Wait<GetItCommandInput, GetItCommandOutput>;",
    classes: "  readonly Gone: aws.ErrorClass<Gone>;",
    "the client by each of its names": `  interface ServiceClients {
    big: BigThingClient;
    "big-thing": BigThingClient;
  }`,
  };
  for (const [name, part] of Object.entries(parts)) {
    test(`declares ${name}`, () => assert.ok(text.includes(part), text));
  }

  test("declares nothing that no operation uses", () => assert.doesNotMatch(text, /Lost/));
});
