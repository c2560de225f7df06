import type { OperationModel, ServiceModel } from "../model/model.ts";
import { compileErrors } from "./error-shape.ts";
import { compileEventInput, compileEventOutput } from "./event-payload.ts";
import { compileHostPrefix } from "./host-prefix.ts";
import type { BodyFormat } from "./http-binding.ts";
import type { OperationCodec } from "./protocol.ts";

/** What the requests of an operation have in common. */
export interface RpcRequest {
  readonly path: string;
  /** Names in lower case and values, alternating, `content-type` included if there is a body. */
  readonly headers: readonly string[];
  /** Sent when the operation has no input; `undefined`: nothing. */
  readonly emptyBody: string | undefined;
}

/** Compiles an operation of a protocol that has no HTTP bindings: everything is in the body. */
export function compileRpc(
  service: ServiceModel,
  operation: OperationModel,
  format: BodyFormat,
  request: RpcRequest,
): OperationCodec {
  const { output } = operation;
  const eventOutput = compileEventOutput(service, operation, format);
  const readBody =
    output === undefined || eventOutput !== undefined
      ? () => ({})
      : format.compileBodyReader(output, output.members);
  const readError = compileErrors(service, operation, (shape) => {
    const read = format.compileBodyReader(shape, shape.members);
    return (_response, { document }) => read(document);
  });
  return {
    serialize: compileRequest(operation, format, request),
    parse: (response) => readBody(response.body),
    parseError: (response) => readError(response, format.readError(response)),
    streamingOutput: undefined,
    eventOutput,
    eventInput: compileRpcEventInput(operation, format),
  };
}

function compileRequest(
  operation: OperationModel,
  format: BodyFormat,
  { path, headers, emptyBody }: RpcRequest,
): OperationCodec["serialize"] {
  const { input } = operation;
  const hostPrefix = compileHostPrefix(operation);
  const events = compileEventInput(operation, format)?.member;
  const write =
    input === undefined || events !== undefined
      ? undefined
      : format.compileBody(operation, input, input.members);
  const sent =
    events === undefined
      ? headers
      : headers.with(headers.indexOf("content-type") + 1, "application/vnd.amazon.eventstream");
  return (value, draft) => {
    draft.method = "POST";
    draft.path = path;
    if (hostPrefix !== undefined) draft.hostPrefix = hostPrefix(value);
    for (const part of sent) draft.headers.push(part);
    if (events !== undefined) draft.body = { source: value[events] };
    else draft.body = write === undefined ? emptyBody : write(value);
  };
}

/** The other members of the input travel in the first event. */
function compileRpcEventInput(
  operation: OperationModel,
  format: BodyFormat,
): OperationCodec["eventInput"] {
  const events = compileEventInput(operation, format);
  const { input } = operation;
  if (events === undefined || input === undefined) return undefined;
  const others = input.members.filter(({ name }) => name !== events.member);
  const write = format.compileBody(operation, input, others);
  return { ...events, serializeInitialRequest: (value) => write(value) ?? "" };
}
