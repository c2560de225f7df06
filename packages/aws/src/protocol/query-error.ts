import type { OperationModel, ServiceModel, StructureShape } from "../model/model.ts";
import type { BufferedResponse, Output, ParsedError } from "./protocol.ts";
import { readXmlError } from "./xml-error.ts";
import { compileDocumentReader, type XmlReaderOptions } from "./xml-reader.ts";

/** Compiles what reads the errors of an operation in query and ec2; it never throws. */
export function compileQueryError(
  service: ServiceModel,
  operation: OperationModel,
  options: XmlReaderOptions,
): (response: BufferedResponse) => ParsedError {
  const readers = new Map<StructureShape, (body: Buffer) => Output>();
  function membersOf(shape: StructureShape, document: Buffer): Output {
    let read = readers.get(shape);
    if (read === undefined) {
      read = compileDocumentReader(shape, shape.members, options);
      readers.set(shape, read);
    }
    try {
      return read(document);
    } catch {
      // The code and the message are known: members that cannot be read are as if absent.
      return {};
    }
  }
  return ({ status, body }) => {
    const found = readXmlError(body);
    const code = found.code ?? (status === 404 ? "NotFound" : String(status));
    const shape = shapeOf(service, operation, code);
    const members = shape === undefined ? {} : membersOf(shape, found.document);
    const message = takeMessage(members) ?? found.message ?? `HTTP status ${status}`;
    return {
      code,
      name: shape?.name ?? code,
      message,
      members,
      requestId: found.requestId,
      fault: shape?.error?.fault ?? found.fault ?? (status < 500 ? "client" : "server"),
      retryable: shape?.error?.retryable,
      throttling: shape?.error?.throttling,
      extra: found.extra,
    };
  };
}

/** The error's structure: by its code on the wire, or by its name. */
function shapeOf(
  service: ServiceModel,
  operation: OperationModel,
  code: string,
): StructureShape | undefined {
  const byCode = (shape: StructureShape): boolean => shape.error?.code === code;
  const own = operation.errors.find(byCode) ?? operation.errors.find(({ name }) => name === code);
  if (own !== undefined) return own;
  for (const shape of service.errors.values()) if (byCode(shape)) return shape;
  return service.errors.get(code);
}

function takeMessage(members: Output): string | undefined {
  for (const key of ["message", "Message"]) {
    const value = members[key];
    if (typeof value !== "string") continue;
    delete members[key];
    return value;
  }
  return undefined;
}
