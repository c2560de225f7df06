import type { CannedResponse } from "./recording-server.ts";
import type { Member, OperationModel, ServiceModel, StructureShape } from "./service-shapes.ts";
import { writeCbor } from "./write-cbor.ts";
import { writeJson } from "./write-json.ts";
import { escapeXml, writeXmlMembers } from "./write-xml.ts";

type Values = Readonly<Record<string, unknown>>;

/** A wire form, by botocore's names. */
export type Family = "json" | "rest-json" | "rest-xml" | "query" | "ec2" | "smithy-rpc-v2-cbor";

const requestId = "7b4c1e2a-0000-4000-8000-5f6d7e8f9a0b";

/** The form in which a service of this model answers. CloudWatch lists CBOR first, and we prefer JSON. */
function familyOf({ metadata }: ServiceModel): Family {
  const order: readonly Family[] = ["json", "rest-json", "rest-xml", "query", "ec2"];
  const family = order.find((name) => metadata.protocols.includes(name));
  if (family === undefined) throw new TypeError(`No family in ${metadata.protocols.join(", ")}`);
  return family;
}

const cborHeaders = { "content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor" };

/** An answer of success with these values, written without any part of the client. */
export function writeResponse(
  model: ServiceModel,
  operation: OperationModel,
  values: Values,
  family: Family = familyOf(model),
): CannedResponse {
  const { output } = operation;
  const status = operation.responseCode;
  const common = { "x-amzn-requestid": requestId, "x-amz-request-id": requestId };
  if (family === "json") {
    const type = { "content-type": "application/x-amz-json-1.0" };
    const text = output === undefined ? "{}" : writeJson(output, values, "json");
    return { status, headers: { ...common, ...type }, body: Buffer.from(text) };
  }
  if (family === "smithy-rpc-v2-cbor") {
    const body = output === undefined ? Buffer.from([0xa0]) : writeCbor(output, values);
    return { status, headers: { ...common, ...cborHeaders }, body };
  }
  if (family === "query" || family === "ec2") {
    const text = writeQuery(family, operation, values);
    return { status, headers: { "content-type": "text/xml" }, body: Buffer.from(text) };
  }
  if (output === undefined) return { status, headers: common, body: Buffer.alloc(0) };
  const headers = { ...common, ...writeHeaders(output, values) };
  return { status, ...writeRest(family, operation, output, values, headers) };
}

function writeQuery(family: "query" | "ec2", operation: OperationModel, values: Values): string {
  const { name, output } = operation;
  const members = output === undefined ? "" : writeXmlMembers(output, values);
  const namespace = 'xmlns="https://example.amazonaws.com/doc/2010-05-08/"';
  if (family === "ec2") {
    const id = `<requestId>${requestId}</requestId>`;
    return `<?xml version="1.0" encoding="UTF-8"?>\n<${name}Response ${namespace}>${id}${members}</${name}Response>`;
  }
  const wrapper = operation.resultWrapper ?? `${name}Result`;
  const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;
  return `<${name}Response ${namespace}><${wrapper}>${members}</${wrapper}>${metadata}</${name}Response>`;
}

function writeRest(
  family: "rest-json" | "rest-xml",
  { name }: OperationModel,
  output: StructureShape,
  values: Values,
  headers: Readonly<Record<string, string>>,
): { readonly body: Buffer; readonly headers: Readonly<Record<string, string>> } {
  const payload = output.members.find((member) => member.name === output.payload);
  if (payload !== undefined) {
    const value = values[payload.name];
    if (payload.shape.kind !== "structure") {
      return { headers, body: value === undefined ? Buffer.alloc(0) : bytesOf(value) };
    }
    if (value === undefined) return { headers, body: Buffer.alloc(0) };
    const inner = value as Values;
    const root = payload.wireName ?? payload.name;
    const text =
      family === "rest-json"
        ? writeJson(payload.shape, inner, family)
        : `<${root}>${writeXmlMembers(payload.shape, inner)}</${root}>`;
    return { headers, body: Buffer.from(text) };
  }
  const inBody = output.members.filter(({ location }) => location === undefined);
  if (inBody.length === 0) return { headers, body: Buffer.alloc(0) };
  const shape = { ...output, members: inBody };
  if (family === "rest-json") {
    const type = { "content-type": "application/json" };
    const body = Buffer.from(writeJson(shape, values, family));
    return { headers: { ...headers, ...type }, body };
  }
  const members = writeXmlMembers(shape, values);
  // S3's one answer whose root is the member itself.
  const isUnwrapped = name === "GetBucketLocation";
  const namespace = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';
  const root = isUnwrapped
    ? members.replace(">", ` ${namespace}>`)
    : `<${name}Result>${members}</${name}Result>`;
  const text = `<?xml version="1.0" encoding="UTF-8"?>\n${root}`;
  return { headers: { ...headers, "content-type": "application/xml" }, body: Buffer.from(text) };
}

