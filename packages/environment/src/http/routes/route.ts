import type { Connection, Exchange } from "@lambdad/http1";
import type { EnvironmentApis } from "../environment-apis.ts";
import { handleError } from "./error.ts";
import { handleInitError } from "./init-error.ts";
import { handleNext, type HttpPoller } from "./next.ts";
import { handleResponse } from "./response.ts";
import { handleRestoreNext } from "./restore-next.ts";
import { hasMethod, isServed } from "./route-checks.ts";
import { routeExtensions } from "./route-extensions.ts";

const invocationPrefix = "/2018-06-01/runtime/invocation/";

/**
 * Finds the route of a call from inside an environment: of the Runtime API (paths and methods: spec
 * runtime-api §3), or of the Extensions, Telemetry and Logs APIs.
 */
export function routeCall(
  apis: EnvironmentApis | undefined,
  exchange: Exchange,
  pollerOf: (connection: Connection) => HttpPoller,
): void {
  const { path } = exchange;
  if (path === `${invocationPrefix}next`) {
    if (hasMethod(exchange, "GET") && isServed(exchange, apis)) {
      handleNext(apis.runtime, exchange, pollerOf(exchange.connection));
    }
  } else if (path.startsWith(invocationPrefix)) {
    routeAnswer(apis, exchange, path.slice(invocationPrefix.length));
  } else if (path === "/2018-06-01/ping") {
    if (hasMethod(exchange, "GET")) exchange.reply(200, "Content-Type: text/plain\r\n", "pong");
  } else if (!routeExtensions(apis, exchange)) {
    routeInit(apis, exchange);
  }
}

/** `{id}/response` and `{id}/error`. */
function routeAnswer(apis: EnvironmentApis | undefined, exchange: Exchange, rest: string): void {
  const slash = rest.indexOf("/");
  const action = rest.slice(slash + 1);
  if (slash === -1 || (action !== "response" && action !== "error")) {
    replyNotFound(exchange);
    return;
  }
  if (!hasMethod(exchange, "POST") || !isServed(exchange, apis)) return;
  const id = decodedSegment(rest.slice(0, slash));
  if (action === "response") handleResponse(apis.runtime, exchange, id);
  else handleError(apis.runtime, exchange, id);
}

function routeInit(apis: EnvironmentApis | undefined, exchange: Exchange): void {
  switch (exchange.path) {
    case "/2018-06-01/runtime/init/error":
      if (hasMethod(exchange, "POST") && isServed(exchange, apis)) {
        handleInitError(apis.runtime, exchange, "init");
      }
      return;
    case "/2018-06-01/runtime/restore/next":
      if (hasMethod(exchange, "GET") && isServed(exchange, apis)) {
        handleRestoreNext(apis.runtime, exchange);
      }
      return;
    case "/2018-06-01/runtime/restore/error":
      if (hasMethod(exchange, "POST") && isServed(exchange, apis)) {
        handleInitError(apis.runtime, exchange, "restore");
      }
      return;
    default:
      replyNotFound(exchange);
  }
}

function replyNotFound(exchange: Exchange): void {
  exchange.reply(404, "Content-Type: text/plain; charset=utf-8\r\n", "404 page not found\n");
}

/** The Node client sends the id percent-encoded, the others raw. */
function decodedSegment(segment: string): string {
  if (!segment.includes("%")) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
