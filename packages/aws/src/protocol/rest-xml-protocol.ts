import type { Member, OperationModel, ServiceModel, StructureShape } from "../model/model.ts";
import { type BodyFormat, compileHttpBinding } from "./http-binding.ts";
import type { CompileOptions, OperationCodec } from "./protocol.ts";
import { readXmlError } from "./xml-error.ts";
import { compileDocumentReader, compilePayloadDocumentReader } from "./xml-reader.ts";
import { compileXmlDocument, compileXmlMembersDocument, type XmlRoot } from "./xml-writer.ts";

/** restXml: HTTP bindings around XML documents (S3, S3 Control, CloudFront, Route 53). */
export function restXml(
  service: ServiceModel,
  operation: OperationModel,
  options: CompileOptions,
): OperationCodec {
  return compileHttpBinding(service, operation, xmlFormat(service, options), options);
}

function xmlFormat(service: ServiceModel, options: CompileOptions): BodyFormat {
  return {
    contentType: "application/xml",
    emptyBody: undefined,
    compileBody: (operation, input, members) =>
      compileXmlMembersDocument(members, inputRoot(service, operation, input), options.newToken),
    compilePayload: (_operation, _input, payload) =>
      compileXmlDocument(payload.shape, payloadRoot(service, payload)),
    compileBodyReader: (shape, members) => compileDocumentReader(shape, members, options),
    compilePayloadReader: (_shape, payload) => compilePayloadDocumentReader(payload, options),
    readError: ({ body }) => readXmlError(body),
  };
}

/** Root element around the members of an input. */
function inputRoot(
  { metadata }: ServiceModel,
  { inputName, inputNamespace }: OperationModel,
  { name, xmlName, xmlNamespace }: StructureShape,
): XmlRoot {
  return {
    name: xmlName ?? inputName ?? name,
    namespace: inputNamespace ?? xmlNamespace ?? serviceNamespace(metadata.xmlNamespace),
  };
}

/** Root element of a payload member. */
function payloadRoot(
  { metadata }: ServiceModel,
  { name, shape, wireName, xmlNamespace }: Member,
): XmlRoot {
  const structure = shape.kind === "structure" ? shape : undefined;
  return {
    name: wireName ?? structure?.xmlName ?? structure?.name ?? name,
    namespace: xmlNamespace ?? structure?.xmlNamespace ?? serviceNamespace(metadata.xmlNamespace),
  };
}

function serviceNamespace(uri: string | undefined): XmlRoot["namespace"] {
  return uri === undefined ? undefined : { uri };
}
