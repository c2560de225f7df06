/**
 * The content type of a payload: hosts that run handlers in their own process decode by it. Pure.
 * Source: spec amqp-rpc §6.
 */
export function contentTypeOf(payload: Uint8Array): string {
  // Nothing is the event of a function that needs none, as over HTTP.
  if (payload.byteLength === 0) return json;
  try {
    JSON.parse(utf8.decode(payload));
    return json;
  } catch {
    return "application/octet-stream";
  }
}

const json = "application/json";
const utf8 = new TextDecoder("utf-8", { fatal: true });
