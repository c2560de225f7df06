import type { CallTarget } from "../cli/command.ts";

/** What of a call is in its request line and headers. */
export interface CallOptions {
  readonly type: "RequestResponse" | "Event" | "DryRun";
  /** Ask for the log tail. */
  readonly log: boolean;
  /** JSON text. */
  readonly clientContext: string | undefined;
}

/** The request of a call without its body and framing headers. */
export interface RenderedCall {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
}

/** Renders Invoke or InvokeWithResponseStream. Pure. Source: spec invoke-api §3, §5. */
export function renderCall(
  target: Pick<CallTarget, "endpointUrl" | "functionName" | "qualifier" | "stream">,
  { type, log, clientContext }: CallOptions,
): RenderedCall {
  const name = encodeURIComponent(target.functionName);
  const path = target.stream
    ? `/2021-11-15/functions/${name}/response-streaming-invocations`
    : `/2015-03-31/functions/${name}/invocations`;
  const url = new URL(target.endpointUrl + path);
  if (target.qualifier !== undefined) url.searchParams.set("Qualifier", target.qualifier);
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (type !== "RequestResponse") headers["x-amz-invocation-type"] = type;
  if (log) headers["x-amz-log-type"] = "Tail";
  if (clientContext !== undefined) {
    headers["x-amz-client-context"] = Buffer.from(clientContext).toString("base64");
  }
  return { url, headers };
}
