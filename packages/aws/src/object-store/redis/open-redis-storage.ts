import { ConfigurationError } from "../../client/errors.ts";
import type { ObjectStorage } from "../object-storage.ts";

/** Opens a store of this kind. @throws ConfigurationError */
export function openRedisStorage(_url: string): Promise<ObjectStorage> {
  throw new ConfigurationError('Cannot open a store of the kind "redis:": it is not there yet');
}
