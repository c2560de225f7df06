import type { Exchange } from "@lambdad/http1";
import type { RuntimeApi } from "../../runtime/runtime-api.ts";
import { collectBody } from "./collect-body.ts";
import { replyAccepted, replyError } from "./replies.ts";

/** `POST /2018-06-01/runtime/init/error` and `…/restore/error`: the runtime cannot start. */
export function handleInitError(
  api: RuntimeApi,
  exchange: Exchange,
  phase: "init" | "restore",
): void {
  collectBody(exchange, (payload) => {
    const errorType = exchange.headers.get("lambda-runtime-function-error-type");
    const refusal =
      phase === "init" ? api.initError(errorType, payload) : api.restoreError(errorType, payload);
    if (refusal === undefined) replyAccepted(exchange);
    else replyError(exchange, refusal);
  });
}
