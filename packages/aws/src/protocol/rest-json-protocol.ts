import { compileHttpBinding } from "./http-binding.ts";
import { jsonFormat } from "./json-format.ts";
import type { Protocol } from "./protocol.ts";

/** AWS restJson1: HTTP bindings with documents in JSON. */
export const restJson: Protocol = (service, operation, options) =>
  compileHttpBinding(
    service,
    operation,
    jsonFormat({ contentType: "application/json", wireNames: true, codeFrom: "header" }, options),
    options,
  );
