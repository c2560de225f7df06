import { keepModel, keepModelFile } from "../model/load-model.ts";
import { clientClass } from "./client-class.ts";
import type { ClientOptions } from "./options.ts";
import type { ServiceClient } from "./service-client.ts";

/**
 * What an entry point of one service (`@lambdad/aws/s3`) exports: makes clients of it without a session, from a
 * model that a bundler has put beside the code.
 *
 * @param service botocore's name.
 * @param compact what the file `models/<service>.json` holds.
 * @param partitions what the file `models/partitions.json` holds.
 */
export function serviceEntry(
  service: string,
  compact: unknown,
  partitions: unknown,
): (options?: ClientOptions) => ServiceClient {
  return (options = {}) => {
    const model = keepModel(service, compact);
    keepModelFile("partitions.json", partitions);
    const Client = clientClass(service, () => model);
    return new Client({ service, options, model });
  };
}
