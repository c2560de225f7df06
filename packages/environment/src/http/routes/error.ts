import type { Exchange } from "@lambdad/http1";
import type { RuntimeApi } from "../../runtime/runtime-api.ts";
import { collectBody } from "./collect-body.ts";
import { errorCauseType, readErrorCause } from "./error-cause.ts";
import { replyAccepted, replyError } from "./replies.ts";

/** `POST /2018-06-01/runtime/invocation/{id}/error`: the function failed. */
export function handleError(api: RuntimeApi, exchange: Exchange, id: string): void {
  collectBody(exchange, (body) => {
    const { headers } = exchange;
    const declared = headers.get("content-type") ?? "application/json";
    const { payload, contentType } =
      declared === errorCauseType ? readErrorCause(body) : { payload: body, contentType: declared };
    const refusal = api.error(id, {
      errorType: headers.get("lambda-runtime-function-error-type"),
      attemptId: headers.get("lambda-runtime-invocation-id"),
      contentType,
      payload,
    });
    if (refusal === undefined) replyAccepted(exchange);
    else replyError(exchange, refusal);
  });
}
