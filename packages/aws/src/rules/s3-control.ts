import type { OperationModel } from "../model/model.ts";
import type { ServiceRules } from "./service-rules.ts";

/**
 * The account goes before the host by the endpoint rules and by the model: once is enough. Source:
 * botocore's `remove_accid_host_prefix_from_model`.
 */
export const s3ControlRules: ServiceRules = {
  model(operation): OperationModel {
    const ruled = operation.staticContextParams?.["RequiresAccountId"]?.value === true;
    return ruled && operation.hostPrefix === "{AccountId}."
      ? { ...operation, hostPrefix: undefined }
      : operation;
  },
};
