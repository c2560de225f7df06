import { jsonFormat } from "./json-format.ts";
import type { Protocol } from "./protocol.ts";
import { compileRpc } from "./rpc-codec.ts";

/** AWS JSON 1.0 and 1.1: every operation is a `POST /` named by a header. */
export const awsJson: Protocol = (service, operation, options) => {
  const { jsonVersion = "1.1", queryCompatible, targetPrefix = service.name } = service.metadata;
  const contentType = `application/x-amz-json-${jsonVersion}`;
  const headers = [
    "content-type",
    contentType,
    "x-amz-target",
    `${targetPrefix}.${operation.name}`,
  ];
  if (queryCompatible) headers.push("x-amzn-query-mode", "true");
  const format = jsonFormat({ contentType, wireNames: false, codeFrom: "body" }, options);
  return compileRpc(service, operation, format, { path: "/", headers, emptyBody: "{}" });
};
