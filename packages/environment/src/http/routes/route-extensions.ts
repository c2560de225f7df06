import type { Exchange } from "@lambdad/http1";
import type { EnvironmentApis } from "../environment-apis.ts";
import { handleExtensionError } from "./extension-error.ts";
import { handleExtensionNext } from "./extension-next.ts";
import { handleExtensionRegister } from "./extension-register.ts";
import { hasMethod, isServed } from "./route-checks.ts";
import { handleTelemetrySubscribe } from "./telemetry-subscribe.ts";

/** The route of a call of the Extensions, Telemetry and Logs APIs, by its path. */
interface ExtensionRoute {
  readonly method: "GET" | "POST" | "PUT";
  readonly handle: (apis: ExtensionApis, exchange: Exchange) => void;
}

type ExtensionApis = EnvironmentApis & {
  readonly extensions: NonNullable<EnvironmentApis["extensions"]>;
};

/** Paths and methods: spec extensions-api §1, telemetry-api §1. */
const routes: Readonly<Record<string, ExtensionRoute>> = {
  "/2020-01-01/extension/register": {
    method: "POST",
    handle: ({ extensions }, exchange) => handleExtensionRegister(extensions, exchange),
  },
  "/2020-01-01/extension/event/next": {
    method: "GET",
    handle: ({ extensions }, exchange) => handleExtensionNext(extensions, exchange),
  },
  "/2020-01-01/extension/init/error": {
    method: "POST",
    handle: ({ extensions }, exchange) => handleExtensionError(extensions, exchange, "initError"),
  },
  "/2020-01-01/extension/exit/error": {
    method: "POST",
    handle: ({ extensions }, exchange) => handleExtensionError(extensions, exchange, "exitError"),
  },
  "/2022-07-01/telemetry": {
    method: "PUT",
    handle: (apis, exchange) => handleTelemetrySubscribe(apis, exchange, "telemetry"),
  },
  "/2020-08-15/logs": {
    method: "PUT",
    handle: (apis, exchange) => handleTelemetrySubscribe(apis, exchange, "logs"),
  },
};

/** @returns whether the path is one of these APIs; the call has been answered then, or will be. */
export function routeExtensions(apis: EnvironmentApis | undefined, exchange: Exchange): boolean {
  const { path } = exchange;
  const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (route === undefined) return false;
  const extensions = apis?.extensions;
  if (apis !== undefined && extensions === undefined) {
    // Switched off there are no routes, and so no methods either.
    exchange.reply(404, "");
    return true;
  }
  if (!hasMethod(exchange, route.method) || !isServed(exchange, apis)) return true;
  if (extensions !== undefined) route.handle({ ...apis, extensions }, exchange);
  return true;
}
