/** A client context that cannot be read: the request is answered with it. */
export class ClientContextError extends Error {
  override readonly name: string = "Runtime.LambdaContextUnmarshalError";
}

/** Base64 of the client context, for the header. */
export function encodeClientContext(json: string): string {
  return Buffer.from(json).toString("base64");
}

/**
 * The client context as JSON text. Contract §8, §12.
 *
 * @throws {ClientContextError} when it is not base64, or not JSON inside.
 */
export function decodeClientContext(base64: string): string {
  // Buffer skips what is not base64, so the text is checked before.
  if (!/^[A-Za-z0-9+/\-_]*={0,2}$/.test(base64)) {
    throw new ClientContextError(
      `Unable to decode base64: ${JSON.stringify(base64.slice(0, 100))}`,
    );
  }
  const json = Buffer.from(base64, "base64").toString();
  try {
    JSON.parse(json);
  } catch (error) {
    throw new ClientContextError(`Unable to parse the client context: ${String(error)}`);
  }
  // It goes to the runtime as a header; inside strings JSON has no line breaks.
  return json.replaceAll(/[\t\r\n]/g, " ");
}