function bytesOf(value: unknown): Buffer {
  return typeof value === "string" ? Buffer.from(value) : Buffer.from(value as Uint8Array);
}

function writeHeaders(output: StructureShape, values: Values): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const member of output.members) {
    const value = values[member.name];
    if (value === undefined) continue;
    const name = (member.wireName ?? member.name).toLowerCase();
    if (member.location === "header") headers[name] = headerText(member, value);
    if (member.location !== "headers") continue;
    const prefix = (member.wireName ?? "").toLowerCase();
    for (const [key, text] of Object.entries(value as Values)) {
      headers[`${prefix}${key}`] = String(text);
    }
  }
  return headers;
}

function headerText({ shape, timestampFormat }: Member, value: unknown): string {
  if (value instanceof Date) {
    if (timestampFormat === "iso8601") return value.toISOString();
    return timestampFormat === "unixTimestamp"
      ? String(value.getTime() / 1_000)
      : value.toUTCString();
  }
  if (Array.isArray(value)) return value.map(String).join(", ");
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  return shape.kind === "document" ? JSON.stringify(value) : String(value);
}

/** An answer of failure: one of the operation's errors, with its message and members. */
export function writeError(
  model: ServiceModel,
  error: StructureShape,
  values: Values,
  family: Family = familyOf(model),
): CannedResponse {
  const status = error.error?.httpStatusCode ?? 400;
  const code = error.error?.code ?? error.name;
  const shape = {
    ...error,
    members: error.members.filter(({ location }) => location === undefined),
  };
  const common = { "x-amzn-requestid": requestId, ...writeHeaders(error, values) };
  if (family === "smithy-rpc-v2-cbor") {
    const type = { name: "__type", shape: { kind: "string" } } as const;
    const withType = { ...shape, members: [type, ...shape.members] };
    const body = writeCbor(withType, { ...values, __type: `com.amazonaws.example#${error.name}` });
    return { status, headers: { ...common, ...cborHeaders }, body };
  }
  if (family === "json") {
    const members = withMessage(writeJson(shape, values, "json")).slice(1);
    const type = JSON.stringify(`com.amazonaws.example#${error.name}`);
    const text = `{"__type":${type}${members === "}" ? "" : ","}${members}`;
    const headers = { ...common, "content-type": "application/x-amz-json-1.0" };
    return { status, headers, body: Buffer.from(text) };
  }
  if (family === "rest-json") {
    const headers = {
      ...common,
      "content-type": "application/json",
      "x-amzn-errortype": `${error.name}:http://internal.amazon.com/coral/`,
    };
    return { status, headers, body: Buffer.from(withMessage(writeJson(shape, values, family))) };
  }
  const message = values["message"] ?? values["Message"] ?? "A message";
  const rest = shape.members.filter(({ name }) => name.toLowerCase() !== "message");
  const members = writeXmlMembers({ ...shape, members: rest }, values);
  const inner = `<Code>${code}</Code><Message>${escapeXml(message as string)}</Message>${members}`;
  const text =
    family === "ec2"
      ? `<Response><Errors><Error>${inner}</Error></Errors><RequestID>${requestId}</RequestID></Response>`
      : family === "query"
        ? `<ErrorResponse><Error><Type>Sender</Type>${inner}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`
        : `<Error>${inner}<RequestId>${requestId}</RequestId></Error>`;
  const headers = { ...common, "content-type": "application/xml" };
  return { status, headers, body: Buffer.from(text) };
}

/** Services send a message, whether their model has it or not. */
function withMessage(json: string): string {
  if (/"[mM]essage":/.test(json)) return json;
  return `{"message":"A message"${json === "{}" ? "}" : `,${json.slice(1)}`}`;
}
