import { payloadText } from "@lambdad/core";
import type { Exchange } from "@lambdad/http1";
import type { ExtensionsApi } from "../../extensions/extensions-api.ts";
import type { Telemetry } from "../../telemetry/telemetry.ts";
import { collectBody } from "./collect-body.ts";
import { replyError } from "./replies.ts";

/** `PUT /2022-07-01/telemetry` and `PUT /2020-08-15/logs`: an extension subscribes. */
export function handleTelemetrySubscribe(
  apis: { readonly extensions: ExtensionsApi; readonly telemetry: Telemetry },
  exchange: Exchange,
  api: "telemetry" | "logs",
): void {
  collectBody(exchange, (payload) => {
    const id = exchange.headers.get("lambda-extension-identifier");
    const extension = apis.extensions.identified(id);
    const refusal =
      "errorMessage" in extension
        ? extension
        : apis.telemetry.subscribe(extension, api, payloadText(payload));
    if (refusal === undefined) exchange.reply(200, "Content-Type: application/json\r\n", '"OK"');
    else replyError(exchange, refusal);
  });
}
