import { cborFormat } from "./cbor/cbor-format.ts";
import type { Protocol } from "./protocol.ts";
import { compileRpc } from "./rpc-codec.ts";

/** Smithy RPC v2 with CBOR: every operation is a `POST` to a path of its own. */
export const rpcv2Cbor: Protocol = (service, operation, options) => {
  const { queryCompatible, targetPrefix = service.name } = service.metadata;
  const format = cborFormat(options);
  const events = operation.output?.members.some(
    ({ shape }) => shape.kind === "structure" && shape.eventStream === true,
  );
  const headers = [
    "accept",
    events === true ? "application/vnd.amazon.eventstream" : format.contentType,
  ];
  // The unit type has neither body nor content type.
  if (operation.input !== undefined) headers.push("content-type", format.contentType);
  headers.push("smithy-protocol", "rpc-v2-cbor");
  if (queryCompatible) headers.push("x-amzn-query-mode", "true");
  const path = `/service/${targetPrefix}/operation/${operation.name}`;
  return compileRpc(service, operation, format, { path, headers, emptyBody: undefined });
};
