import type { Exchange } from "@lambdad/http1";
import { internalServerError } from "../api-error.ts";
import type { EnvironmentApis } from "../environment-apis.ts";
import { replyError } from "./replies.ts";

/** Answers 405 with an empty body when the method is another. */
export function hasMethod(exchange: Exchange, method: string): boolean {
  if (exchange.method === method) return true;
  exchange.reply(405, `Allow: ${method}\r\n`);
  return false;
}

/** Answers 500 when no environment is behind the port: the caller outlived its own, or never had one. */
export function isServed(
  exchange: Exchange,
  apis: EnvironmentApis | undefined,
): apis is EnvironmentApis {
  if (apis !== undefined) return true;
  replyError(exchange, internalServerError);
  return false;
}
