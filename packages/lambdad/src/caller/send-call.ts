import type { IncomingMessage } from "node:http";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { RenderedCall } from "./render-call.ts";

/**
 * Sends one call and resolves with the head of the response; its body is yet to be read.
 *
 * `node:http` and not the pooled client of `@lambdad/invoke-http`: one call makes no use of a pool,
 * and the import of the latter takes longer than the call.
 */
export async function sendCall(
  { url, headers }: RenderedCall,
  payload: Uint8Array,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request = url.protocol === "https:" ? httpsRequest : httpRequest;
  const outgoing = request(url, {
    method: "POST",
    headers: { ...headers, "content-length": payload.byteLength },
    agent: false,
    signal,
  });
  // An endpoint may answer and close before it has read a payload that is too large: the answer
  // counts, and what fails after it is no longer of interest here.
  outgoing.on("error", reject);
  outgoing.on("response", resolve);
  outgoing.end(payload);
  return promise;
}
