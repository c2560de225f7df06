/** A payload as it goes into a queue. */
export interface AmqpPayload {
  readonly body: Buffer;
  /** Hosts that run handlers in their own process decode by it. */
  readonly contentType: "application/json" | "application/octet-stream";
}

/**
 * Makes the payload of a call a message: none is `{}`, as the Invoke API has it, and what is no JSON goes
 * as bytes. Pure. Source: spec amqp-rpc §6.
 */
export function amqpPayload(payload: Uint8Array): AmqpPayload {
  const body = payload.byteLength === 0 ? Buffer.from("{}") : Buffer.from(payload);
  return { body, contentType: isJson(body) ? "application/json" : "application/octet-stream" };
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

function isJson(bytes: Uint8Array): boolean {
  try {
    JSON.parse(utf8.decode(bytes));
    return true;
  } catch {
    return false;
  }
}
