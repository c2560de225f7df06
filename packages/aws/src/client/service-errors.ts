import { ServiceError, type ServiceErrorFields } from "./errors.ts";

/** A class of errors of one service. */
export type ServiceErrorClass = new (fields: ServiceErrorFields) => ServiceError;

const registries = new Map<string, Map<string, ServiceErrorClass>>();

/**
 * The class of a service's error by its name. One per service and name in the process, so that
 * `instanceof` holds across clients.
 */
export function serviceErrorClass(service: string, name: string): ServiceErrorClass {
  let classes = registries.get(service);
  if (classes === undefined) registries.set(service, (classes = new Map()));
  let found = classes.get(name);
  if (found === undefined) {
    found = class extends ServiceError {};
    Object.defineProperty(found, "name", { value: name });
    classes.set(name, found);
  }
  return found;
}
