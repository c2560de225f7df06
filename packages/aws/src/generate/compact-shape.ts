import {
  type CompactRef,
  type CompactShape,
  type CompactStructure,
  type MemberTraits,
  scalarKinds,
  type StructureTraits,
  timestampFormats,
  type WireName,
} from "../model/compact-form.ts";
import type { ErrorTrait, ScalarKind, TimestampFormat } from "../model/model.ts";
import type { C2jRef, C2jService, C2jShape } from "./c2j.ts";
import { xmlNamespaceOf } from "./compact-operation.ts";
import { present } from "./present.ts";

/** C2J's scalar types that have another name here. */
const scalarNames: Readonly<Record<string, ScalarKind>> = {
  byte: "integer",
  short: "integer",
  biginteger: "bigInteger",
  bigdecimal: "bigDecimal",
  character: "string",
};

/** Whether a shape is marked as an error. */
export function isException(shape: C2jShape): boolean {
  return shape.exception === true || shape.error !== undefined || shape.fault === true;
}

/** Names of the shapes that a shape refers to. */
export function refersTo({ shapes }: C2jService, name: string): readonly string[] {
  const { members = {}, member, key, value } = shapeOf(shapes, name);
  const refs = [...Object.values(members), member, key, value];
  return refs.flatMap((ref) => (ref === undefined ? [] : [ref.shape]));
}

/** The compact form of a structure, list or map; `undefined` for a scalar. */
export function compactShape(
  service: C2jService,
  name: string,
  isError: boolean,
): CompactShape | undefined {
  const shape = shapeOf(service.shapes, name);
  if (scalarCode(shape, name) !== undefined) return undefined;
  if (shape.type === "structure") return compactStructure(service, shape, name, isError);
  const flags = { f: flag(shape.flattened), sparse: flag(shape.sparse) };
  const { member, key, value } = shape;
  if (shape.type === "list" && member !== undefined) {
    return present({ l: compactRef(service, member), ...flags }) as CompactShape;
  }
  if (shape.type === "map" && key !== undefined && value !== undefined) {
    const pair = { k: compactRef(service, key), v: compactRef(service, value) };
    return present({ ...pair, ...flags }) as CompactShape;
  }
  throw new TypeError(`Cannot compact shape "${name}": type "${shape.type}" is not known`);
}

function compactStructure(
  service: C2jService,
  shape: C2jShape,
  name: string,
  isError: boolean,
): CompactStructure {
  const traits: StructureTraits = present({
    union: shape.union || shape.eventstream || undefined,
    eventStream: shape.eventstream || undefined,
    payload: shape.payload,
    error: isError ? errorTrait(service, shape, name) : undefined,
    xmlName: shape.locationName,
    xmlNamespace: xmlNamespaceOf(shape.xmlNamespace),
  }) as StructureTraits;
  const parts: (string | number | MemberTraits | StructureTraits)[] = [];
  if (Object.keys(traits).length > 0) parts.push(traits);
  for (const [member, ref] of Object.entries(shape.members ?? {})) {
    const required = shape.required?.includes(member) === true;
    const [target, memberTraits] = compactRef(service, ref, member);
    parts.push(required ? `*${member}` : member, target);
    const withName = namesDocument(ref, member, shape)
      ? { ...memberTraits, n: 1 as const }
      : memberTraits;
    if (withName !== undefined) parts.push(withName);
  }
  return parts;
}

/**
 * A payload's document is named after its shape unless the member has a name of its own. C2J repeats
 * the member's name where there is none; a modelled one comes with its namespace (all those of S3).
 */
function namesDocument(ref: C2jRef, member: string, { payload }: C2jShape): boolean {
  return member === payload && ref.locationName === member && ref.xmlNamespace !== undefined;
}

/** botocore says who is at fault by `fault`, `senderFault` or, where it says nothing, the status. */
function errorTrait(service: C2jService, shape: C2jShape, name: string): ErrorTrait {
  const error = shape.error ?? errorOfOperations(service, name);
  const status = error?.httpStatusCode;
  const server = shape.fault ?? (error?.senderFault !== true && (status ?? 400) >= 500);
  return present({
    code: error?.code === name ? undefined : error?.code,
    httpStatusCode: status,
    fault: server ? "server" : "client",
    retryable: shape.retryable === undefined ? undefined : true,
    throttling: shape.retryable?.throttling || undefined,
  });
}

