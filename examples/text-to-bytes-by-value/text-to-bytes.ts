/** The text travels in the request itself: by value. */
export interface TextRequest {
  readonly text: string;
}

/** The UTF-8 bytes of the text, base64-encoded: JSON has no bytes. */
export interface BytesResponse {
  readonly bytes: string;
}

/** The queue that `lambda-runtime` consumes, unless it is told another. */
export const QUEUE_NAME = "text-to-bytes";

/** One text, or a block of them: a block is one message each way, whatever its length. */
export function handler(
  event: TextRequest | readonly TextRequest[],
): BytesResponse | readonly BytesResponse[] {
  return Array.isArray(event) ? event.map(toBytes) : toBytes(event as TextRequest);
}

function toBytes({ text }: TextRequest): BytesResponse {
  return { bytes: Buffer.from(text, "utf8").toString("base64") };
}
