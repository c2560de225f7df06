import { ec2Query } from "./ec2-protocol.ts";
import { awsJson } from "./json-protocol.ts";
import type { ProtocolName, ServiceMetadata } from "../model/model.ts";
import type { Protocol } from "./protocol.ts";
import { awsQuery } from "./query-protocol.ts";
import { restJson } from "./rest-json-protocol.ts";
import { restXml } from "./rest-xml-protocol.ts";

/** Names of protocols in options, beside botocore's: those of JS3 and of the issue trackers. */
const aliases: Readonly<Record<string, ProtocolName>> = {
  json: "json",
  awsJson: "json",
  awsJson1_0: "json",
  awsJson1_1: "json",
  "rest-json": "rest-json",
  restJson: "rest-json",
  restJson1: "rest-json",
  "rest-xml": "rest-xml",
  restXml: "rest-xml",
  query: "query",
  awsQuery: "query",
  ec2: "ec2",
  ec2Query: "ec2",
  "smithy-rpc-v2-cbor": "smithy-rpc-v2-cbor",
  rpcv2Cbor: "smithy-rpc-v2-cbor",
};

/** JSON before CBOR: Node's own `JSON.parse` beats any decoder written in JavaScript. */
const preference: readonly ProtocolName[] = [
  "json",
  "smithy-rpc-v2-cbor",
  "rest-json",
  "rest-xml",
  "query",
  "ec2",
];

/**
 * The protocol to speak with a service: `preferred` if the service has it, else the first it has of
 * awsJson, rpcv2Cbor, rest, query.
 * @throws RangeError when the service does not speak `preferred`, or none that we know.
 */
export function protocolOf(metadata: ServiceMetadata, preferred?: string): ProtocolName {
  const spoken = metadata.protocols;
  if (preferred !== undefined) {
    const name = Object.hasOwn(aliases, preferred) ? aliases[preferred] : undefined;
    if (name !== undefined && spoken.includes(name)) return name;
    throw new RangeError(
      `Cannot use protocol "${preferred}": ${metadata.serviceId} speaks ${spoken.join(", ")}`,
    );
  }
  const found = preference.find((name) => spoken.includes(name));
  if (found !== undefined) return found;
  throw new RangeError(
    `Cannot use ${metadata.serviceId}: it speaks ${spoken.join(", ")}, none of which is known`,
  );
}

/**
 * A protocol's code. All but CBOR, which only who asks for it gets, are in one file: a file of its
 * own for each costs more at the first call than the code of the others.
 */
export async function loadProtocol(name: ProtocolName): Promise<Protocol> {
  if (name === "smithy-rpc-v2-cbor") return (await import("./cbor-protocol.ts")).rpcv2Cbor;
  return protocols[name];
}

const protocols: Readonly<Record<Exclude<ProtocolName, "smithy-rpc-v2-cbor">, Protocol>> = {
  json: awsJson,
  "rest-json": restJson,
  "rest-xml": restXml,
  query: awsQuery,
  ec2: ec2Query,
};