function errorOfOperations({ operations }: C2jService, name: string): C2jShape["error"] {
  for (const { errors = [] } of Object.values(operations)) {
    const found = errors.find(({ shape, error }) => shape === name && error !== undefined);
    if (found !== undefined) return found.error;
  }
  return undefined;
}

/** A reference and its traits, those of the shape that it refers to merged in. */
function compactRef(
  service: C2jService,
  ref: C2jRef,
  member = "",
): readonly [CompactRef, MemberTraits?] {
  const shape = shapeOf(service.shapes, ref.shape);
  const code = scalarCode(shape, ref.shape);
  const format = ref.timestampFormat ?? shape.timestampFormat;
  const param = ref.contextParam?.name;
  const traits = present({
    ...wireTraits(service, ref, shape, member),
    Q: ref.queryName,
    t: format === undefined ? undefined : formatCode(format),
    f: flag(ref.flattened || shape.flattened),
    a: flag(ref.xmlAttribute),
    x: xmlNamespaceOf(ref.xmlNamespace ?? shape.xmlNamespace),
    streaming: flag(ref.streaming || shape.streaming),
    requiresLength: flag(ref.requiresLength || shape.requiresLength),
    i: flag(ref.idempotencyToken),
    hostLabel: flag(ref.hostLabel),
    json: flag(ref.jsonvalue || shape.jsonvalue),
    eventPayload: flag(ref.eventpayload),
    eventHeader: flag(ref.eventheader),
    z: flag(ref.sensitive || shape.sensitive),
    p: param === undefined ? undefined : wireName(param, member),
    mediaType: ref.mediaType ?? shape.mediaType,
  }) as MemberTraits;
  const target = code ?? ref.shape;
  return Object.keys(traits).length === 0 ? [target] : [target, traits];
}

function wireTraits(
  { metadata }: C2jService,
  ref: C2jRef,
  shape: C2jShape,
  member: string,
): MemberTraits {
  // The name of a structure's shape is its name as a root element only.
  const modelled =
    ref.locationName ?? (shape.type === "structure" ? undefined : shape.locationName);
  const name = modelled === undefined ? undefined : wireName(modelled, member);
  switch (ref.location) {
    case undefined:
      // ec2 writes a modelled name with a capital letter, and a name that is not modelled as it is.
      if (name === undefined || (name === 1 && metadata.protocol !== "ec2")) return {};
      return { n: name };
    case "uri":
      return { u: name ?? 1 };
    case "querystring":
      return { q: name ?? 1 };
    case "header":
      return { h: name ?? 1 };
    case "headers":
      return { H: modelled ?? "" };
    case "statusCode":
      return { s: 1 };
    default:
      throw new TypeError(`Cannot compact member "${member}": location "${ref.location}"`);
  }
}

function wireName(name: string, member: string): WireName {
  return name === member ? 1 : name;
}

function scalarCode({ type, document }: C2jShape, name: string): number | undefined {
  if (type === "structure" && document === true) return scalarKinds.indexOf("document");
  if (type === "structure" || type === "list" || type === "map") return undefined;
  const code = scalarKinds.indexOf(scalarNames[type] ?? (type as ScalarKind));
  if (code === -1) throw new TypeError(`Cannot compact shape "${name}": type "${type}"`);
  return code;
}

function formatCode(format: string): number {
  const code = timestampFormats.indexOf(format as TimestampFormat);
  if (code === -1) throw new TypeError(`Cannot compact a timestamp: format "${format}"`);
  return code;
}

function flag(value: boolean | undefined): 1 | undefined {
  return value === true ? 1 : undefined;
}

function shapeOf(shapes: C2jService["shapes"], name: string): C2jShape {
  const shape = Object.hasOwn(shapes, name) ? shapes[name] : undefined;
  if (shape === undefined) throw new TypeError(`Cannot compact shape "${name}": there is none`);
  return shape;
}
