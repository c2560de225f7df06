import type { OperationModel, ServiceModel } from "../model/model.ts";
import type { CompileOptions, OperationCodec } from "./protocol.ts";
import { compileQueryError } from "./query-error.ts";
import { compileQueryRequest } from "./query-protocol.ts";
import { compileQueryResponse, type QueryAnswer } from "./query-response.ts";
import { ec2Dialect } from "./query-writer.ts";
import { requestIdElement, XmlReadPlanner } from "./xml-read-plan.ts";

/** ec2Query: EC2's own dialect of query. */
export function ec2Query(
  service: ServiceModel,
  operation: OperationModel,
  options: CompileOptions,
): OperationCodec {
  return {
    serialize: compileQueryRequest(service, operation, ec2Dialect, options),
    parse: compileQueryResponse(ec2Answer(operation), options),
    parseError: compileQueryError(service, operation, options),
    streamingOutput: undefined,
    eventOutput: undefined,
  };
}

/** The root element holds the members, and the request id among them. */
function ec2Answer({ output }: OperationModel): QueryAnswer {
  const members = output?.members ?? [];
  const shape = output ?? { kind: "structure", name: "", members };
  const root = new XmlReadPlanner().root(shape, members);
  if (!root.members.some(({ element }) => element === "requestId")) {
    root.members.push(requestIdElement("requestId"));
  }
  return { root, result: undefined };
}
