import { openStore } from "./store.ts";

/** The text is an object: the event has its reference, `s3://bucket/key`. Or it is in the event itself. */
export type TextRequest = { readonly reference: string } | { readonly text: string };

/** The UTF-8 bytes of the text, in the way in which the text came: JSON has bytes in base64 only. */
export type BytesResponse = { readonly reference: string } | { readonly bytes: string };

/** The queue that `lambda-runtime` consumes, unless it is told another. */
export const QUEUE_NAME = "text-to-bytes";

// One client for all calls of the process, made with its first one and closed at its end.
const store = openStore();
process.once("exit", () => store.client.destroy());

/** A block of texts: one message each way, whatever its length; its objects are fetched side by side. */
export function handler(requests: readonly TextRequest[]): Promise<BytesResponse[]> {
  return Promise.all(requests.map(toBytes));
}

async function toBytes(request: TextRequest): Promise<BytesResponse> {
  if ("text" in request) return { bytes: Buffer.from(request.text, "utf8").toString("base64") };
  const text = await store.references.text(request.reference);
  return { reference: await store.references.put(Buffer.from(text, "utf8")) };
}
