/** What of `@lambdad/aws`'s service models the samples are made from. */
export interface ServiceModel {
  readonly metadata: {
    readonly serviceId: string;
    readonly protocols: readonly string[];
    readonly xmlNamespace?: string | undefined;
  };
  readonly operationNames: readonly string[];
  operation(name: string): OperationModel | undefined;
}

export interface OperationModel {
  readonly name: string;
  readonly responseCode: number;
  readonly input?: StructureShape | undefined;
  readonly output?: StructureShape | undefined;
  readonly resultWrapper?: string | undefined;
  readonly errors: readonly StructureShape[];
}

export type Shape = ScalarShape | StructureShape | ListShape | MapShape;

export interface ScalarShape {
  readonly kind:
    | "string"
    | "boolean"
    | "integer"
    | "long"
    | "float"
    | "double"
    | "bigInteger"
    | "bigDecimal"
    | "timestamp"
    | "blob"
    | "document";
}

export interface StructureShape {
  readonly kind: "structure";
  readonly name: string;
  readonly members: readonly Member[];
  readonly union?: boolean | undefined;
  readonly eventStream?: boolean | undefined;
  readonly payload?: string | undefined;
  readonly error?:
    | { readonly code?: string | undefined; readonly httpStatusCode?: number | undefined }
    | undefined;
}

export interface ListShape {
  readonly kind: "list";
  readonly name: string;
  readonly member: Member;
  readonly flattened?: boolean | undefined;
}

export interface MapShape {
  readonly kind: "map";
  readonly name: string;
  readonly key: Member;
  readonly value: Member;
  readonly flattened?: boolean | undefined;
}

export interface Member {
  readonly name: string;
  readonly shape: Shape;
  readonly required?: boolean | undefined;
  readonly location?: "uri" | "querystring" | "header" | "headers" | "statusCode" | undefined;
  readonly wireName?: string | undefined;
  readonly timestampFormat?: "unixTimestamp" | "iso8601" | "rfc822" | undefined;
  readonly flattened?: boolean | undefined;
  readonly xmlAttribute?: boolean | undefined;
  readonly xmlNamespace?:
    | { readonly uri: string; readonly prefix?: string | undefined }
    | undefined;
  readonly streaming?: boolean | undefined;
  readonly idempotencyToken?: boolean | undefined;
  readonly hostLabel?: boolean | undefined;
  readonly jsonValue?: boolean | undefined;
  readonly contextParam?: string | undefined;
}

/** The model of a service, from the package's source: it is no part of what the package offers. */
export async function loadServiceModel(name: string): Promise<ServiceModel> {
  const source = new URL("../../../packages/aws/src/model/load-model.ts", import.meta.url);
  const { loadModel } = (await import(source.href)) as {
    readonly loadModel: (service: string) => ServiceModel;
  };
  return loadModel(name);
}

/** Whether the shape holds, at any depth, a stream of events. */
export function hasEvents(shape: StructureShape | undefined): boolean {
  return (shape?.members ?? []).some(
    ({ shape: inner }) => inner.kind === "structure" && inner.eventStream === true,
  );
}
