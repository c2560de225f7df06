import { join } from "node:path";
import { repositoryRoot } from "../paths.ts";

/** What is compared of `@lambdad/aws`'s models, from its source: it is no part of what the package offers. */
export interface ServiceModel {
  readonly metadata: { readonly protocols: readonly string[] };
  readonly operationNames: readonly string[];
  operation(name: string): OperationModel | undefined;
  readonly errors: ReadonlyMap<string, StructureShape>;
}

export interface OperationModel {
  readonly method: string;
  readonly requestUri: string;
  readonly responseCode: number;
  readonly input?: StructureShape | undefined;
  readonly output?: StructureShape | undefined;
  readonly hostPrefix?: string | undefined;
  readonly checksum?: object | undefined;
  readonly checksumRequired?: boolean | undefined;
}

export type Shape =
  | { readonly kind: Exclude<string, "structure" | "list" | "map"> & { readonly scalar?: never } }
  | StructureShape
  | ListShape
  | MapShape;

export interface StructureShape {
  readonly kind: "structure";
  readonly name: string;
  readonly members: readonly Member[];
  readonly union?: boolean | undefined;
  readonly eventStream?: boolean | undefined;
  readonly payload?: string | undefined;
  readonly error?: ErrorTrait | undefined;
  readonly xmlName?: string | undefined;
}

export interface ErrorTrait {
  readonly code?: string | undefined;
  readonly httpStatusCode?: number | undefined;
  readonly fault: string;
}

export interface ListShape {
  readonly kind: "list";
  readonly member: Member;
}

export interface MapShape {
  readonly kind: "map";
  readonly key: Member;
  readonly value: Member;
}

export interface Member {
  readonly name: string;
  readonly shape: Shape;
  readonly required?: boolean | undefined;
  readonly location?: string | undefined;
  readonly wireName?: string | undefined;
  readonly queryName?: string | undefined;
  readonly timestampFormat?: string | undefined;
  readonly flattened?: boolean | undefined;
  readonly xmlAttribute?: boolean | undefined;
  readonly xmlNamespace?: { readonly uri: string; readonly prefix?: string } | undefined;
  readonly streaming?: boolean | undefined;
  readonly idempotencyToken?: boolean | undefined;
  readonly hostLabel?: boolean | undefined;
  readonly eventPayload?: boolean | undefined;
  readonly eventHeader?: boolean | undefined;
  readonly sensitive?: boolean | undefined;
}

/** The model of a service. */
export async function ourModel(service: string): Promise<ServiceModel> {
  const path = join(repositoryRoot, "packages", "aws", "src", "model", "load-model.ts");
  const { loadModel } = (await import(path)) as { loadModel: (name: string) => ServiceModel };
  return loadModel(service);
}
