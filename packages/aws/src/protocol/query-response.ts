import { bodyRequestId } from "./body-request-id.ts";
import type { BufferedResponse, Output } from "./protocol.ts";
import { compileElementReader, refuseErrorAnswer, type XmlReaderOptions } from "./xml-reader.ts";
import { requestIdElement, type StructurePlan } from "./xml-read-plan.ts";
import { XmlScanner } from "./xml-scanner.ts";

/** The answer of an operation: where its members are, and where its request id. */
export interface QueryAnswer {
  readonly root: StructurePlan;
  /** Key of the root under which the output is; `undefined`: the root is the output. */
  readonly result: string | undefined;
}

/** Compiles what reads answers of success in query and ec2. An empty body gives an empty output. */
export function compileQueryResponse(
  { root, result }: QueryAnswer,
  options: XmlReaderOptions,
): (response: BufferedResponse) => Output {
  const read = compileElementReader(root, options);
  return ({ body }) => {
    if (body.length === 0) return {};
    const scanner = new XmlScanner(body);
    scanner.root();
    refuseErrorAnswer(scanner);
    const document = read(scanner);
    scanner.end();
    const output = result === undefined ? document : ((document[result] as Output) ?? {});
    if (scanner.requestId !== undefined) {
      (output as Record<symbol, unknown>)[bodyRequestId] = scanner.requestId;
    }
    return output;
  };
}

/** `<ResponseMetadata><RequestId>`, as query answers have it. */
export const responseMetadata: StructurePlan = {
  kind: "structure",
  members: [requestIdElement("RequestId")],
  attributes: [],
  union: false,
};
