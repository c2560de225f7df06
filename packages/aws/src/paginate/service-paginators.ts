import type { CallByName } from "../client/call-by-name.ts";
import type { Paginate } from "../client/client-types.ts";
import { methodMembers } from "../model/method-members.ts";
import type { OperationModel, ServiceModel } from "../model/model.ts";
import type { Input, Output } from "../protocol/protocol.ts";
import { type PagedOperation, paginate } from "./paginator.ts";

/** Paginators by the names of the operations' methods: `listObjectsV2`. */
export type Paginators = Readonly<Record<string, Paginate<Input, Output>>>;

/** The paginators of a client. The model is read when a paginator is first asked for. */
export function servicePaginators(model: () => ServiceModel, call: CallByName): Paginators {
  return methodMembers<Paginate<Input, Output>>(
    () => Object.keys(model().paginators),
    (name) => {
      const paged = pagedOperation(model(), name, call);
      return paged && ((input, options) => paginate(paged, input, options));
    },
  );
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
