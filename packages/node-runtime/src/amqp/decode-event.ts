import { isUtf8 } from "node:buffer";
import { type Payload, payloadBytes } from "@lambdad/core";
import { RuntimeError } from "../runtime-error.ts";

/**
 * The event that a handler gets for the bytes of a request. Source: the contract of AMQP-RPC, §6.
 *
 * - `application/json` and `…+json`: the value;
 * - `application/octet-stream`: a `Buffer`;
 * - anything else, or none: the value when the bytes are JSON, else a `Buffer`.
 *
 * The buffer is the message's own memory: nothing is copied.
 *
 * @param contentType - As the caller wrote it; empty when it wrote none.
 * @throws {RuntimeError} `Runtime.UnmarshalError` for bytes that are not the JSON they claim to be.
 */
export function decodeEvent(payload: Payload, contentType: string): unknown {
  const bytes = bufferOf(payload);
  const encoding = encodingOf(contentType);
  if (encoding === "bytes") return bytes;
  if (encoding === "json") return parsedJson(bytes);
  try {
    return parsedJson(bytes);
  } catch {
    return bytes;
  }
}

type Encoding = "json" | "bytes" | "unknown";

function encodingOf(contentType: string): Encoding {
  // The usual ones, before anything is taken apart.
  if (contentType === "application/json") return "json";
  if (contentType === "") return "unknown";
  const [essence = ""] = contentType.split(";", 1);
  const type = essence.trim().toLowerCase();
  if (type === "application/octet-stream") return "bytes";
  return type === "application/json" || type.endsWith("+json") ? "json" : "unknown";
}

function bufferOf(payload: Payload): Buffer {
  const bytes = payloadBytes(payload);
  if (bytes instanceof Buffer) return bytes;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function parsedJson(bytes: Buffer): unknown {
  const text = bytes.toString();
  // Bytes that are not UTF-8 have become this character: they must not pass as text.
  if (text.includes("\uFFFD") && !isUtf8(bytes)) {
    throw new RuntimeError("UnmarshalError", "Cannot read the event as JSON: it is not UTF-8");
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RuntimeError("UnmarshalError", `Cannot read the event as JSON: ${reason}`, {
      cause: error,
    });
  }
}
