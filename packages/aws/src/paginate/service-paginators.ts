import type { Paginate } from "../client/client-types.ts";
import type { CallOptions } from "../client/options.ts";
import type { OperationModel, ServiceModel } from "../model/model.ts";
import type { Input, Output } from "../protocol/protocol.ts";
import { type PagedOperation, paginate } from "./paginator.ts";

/** Calls an operation of a client by its name in the model. */
export type CallByName = (operation: string, input: Input, options: CallOptions) => Promise<Output>;

/** Paginators by the names of the operations' methods: `listObjectsV2`. */
export type Paginators = Readonly<Record<string, Paginate<Input, Output>>>;

/** The paginators of a client. The model is read when a paginator is first asked for. */
export function servicePaginators(model: () => ServiceModel, call: CallByName): Paginators {
  let operations: ReadonlyMap<string, string> | undefined;
  const paginators = new Map<string, Paginate<Input, Output>>();
  const find = (name: string): Paginate<Input, Output> | undefined => {
    operations ??= new Map(Object.keys(model().paginators).map((each) => [methodName(each), each]));
    const operation = operations.get(name);
    if (operation === undefined) return undefined;
    let paginator = paginators.get(name);
    if (paginator === undefined) {
      const paged = pagedOperation(model(), operation, call);
      if (paged === undefined) return undefined;
      paginator = (input, options) => paginate(paged, input, options);
      paginators.set(name, paginator);
    }
    return paginator;
  };
  return new Proxy<Record<string, Paginate<Input, Output>>>(Object.create(null) as never, {
    get: (_, name) => (typeof name === "string" ? find(name) : undefined),
    has: (_, name) => typeof name === "string" && find(name) !== undefined,
  });
}

function pagedOperation(
  service: ServiceModel,
  name: string,
  call: CallByName,
): PagedOperation | undefined {
  const model = service.paginators[name];
  const operation = service.operation(name);
  if (model === undefined || operation === undefined) return undefined;
  return {
    name,
    model,
    limitIsText: isText(operation, model.limitKey),
    call: (input, options) => call(name, input, options),
  };
}

function isText({ input }: OperationModel, limitKey: string | undefined): boolean {
  return input?.members.find(({ name }) => name === limitKey)?.shape.kind === "string";
}

/** The name of a method: the model's with its first letter lowered. */
function methodName(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
