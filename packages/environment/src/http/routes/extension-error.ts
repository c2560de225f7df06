import type { Exchange } from "@lambdad/http1";
import type { ExtensionsApi } from "../../extensions/extensions-api.ts";
import { collectBody } from "./collect-body.ts";
import { replyAccepted, replyError } from "./replies.ts";

/**
 * `POST /2020-01-01/extension/init/error` and `…/exit/error`: an extension has failed. Only the
 * header counts; the body is read and let go.
 */
export function handleExtensionError(
  api: ExtensionsApi,
  exchange: Exchange,
  call: "initError" | "exitError",
): void {
  collectBody(exchange, () => {
    const { headers } = exchange;
    const errorType = headers.get("lambda-extension-function-error-type");
    const refusal = api.error(call, headers.get("lambda-extension-identifier"), errorType);
    if (refusal === undefined) replyAccepted(exchange);
    else replyError(exchange, refusal);
  });
}
