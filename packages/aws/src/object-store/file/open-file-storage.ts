import { ConfigurationError } from "../../client/errors.ts";
import type { ObjectStorage } from "../object-storage.ts";

/** Opens a store of this kind. @throws ConfigurationError */
export function openFileStorage(_url: string): Promise<ObjectStorage> {
  throw new ConfigurationError('Cannot open a store of the kind "file:": it is not there yet');
}
