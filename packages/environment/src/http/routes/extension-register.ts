import { payloadText } from "@lambdad/core";
import type { Exchange } from "@lambdad/http1";
import type { ExtensionsApi } from "../../extensions/extensions-api.ts";
import { collectBody } from "./collect-body.ts";
import { replyError } from "./replies.ts";

/** `POST /2020-01-01/extension/register`. The content type is not looked at. */
export function handleExtensionRegister(api: ExtensionsApi, exchange: Exchange): void {
  collectBody(exchange, (payload) => {
    const { headers } = exchange;
    const name = headers.get("lambda-extension-name");
    const registered = api.register({
      // The name of a file is UTF-8, and a header's value is its bytes.
      name: name === undefined ? undefined : Buffer.from(name, "latin1").toString("utf8"),
      features: headers.get("lambda-extension-accept-feature"),
      body: payloadText(payload),
    });
    if ("errorType" in registered) {
      replyError(exchange, registered);
      return;
    }
    const { extension, body } = registered;
    const identifier = `Lambda-Extension-Identifier: ${extension.id}\r\n`;
    exchange.reply(200, `Content-Type: application/json\r\n${identifier}`, body);
  });
}
