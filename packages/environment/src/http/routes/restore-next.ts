import type { Exchange } from "@lambdad/http1";
import type { RuntimeApi } from "../../runtime/runtime-api.ts";
import { replyError } from "./replies.ts";

/** `GET /2018-06-01/runtime/restore/next`: the runtime is ready to be frozen. */
export function handleRestoreNext(api: RuntimeApi, exchange: Exchange): void {
  const refusal = api.restoreNext();
  if (refusal === undefined) exchange.reply(200, "");
  else replyError(exchange, refusal);
}
