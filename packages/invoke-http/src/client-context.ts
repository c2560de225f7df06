import { HostError, limits } from "@lambdad/core";
import { JsonValidator } from "./json-validator.ts";

const base64 = /^[A-Za-z0-9+/]+={0,2}$/;

/**
 * The JSON text of an `X-Amz-Client-Context` header.
 *
 * It goes to the runtime as a header, so line breaks between its tokens become spaces; inside strings
 * JSON has none.
 *
 * @throws {HostError} `InvalidRequestContentException` when it is too long, not base64, or no JSON object.
 */
export function decodeClientContext(header: string): string {
  if (header.length > limits.clientContextBytesMax) {
    throw new HostError(
      "InvalidRequestContentException",
      `Client context must be no more than ${limits.clientContextBytesMax} bytes.`,
    );
  }
  const bytes = base64.test(header) ? Buffer.from(header, "base64") : undefined;
  if (bytes === undefined || !isJsonObject(bytes)) {
    throw new HostError(
      "InvalidRequestContentException",
      "Client context must be a valid Base64-encoded JSON object.",
    );
  }
  return bytes.toString("utf8").replaceAll(/[\t\r\n]/g, " ");
}

function isJsonObject(bytes: Buffer): boolean {
  const validator = new JsonValidator();
  return validator.write(bytes) && validator.end() && bytes.toString("utf8").trimStart()[0] === "{";
}
