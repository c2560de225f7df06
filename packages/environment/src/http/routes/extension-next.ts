import { randomUUID } from "node:crypto";
import type { Exchange } from "@lambdad/http1";
import type { Extension, ExtensionDelivery, ExtensionWaiter } from "../../extensions/extension.ts";
import type { ExtensionsApi } from "../../extensions/extensions-api.ts";
import { replyError } from "./replies.ts";

/** `GET /2020-01-01/extension/event/next`: blocks until there is an event. */
export function handleExtensionNext(api: ExtensionsApi, exchange: Exchange): void {
  const waiter = new HttpExtensionWaiter(exchange);
  const extension = api.next(exchange.headers.get("lambda-extension-identifier"), waiter);
  if ("errorMessage" in extension) replyError(exchange, extension);
  else waiter.wait(api, extension);
}

/** One call of `event/next`. */
class HttpExtensionWaiter implements ExtensionWaiter {
  #exchange: Exchange | undefined;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /** The call was allowed, and may have been answered already. */
  wait(api: ExtensionsApi, extension: Extension): void {
    this.#exchange?.connection.onClose(() => api.stopWaiting(extension, this));
  }

  deliver({ body }: ExtensionDelivery): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    const headers = `Content-Type: application/json\r\nLambda-Extension-Event-Identifier: ${randomUUID()}\r\n`;
    exchange?.reply(200, headers, body);
  }
}
