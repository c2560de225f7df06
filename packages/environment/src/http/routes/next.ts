import type { Exchange } from "@lambdad/http1";
import type { Delivery, Poller } from "../../runtime/poller.ts";
import type { RuntimeApi } from "../../runtime/runtime-api.ts";
import { replyError } from "./replies.ts";

/** `GET /2018-06-01/runtime/invocation/next`: blocks until there is an invocation. */
export function handleNext(api: RuntimeApi, exchange: Exchange, poller: HttpPoller): void {
  poller.wait(api, exchange);
  exchange.connection.onClose(poller.gone);
  const refusal = api.next(poller);
  if (refusal === undefined) return;
  poller.gone();
  replyError(exchange, refusal);
}

/** The waiting end of a connection: one, for all its calls of `/next` after one another. */
export class HttpPoller implements Poller {
  #api: RuntimeApi | undefined;
  #exchange: Exchange | undefined;

  wait(api: RuntimeApi, exchange: Exchange): void {
    this.#api = api;
    this.#exchange = exchange;
  }

  /** The call is over without an event: refused, or its connection closed. */
  readonly gone = (): void => {
    this.#api?.removePoller(this);
    this.#api = undefined;
    this.#exchange = undefined;
  };

  deliver(delivery: Delivery): void {
    const exchange = this.#exchange;
    this.#api = undefined;
    this.#exchange = undefined;
    exchange?.reply(200, deliveryHeaders(delivery), delivery.invocation.payload.chunks);
  }
}

/**
 * The headers of an event: spec runtime-api §4. Those without a value are left out, because Rust's
 * client parses an empty one as JSON.
 */
export function deliveryHeaders(delivery: Delivery): string {
  const { invocation, deadlineEpochMs, attemptId } = delivery;
  let headers =
    `Content-Type: ${headerValue(invocation.contentType)}\r\n` +
    `Lambda-Runtime-Aws-Request-Id: ${invocation.requestId}\r\n` +
    `Lambda-Runtime-Deadline-Ms: ${deadlineEpochMs}\r\n` +
    `Lambda-Runtime-Invoked-Function-Arn: ${headerValue(invocation.invokedFunctionArn)}\r\n` +
    `Lambda-Runtime-Trace-Id: ${headerValue(invocation.traceId)}\r\n` +
    `Lambda-Runtime-Invocation-Id: ${attemptId}\r\n`;
  if (invocation.clientContext) {
    headers += `Lambda-Runtime-Client-Context: ${jsonValue(invocation.clientContext)}\r\n`;
  }
  if (invocation.cognitoIdentity) {
    headers += `Lambda-Runtime-Cognito-Identity: ${jsonValue(invocation.cognitoIdentity)}\r\n`;
  }
  if (invocation.tenantId) {
    headers += `Lambda-Runtime-Aws-Tenant-Id: ${headerValue(invocation.tenantId)}\r\n`;
  }
  return headers;
}

/**
 * JSON text as a header's value: what is not ASCII is escaped as JSON allows, because Rust's client
 * takes only ASCII, and the others do not agree on an encoding.
 */
function jsonValue(text: string): string {
  const escaped = text.replaceAll(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return headerValue(escaped);
}

const plain = /^[\x20-\x7e]*$/;

/** Any text as a header's value: UTF-8 bytes as Latin-1 characters, control characters as spaces. */
export function headerValue(text: string): string {
  if (plain.test(text)) return text;
  const latin1 = Buffer.from(text, "utf8").toString("latin1");
  // oxlint-disable-next-line no-control-regex -- control characters are what must not get through
  return latin1.replaceAll(/[\x00-\x1f\x7f]/g, " ");
}
