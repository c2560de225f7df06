import type { Connection, Exchange } from "@lambdad/http1";
import { internalServerError } from "../api-error.ts";
import type { RuntimeApi } from "../../runtime/runtime-api.ts";
import { handleError } from "./error.ts";
import { handleInitError } from "./init-error.ts";
import { handleNext, type HttpPoller } from "./next.ts";
import { replyError } from "./replies.ts";
import { handleResponse } from "./response.ts";
import { handleRestoreNext } from "./restore-next.ts";

const invocationPrefix = "/2018-06-01/runtime/invocation/";

/** Finds the route of a call of the Runtime API. Paths and methods: spec runtime-api §3. */
export function routeRuntimeApi(
  api: RuntimeApi | undefined,
  exchange: Exchange,
  pollerOf: (connection: Connection) => HttpPoller,
): void {
  const { path } = exchange;
  if (path === "/2018-06-01/ping") {
    if (hasMethod(exchange, "GET")) exchange.reply(200, "Content-Type: text/plain\r\n", "pong");
    return;
  }
  if (path === `${invocationPrefix}next`) {
    if (hasMethod(exchange, "GET") && isServed(exchange, api)) {
      handleNext(api, exchange, pollerOf(exchange.connection));
    }
  } else if (path.startsWith(invocationPrefix)) {
    routeAnswer(api, exchange, path.slice(invocationPrefix.length));
  } else {
    routeInit(api, exchange);
  }
}

/** `{id}/response` and `{id}/error`. */
function routeAnswer(api: RuntimeApi | undefined, exchange: Exchange, rest: string): void {
  const slash = rest.indexOf("/");
  const action = rest.slice(slash + 1);
  if (slash === -1 || (action !== "response" && action !== "error")) {
    replyNotFound(exchange);
    return;
  }
  if (!hasMethod(exchange, "POST") || !isServed(exchange, api)) return;
  const id = decodedSegment(rest.slice(0, slash));
  if (action === "response") handleResponse(api, exchange, id);
  else handleError(api, exchange, id);
}

function routeInit(api: RuntimeApi | undefined, exchange: Exchange): void {
  switch (exchange.path) {
    case "/2018-06-01/runtime/init/error":
      if (hasMethod(exchange, "POST") && isServed(exchange, api)) {
        handleInitError(api, exchange, "init");
      }
      return;
    case "/2018-06-01/runtime/restore/next":
      if (hasMethod(exchange, "GET") && isServed(exchange, api)) handleRestoreNext(api, exchange);
      return;
    case "/2018-06-01/runtime/restore/error":
      if (hasMethod(exchange, "POST") && isServed(exchange, api)) {
        handleInitError(api, exchange, "restore");
      }
      return;
    default:
      replyNotFound(exchange);
  }
}

/** Answers 405 with an empty body when the method is another. */
function hasMethod(exchange: Exchange, method: string): boolean {
  if (exchange.method === method) return true;
  exchange.reply(405, `Allow: ${method}\r\n`);
  return false;
}

/** Answers 500 when no environment is behind the port: the caller outlived its own, or never had one. */
function isServed(exchange: Exchange, api: RuntimeApi | undefined): api is RuntimeApi {
  if (api !== undefined) return true;
  replyError(exchange, internalServerError);
  return false;
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
