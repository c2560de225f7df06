import type { CompactOperation } from "../model/compact-form.ts";
import type { XmlNamespace } from "../model/model.ts";
import type { C2jOperation, C2jService, C2jXmlNamespace } from "./c2j.ts";
import { present } from "./present.ts";

/** The compact form of an operation: what is not the default. */
export function compactOperation(
  operation: C2jOperation,
  service: C2jService,
  errors: readonly string[],
): CompactOperation {
  const { http = {}, input, output } = operation;
  return present({
    m: unless("POST", http.method),
    u: unless("/", http.requestUri),
    c: unless(200, http.responseCode),
    i: input?.shape,
    o: output?.shape,
    e: operation.errors?.map(({ shape }) => errors.indexOf(shape)),
    inputName: input?.locationName,
    inputNamespace: xmlNamespaceOf(input?.xmlNamespace),
    resultWrapper: output?.resultWrapper,
    ...transportTraits(operation),
    ...endpointTraits(operation),
    requiresHttp2: sendsEvents(operation, service) || undefined,
    deprecated: operation.deprecated || undefined,
  }) as CompactOperation;
}

function transportTraits(operation: C2jOperation): Partial<CompactOperation> {
  const { httpChecksum: checksum } = operation;
  const required = operation.httpChecksumRequired === true || checksum?.requestChecksumRequired;
  return {
    authtype: operation.authtype,
    auth: operation.auth,
    unsignedPayload: operation.unsignedPayload || undefined,
    idempotent: operation.idempotent || undefined,
    checksumRequired: required || undefined,
    checksum: checksum && present(checksum),
    compression: operation.requestcompression?.encodings,
  };
}

function endpointTraits(operation: C2jOperation): Partial<CompactOperation> {
  const discovery = operation.endpointdiscovery;
  return {
    hostPrefix: operation.endpoint?.hostPrefix,
    staticContextParams: operation.staticContextParams,
    operationContextParams: operation.operationContextParams,
    endpointDiscovery: discovery && { required: discovery.required === true },
    endpointOperation: operation.endpointoperation || undefined,
  };
}

/** Events in the request need a connection that carries both directions at once. */
function sendsEvents({ input }: C2jOperation, { shapes }: C2jService): boolean {
  const members = shapes[input?.shape ?? ""]?.members ?? {};
  return Object.values(members).some(({ shape }) => shapes[shape]?.eventstream === true);
}

/** Models write a namespace as an object, or as its URI alone. */
export function xmlNamespaceOf(
  value: string | C2jXmlNamespace | undefined,
): XmlNamespace | undefined {
  if (value === undefined) return undefined;
  return typeof value === "string" ? { uri: value } : present(value);
}

function unless<T>(usual: T, value: T | undefined): T | undefined {
  return value === usual ? undefined : value;
}
