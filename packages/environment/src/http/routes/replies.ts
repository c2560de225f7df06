import type { Exchange } from "@lambdad/http1";
import { renderApiError, type ApiError } from "../api-error.ts";

const json = "Content-Type: application/json\r\n";
const accepted = '{"status":"OK"}\n';

/** 202, the answer of every POST that was taken. */
export function replyAccepted(exchange: Exchange): void {
  exchange.reply(202, json, accepted);
}

export function replyError(exchange: Exchange, error: ApiError): void {
  exchange.reply(error.status, json, renderApiError(error));
}
