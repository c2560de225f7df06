import type { OperationModel, ServiceModel } from "../model/model.ts";
import { compileHostPrefix } from "./host-prefix.ts";
import type { CompileOptions, Input, OperationCodec, RequestDraft } from "./protocol.ts";
import { compileQueryError } from "./query-error.ts";
import { compileQueryResponse, type QueryAnswer, responseMetadata } from "./query-response.ts";
import { compileQueryWriter, type QueryDialect, encodeForm, queryDialect } from "./query-writer.ts";
import { type ElementPlan, XmlReadPlanner } from "./xml-read-plan.ts";

/** awsQuery: forms as requests, XML as answers (SNS, STS, IAM, RDS, CloudFormation, …). */
export function awsQuery(
  service: ServiceModel,
  operation: OperationModel,
  options: CompileOptions,
): OperationCodec {
  return {
    serialize: compileQueryRequest(service, operation, queryDialect, options),
    parse: compileQueryResponse(queryAnswer(operation), options),
    parseError: compileQueryError(service, operation, options),
    streamingOutput: undefined,
    eventOutput: undefined,
  };
}

/** Compiles what fills the request of query and ec2. */
export function compileQueryRequest(
  { metadata }: ServiceModel,
  operation: OperationModel,
  dialect: QueryDialect,
  { newToken }: CompileOptions,
): (input: Input, draft: RequestDraft) => void {
  const head = `Action=${encodeForm(operation.name)}&Version=${encodeForm(metadata.apiVersion)}`;
  const write =
    operation.input === undefined
      ? undefined
      : compileQueryWriter(operation.input, dialect, newToken);
  const hostPrefix = compileHostPrefix(operation);
  const { method } = operation;
  return (input, draft) => {
    draft.method = method;
    // Whatever the URI says of the operation (Import/Export's have a query), the form says it too.
    draft.path = "/";
    draft.headers.push("content-type", "application/x-www-form-urlencoded");
    draft.body = write === undefined ? head : head + write(input);
    if (hostPrefix !== undefined) draft.hostPrefix = hostPrefix(input);
  };
}

/** `<OpResponse><OpResult>members</OpResult><ResponseMetadata>`; some have no result around. */
function queryAnswer({ output, resultWrapper }: OperationModel): QueryAnswer {
  const members = output?.members ?? [];
  const shape = output ?? { kind: "structure", name: "", members };
  const value = new XmlReadPlanner().root(shape, members);
  const metadata: ElementPlan = {
    key: undefined,
    element: "ResponseMetadata",
    value: responseMetadata,
    repeated: "no",
  };
  if (resultWrapper === undefined) {
    return { root: { ...value, members: [...value.members, metadata] }, result: undefined };
  }
  const result: ElementPlan = { key: "result", element: resultWrapper, value, repeated: "no" };
  const root = { ...responseMetadata, members: [result, metadata] };
  return { root, result: "result" };
}
