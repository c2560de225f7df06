import type { OperationModel, ServiceModel } from "../model/model.ts";
import { compileErrors } from "./error-shape.ts";
import { compileEventInput, compileEventOutput } from "./event-payload.ts";
import { compileHostPrefix } from "./host-prefix.ts";
import type { BodyFormat } from "./http-binding.ts";
import { jsonFormat } from "./json-format.ts";
import type { OperationCodec, Protocol } from "./protocol.ts";

/** AWS JSON 1.0 and 1.1: every operation is a `POST /` named by a header. */
export const awsJson: Protocol = (service, operation, options) => {
  const version = service.metadata.jsonVersion ?? "1.1";
  const contentType = `application/x-amz-json-${version}`;
  const format = jsonFormat({ contentType, wireNames: false, codeFrom: "body" }, options);
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
    serialize: compileRequest(service, operation, format),
    parse: (response) => readBody(response.body),
    parseError: (response) => readError(response, format.readError(response)),
    streamingOutput: undefined,
    eventOutput,
    eventInput: compileEventInput(operation, format),
  };
};

function compileRequest(
  service: ServiceModel,
  operation: OperationModel,
  format: BodyFormat,
): OperationCodec["serialize"] {
  const { input } = operation;
  const { queryCompatible, targetPrefix = service.name } = service.metadata;
  const target = `${targetPrefix}.${operation.name}`;
  const { contentType } = format;
  const write =
    input === undefined ? undefined : format.compileBody(operation, input, input.members);
  const hostPrefix = compileHostPrefix(operation);
  return (value, draft) => {
    draft.method = "POST";
    draft.path = "/";
    if (hostPrefix !== undefined) draft.hostPrefix = hostPrefix(value);
    draft.headers.push("content-type", contentType, "x-amz-target", target);
    if (queryCompatible) draft.headers.push("x-amzn-query-mode", "true");
    draft.body = write === undefined ? "{}" : write(value);
  };
}
