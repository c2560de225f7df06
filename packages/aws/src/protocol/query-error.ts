import type { OperationModel, ServiceModel } from "../model/model.ts";
import { compileErrors } from "./error-shape.ts";
import type { BufferedResponse, ParsedError } from "./protocol.ts";
import { readXmlError } from "./xml-error.ts";
import { compileDocumentReader, type XmlReaderOptions } from "./xml-reader.ts";

/** Compiles what reads the errors of an operation in query and ec2; it never throws. */
export function compileQueryError(
  service: ServiceModel,
  operation: OperationModel,
  options: XmlReaderOptions,
): (response: BufferedResponse) => ParsedError {
  const parse = compileErrors(service, operation, (shape) => {
    const read = compileDocumentReader(shape, shape.members, options);
    return (_response, { document }) => read(document);
  });
  return (response) => parse(response, readXmlError(response.body));
}
