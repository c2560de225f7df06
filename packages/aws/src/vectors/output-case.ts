import type { OperationModel, ServiceModel, StructureShape } from "../model/model.ts";
import { loadProtocol } from "../protocol/compile-operation.ts";
import type { BufferedResponse, CompileOptions, OperationCodec } from "../protocol/protocol.ts";
import { caseValueOf } from "./case-values.ts";
import { differenceOf, shown } from "./difference.ts";
import { caseToken } from "./input-case.ts";
import type { GivenResponse, ProtocolCase } from "./protocol-case.ts";

/** Reads the response of a case and compares the output or error; gives what is wrong, if anything. */
export async function runOutputCase(
  each: ProtocolCase,
  generateCode: boolean,
): Promise<string | undefined> {
  const { service, operation } = each.model();
  const protocol = await loadProtocol(each.protocol);
  const options: CompileOptions = { generateCode, newToken: () => caseToken };
  const codec = protocol(service, operation, options);
  const response = responseOf(each.response ?? { status_code: 200 }, each.protocol);
  if (each.error !== undefined) return errorDifference(each, service, codec, response);
  return outputDifference(each, operation, codec, response);
}

function responseOf(
  { status_code: status, headers = {}, body = "" }: GivenResponse,
  protocol: string,
): BufferedResponse {
  return {
    status,
    headers: Object.entries(headers).flatMap(([name, value]) => [name.toLowerCase(), value]),
    body: Buffer.from(body, protocol === "smithy-rpc-v2-cbor" ? "base64" : "utf8"),
  };
}

function outputDifference(
  { result = {} }: ProtocolCase,
  { output }: OperationModel,
  codec: OperationCodec,
  response: BufferedResponse,
): string | undefined {
  const parsed = codec.parse(response);
  // The body of a stream is set by the caller of `parse`.
  if (codec.streamingOutput !== undefined) parsed[codec.streamingOutput] = response.body;
  const actual = output === undefined ? parsed : caseValueOf(output, parsed);
  return differenceOf(actual, result);
}

function errorDifference(
  { error = {}, errorCode, errorMessage }: ProtocolCase,
  service: ServiceModel,
  codec: OperationCodec,
  response: BufferedResponse,
): string | undefined {
  const parsed = codec.parseError(response);
  if (errorCode !== undefined && errorCode !== "" && parsed.code !== errorCode) {
    return `code is ${shown(parsed.code)}, expected ${shown(errorCode)}`;
  }
  if (errorMessage !== undefined && parsed.message !== errorMessage) {
    return `message is ${shown(parsed.message)}, expected ${shown(errorMessage)}`;
  }
  const shape = service.errors.get(parsed.name) ?? emptyShape;
  const members = caseValueOf(shape, parsed.members) as Record<string, unknown>;
  // The message is no member: it has a place of its own.
  for (const { name } of shape.members) {
    if (name.toLowerCase() === "message" && Object.hasOwn(error, name)) {
      members[name] = parsed.message;
    }
  }
  return differenceOf(members, error);
}

const emptyShape: StructureShape = { kind: "structure", name: "", members: [] };
