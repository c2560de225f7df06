import type { BodyReceiver, Exchange, RequestHeaders } from "@lambdad/http1";
import type { ActiveInvocation } from "../../runtime/active-invocation.ts";
import { trailerError } from "../../runtime/response-receiver.ts";
import { requestTooLarge, truncatedRequest } from "../api-error.ts";
import { isRefusal, type RuntimeApi } from "../../runtime/runtime-api.ts";
import { replyAccepted, replyError } from "./replies.ts";

/** `POST /2018-06-01/runtime/invocation/{id}/response`: whole or streamed. */
export function handleResponse(api: RuntimeApi, exchange: Exchange, id: string): void {
  const { headers } = exchange;
  const begun = api.beginResponse(id, {
    mode: headers.get("lambda-runtime-function-response-mode"),
    contentType: headers.get("content-type") ?? "application/json",
    contentLength: exchange.contentLength,
    attemptId: headers.get("lambda-runtime-invocation-id"),
  });
  if (isRefusal(begun)) {
    replyError(exchange, begun);
    return;
  }
  exchange.receive(new ResponseBody(api, exchange, begun));
}

/** Passes a response on as it arrives, and answers the runtime when it has all been taken. */
class ResponseBody implements BodyReceiver {
  readonly #api: RuntimeApi;
  readonly #exchange: Exchange;
  readonly #active: ActiveInvocation;
  #refused = false;

  constructor(api: RuntimeApi, exchange: Exchange, active: ActiveInvocation) {
    this.#api = api;
    this.#exchange = exchange;
    this.#active = active;
  }

  data(chunk: Uint8Array): void {
    if (this.#refused) return;
    const verdict = this.#active.data(chunk);
    if (verdict === "full") {
      this.#exchange.pause();
      this.#active.onDrain(() => this.#exchange.resume());
    } else if (verdict === "too-large") {
      this.#refused = true;
      this.#api.rejected("too_large");
      this.#api.answered(this.#active);
      replyError(this.#exchange, requestTooLarge());
    }
  }

  end(trailers: RequestHeaders): void {
    if (this.#refused) return;
    const error = trailerError(
      trailers.get("lambda-runtime-function-error-type"),
      trailers.get("lambda-runtime-function-error-body"),
    );
    this.#active.endResponse(error, () => {
      this.#api.answered(this.#active);
      replyAccepted(this.#exchange);
    });
  }

  aborted(): void {
    if (this.#refused) return;
    this.#api.rejected("truncated");
    this.#active.truncateResponse(() => {
      this.#api.answered(this.#active);
      replyError(this.#exchange, truncatedRequest);
    });
  }
}
