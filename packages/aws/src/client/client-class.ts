import type { ServiceModel } from "../model/model.ts";
import type { Input } from "../protocol/protocol.ts";
import type { CallOptions } from "./options.ts";
import { ServiceClient } from "./service-client.ts";
import { methodName } from "../model/method-members.ts";
import { serviceMethods } from "./service-methods.ts";

/** The constructor of one service's clients. */
export type ServiceClientClass = typeof ServiceClient;

const classes = new Map<string, ServiceClientClass>();

/**
 * The class of a service's clients. Its prototype gets each operation's method when it is first
 * asked for, so that a client costs nothing before its model is needed; a method that is there is an
 * ordinary one.
 */
export function clientClass(service: string, model: () => ServiceModel): ServiceClientClass {
  let found = classes.get(service);
  if (found === undefined) classes.set(service, (found = makeClass(service, model)));
  return found;
}

function makeClass(service: string, model: () => ServiceModel): ServiceClientClass {
  const Client = class extends ServiceClient {};
  const prototype = Client.prototype as unknown as Record<string, unknown>;
  Object.defineProperty(Client, "name", { value: `${service} client` });
  for (const [name, value] of Object.entries(serviceMethods[service] ?? {})) {
    Object.defineProperty(prototype, name, { value, writable: true, configurable: true });
  }
  let operations: ReadonlyMap<string, string> | undefined;
  const operationOf = (name: string | symbol): string | undefined => {
    // Awaiting a client, or showing it, must not read its model.
    if (typeof name !== "string" || name === "then" || name === "toJSON") return undefined;
    operations ??= new Map(model().operationNames.map((each) => [methodName(each), each]));
    return operations.get(name);
  };
  const unknown = new Proxy(ServiceClient.prototype, {
    get(target, name, receiver): unknown {
      if (name in target) return Reflect.get(target, name, receiver) as unknown;
      const operation = operationOf(name);
      if (operation === undefined) return undefined;
      const method = operationMethod(operation);
      Object.defineProperty(prototype, name, { value: method, writable: true, configurable: true });
      return method;
    },
    has: (target, name) => name in target || operationOf(name) !== undefined,
  });
  Object.setPrototypeOf(prototype, unknown);
  return Client;
}

function operationMethod(operation: string): unknown {
  return function call(this: ServiceClient, input?: Input, options?: CallOptions) {
    return this.call(operation, input, options);
  };
}
