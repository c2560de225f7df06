import type { OperationModel, ServiceModel, StructureShape } from "../model/model.ts";
import type { ErrorBody } from "./http-binding.ts";
import type { BufferedResponse, Output, ParsedError } from "./protocol.ts";

/** Reads the members of an error's structure from its response. May throw. */
export type ErrorMembersReader = (response: BufferedResponse, body: ErrorBody) => Output;

/**
 * Compiles what all protocols do with an error: its code is cut, matched with the service's error
 * shapes by name and by modelled code, and its members are read. The function never throws.
 */
export function compileErrors(
  service: ServiceModel,
  operation: OperationModel,
  compileMembers: (shape: StructureShape) => ErrorMembersReader,
): (response: BufferedResponse, body: ErrorBody) => ParsedError {
  const readers = new Map<StructureShape, ErrorMembersReader>();

  function membersOf(shape: StructureShape, response: BufferedResponse, body: ErrorBody): Output {
    try {
      let read = readers.get(shape);
      if (read === undefined) readers.set(shape, (read = compileMembers(shape)));
      const members = read(response, body);
      for (const name of Object.keys(members)) {
        if (name.toLowerCase() === "message") delete members[name];
      }
      return members;
    } catch {
      // The error itself matters more than a member that cannot be read.
      return {};
    }
  }

  return (response, body) => {
    const { status } = response;
    const legacy = service.metadata.queryCompatible ? queryError(response) : undefined;
    const wireCode = cutCode(body.code ?? "") || undefined;
    const code = legacy?.code ?? wireCode ?? String(status);
    const shape =
      (wireCode && findShape(service, operation, wireCode)) ||
      (legacy && findShape(service, operation, legacy.code)) ||
      (wireCode === undefined ? findShape(service, operation, noCode[status] ?? "") : undefined);
    const typed = legacy?.type === undefined ? body.fault : faultOf(legacy.type);
    const extra = legacy?.type === undefined ? body.extra : { ...body.extra, Type: legacy.type };
    return {
      code,
      name: shape?.name ?? wireCode ?? code,
      message: body.message ?? (wireCode === undefined ? reasonPhrase(status) : ""),
      members: shape === undefined ? {} : membersOf(shape, response, body),
      requestId: body.requestId,
      fault: shape?.error?.fault ?? typed ?? (status >= 500 ? "server" : "client"),
      retryable: shape?.error?.retryable,
      throttling: shape?.error?.throttling,
      extra,
    };
  };
}

/** Shapes that an answer without a code means: a `HEAD` has no body. */
const noCode: Readonly<Record<number, string>> = { 404: "NotFound" };

/** `aws.protocoltests#FooError:http://internal…` is `FooError`. */
export function cutCode(code: string): string {
  const comma = code.indexOf(",");
  let cut = comma < 0 ? code : code.slice(0, comma);
  const colon = cut.indexOf(":");
  if (colon >= 0) cut = cut.slice(0, colon);
  return cut.slice(cut.indexOf("#") + 1).trim();
}

/** Shape of an error by name, then by modelled code; the operation's own errors first. */
function findShape(
  service: ServiceModel,
  operation: OperationModel,
  code: string,
): StructureShape | undefined {
  return (
    operation.errors.find((shape) => shape.name === code) ??
    service.errors.get(code) ??
    operation.errors.find((shape) => shape.error?.code === code) ??
    [...service.errors.values()].find((shape) => shape.error?.code === code)
  );
}

/** `x-amzn-query-error: AWS.SimpleQueueService.NonExistentQueue;Sender`. */
function queryError({ headers }: BufferedResponse): { code: string; type?: string } | undefined {
  const value = headerOf(headers, "x-amzn-query-error");
  if (value === undefined) return undefined;
  const [code = "", type] = value.split(";", 2).map((part) => part.trim());
  if (code === "") return undefined;
  return type === undefined || type === "" ? { code } : { code, type };
}

function faultOf(type: string): "client" | "server" {
  return type === "Receiver" ? "server" : "client";
}

/** Value of a header in a flat list; `name` in lower case. */
export function headerOf(headers: readonly string[], name: string): string | undefined {
  for (let at = 0; at < headers.length; at += 2) {
    if (headers[at] === name) return headers[at + 1];
  }
  return undefined;
}

/** Reason phrases of RFC 9110 for what services and proxies answer. (`node:http` has a table, but loads sockets.) */
function reasonPhrase(status: number): string {
  return reasonPhrases[status] ?? `HTTP status ${status}`;
}

const reasonPhrases: Readonly<Record<number, string>> = {
  301: "Moved Permanently",
  302: "Found",
  303: "See Other",
  304: "Not Modified",
  307: "Temporary Redirect",
  308: "Permanent Redirect",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  406: "Not Acceptable",
  407: "Proxy Authentication Required",
  408: "Request Timeout",
  409: "Conflict",
  410: "Gone",
  411: "Length Required",
  412: "Precondition Failed",
  413: "Content Too Large",
  414: "URI Too Long",
  415: "Unsupported Media Type",
  416: "Range Not Satisfiable",
  417: "Expectation Failed",
  421: "Misdirected Request",
  422: "Unprocessable Content",
  424: "Failed Dependency",
  426: "Upgrade Required",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
  505: "HTTP Version Not Supported",
  507: "Insufficient Storage",
};
