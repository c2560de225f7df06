import type { Member, StructureShape } from "./our-model.ts";
import { resolve, type Resolved } from "./sdk-schema.ts";

/** What both models say of a member, in words that both have. */
export type Facts = Readonly<Record<string, string | number | boolean | undefined>>;

const numbers = new Set(["integer", "long", "float", "double"]);

/** What our model says. The names of ec2 are those that go into a request. */
export function ourFacts(member: Member, owner: StructureShape | undefined): Facts {
  const { location, wireName, shape, queryName } = member;
  const isPayload = owner !== undefined && owner.payload === member.name;
  const isQueryMap = location === "querystring" && shape.kind === "map";
  return {
    kind: numbers.has(shape.kind) ? "number" : shape.kind,
    location: isQueryMap ? "all of the query" : (location ?? (isPayload ? "payload" : "body")),
    wireName: isQueryMap || location === "statusCode" ? undefined : (wireName ?? member.name),
    queryName,
    timestampFormat: member.timestampFormat,
    flattened: member.flattened,
    xmlAttribute: member.xmlAttribute,
    namespace: member.xmlNamespace?.uri,
    prefix: member.xmlNamespace?.prefix,
    streaming: member.streaming === true || undefined,
    idempotencyToken: member.idempotencyToken,
    hostLabel: member.hostLabel,
    eventPayload: member.eventPayload,
    eventHeader: member.eventHeader,
    sensitive: member.sensitive,
  };
}

const timestamps: Readonly<Record<number, string | undefined>> = {
  5: "iso8601",
  6: "rfc822",
  7: "unixTimestamp",
};

/** What the official SDK says. It has names in XML for members that only travel in JSON, too. */
export function sdkFacts(name: string, reference: unknown, isXml: boolean): Facts {
  const resolved = resolve(reference);
  const { traits, target } = resolved;
  const [location, wireName] = placeOf(name, resolved, isXml);
  const namespace = traits["xmlNamespace"];
  const [prefix, uri] = Array.isArray(namespace) ? (namespace as string[]) : [];
  return {
    kind: kindOf(target),
    location,
    wireName,
    queryName: traits["ec2QueryName"] as string | undefined,
    timestampFormat: typeof target === "number" ? timestamps[target] : undefined,
    flattened: flag(traits["xmlFlattened"]),
    xmlAttribute: flag(traits["xmlAttribute"]),
    namespace: typeof namespace === "string" ? namespace : uri,
    prefix,
    streaming: target === 42 || undefined,
    idempotencyToken: flag(traits["idempotencyToken"]),
    hostLabel: flag(traits["hostLabel"]),
    eventPayload: flag(traits["eventPayload"]),
    eventHeader: flag(traits["eventHeader"]),
    sensitive: flag(traits["sensitive"]),
  };
}

function placeOf(
  name: string,
  { traits }: Resolved,
  isXml: boolean,
): readonly [string, string | undefined] {
  const named = (trait: string): string | undefined => traits[trait] as string | undefined;
  if (named("httpHeader") !== undefined) return ["header", named("httpHeader")];
  if (named("httpPrefixHeaders") !== undefined) return ["headers", named("httpPrefixHeaders")];
  if (named("httpQuery") !== undefined) return ["querystring", named("httpQuery")];
  if (traits["httpQueryParams"] !== undefined) return ["all of the query", undefined];
  if (traits["httpLabel"] !== undefined) return ["uri", name];
  if (traits["httpResponseCode"] !== undefined) return ["statusCode", undefined];
  const wireName = named(isXml ? "xmlName" : "jsonName") ?? name;
  return [traits["httpPayload"] === undefined ? "body" : "payload", wireName];
}

function kindOf(target: Resolved["target"]): string {
  if (Array.isArray(target)) return arrayKinds[String(target[0])] ?? "unknown";
  if (typeof target !== "number") return "unknown";
  if (target >= 128) return "map";
  if (target >= 64) return "list";
  return scalarKinds[target] ?? "unknown";
}

const arrayKinds: Readonly<Record<string, string>> = {
  "1": "list",
  "2": "map",
  "3": "structure",
  "4": "structure",
  "-3": "structure",
};

const scalarKinds: Readonly<Record<number, string>> = {
  0: "string",
  1: "number",
  2: "boolean",
  4: "timestamp",
  5: "timestamp",
  6: "timestamp",
  7: "timestamp",
  15: "document",
  17: "bigInteger",
  19: "bigDecimal",
  21: "blob",
  42: "blob",
};

function flag(value: unknown): true | undefined {
  return value === undefined ? undefined : true;
}
