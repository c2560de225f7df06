import { type Facts, ourFacts, sdkFacts } from "./member-facts.ts";
import type {
  ListShape,
  MapShape,
  Member,
  ServiceModel,
  Shape,
  StructureShape,
} from "./our-model.ts";
import { resolve, traitsOf } from "./sdk-schema.ts";

/** What the comparison of a service found. */
export interface Comparison {
  /** Members of structures that both have. */
  members: number;
  operations: number;
  /** Only we have them: botocore's release is the newer one. */
  readonly newer: string[];
  /** `place: what: ours, theirs`. */
  readonly differences: string[];
}

/** Compares a service's model with the schemas that the SDK's package exports. */
export function compareModels(
  model: ServiceModel,
  exported: Readonly<Record<string, unknown>>,
): Comparison {
  const walk = new Walk(model.metadata.protocols);
  for (const name of model.operationNames) walk.operation(name, model, exported[`${name}$`]);
  for (const [name, shape] of model.errors) walk.error(name, shape, exported[`${name}$`]);
  for (const [name, schema] of Object.entries(exported)) {
    if (!name.endsWith("$") || !Array.isArray(schema) || schema[0] !== 9) continue;
    if (model.operation(name.slice(0, -1)) !== undefined) continue;
    walk.found.differences.push(`${name}: theirs only`);
  }
  return walk.found;
}

class Walk {
  readonly found: Comparison = { members: 0, operations: 0, newer: [], differences: [] };
  readonly #seen = new Map<Shape, Set<unknown>>();
  readonly #isEc2: boolean;
  readonly #isXml: boolean;

  constructor(protocols: readonly string[]) {
    this.#isEc2 = protocols.includes("ec2");
    this.#isXml = protocols.some((name) => ["ec2", "query", "rest-xml"].includes(name));
  }

  operation(name: string, model: ServiceModel, schema: unknown): void {
    const operation = model.operation(name);
    if (!Array.isArray(schema)) {
      this.found.newer.push(name);
      return;
    }
    if (operation === undefined) return;
    this.found.operations += 1;
    const traits = traitsOf(schema[3]);
    const http = traits["http"] as readonly [string, string, number] | undefined;
    if (http !== undefined) {
      this.#same(name, "method", operation.method, http[0]);
      this.#same(name, "URI", plainUri(operation.requestUri), plainUri(http[1]));
      this.#same(name, "status", operation.responseCode, http[2]);
    }
    const [hostPrefix] = (traits["endpoint"] as readonly string[] | undefined) ?? [];
    this.#same(name, "host prefix", operation.hostPrefix, hostPrefix);
    const checksum = operation.checksum !== undefined || operation.checksumRequired === true;
    const theirs = traits["httpChecksum"] ?? traits["httpChecksumRequired"];
    this.#same(name, "checksum", checksum, theirs !== undefined);
    this.#root(`${name} input`, operation.input, schema[4]);
    this.#root(`${name} output`, operation.output, schema[5]);
  }

  error(name: string, shape: StructureShape, schema: unknown): void {
    if (!Array.isArray(schema)) {
      this.found.newer.push(name);
      return;
    }
    const traits = traitsOf(schema[3]);
    const [code] = (traits["awsQueryError"] as readonly string[] | undefined) ?? [];
    this.#same(name, "fault", shape.error?.fault, traits["error"]);
    this.#same(name, "code", shape.error?.code ?? name, code ?? name);
    this.#same(name, "status", shape.error?.httpStatusCode, traits["httpError"]);
    this.#structure(name, shape, schema);
  }

  #root(place: string, shape: StructureShape | undefined, reference: unknown): void {
    const { target } = resolve(reference);
    if (shape === undefined || !Array.isArray(target)) {
      const members = Array.isArray(target) ? (target[4] as string[]) : [];
      this.#same(place, "members", shape?.members.length ?? 0, members.length);
      return;
    }
    this.#structure(place, shape, target);
  }

  #structure(place: string, shape: StructureShape, schema: readonly unknown[]): void {
    if (this.#isSeen(shape, schema)) return;
    const names = schema[4] as readonly string[];
    const references = schema[5] as readonly unknown[];
    const required = Number(schema[6] ?? 0);
    const own = shape.name;
    this.#same(place, "shape", own, schema[2]);
    this.#same(own, "event stream", shape.eventStream === true, isStream(schema));
    for (const member of shape.members) {
      const index = names.indexOf(member.name);
      const where = `${own}.${member.name}`;
      if (index === -1) {
        this.found.newer.push(where);
        continue;
      }
      this.found.members += 1;
      const reference = references[index];
      this.#facts(where, ourFacts(member, shape), sdkFacts(member.name, reference, this.#isXml));
      if (member.idempotencyToken !== true) {
        this.#same(where, "required", member.required === true, index < required);
      }
      this.#target(where, member.shape, resolve(reference).target);
    }
    for (const name of names) {
      if (shape.members.some((member) => member.name === name)) continue;
      this.found.differences.push(`${own}.${name}: theirs only`);
    }
  }

  #target(place: string, shape: Shape, target: unknown): void {
    if (shape.kind === "structure" && Array.isArray(target)) {
      this.#structure(place, shape as StructureShape, target);
    } else if (shape.kind === "list") {
      const { member } = shape as ListShape;
      const item = Array.isArray(target) ? (target[4] as unknown) : Number(target) - 64;
      this.#part(`${place}[]`, member, item);
    } else if (shape.kind === "map") {
      const { key, value } = shape as MapShape;
      const [, , , , keys, values] = Array.isArray(target) ? (target as unknown[]) : [];
      this.#part(`${place}{key}`, key, keys ?? 0);
      this.#part(`${place}{}`, value, values ?? Number(target) - 128);
    }
  }

  /** The items of a list, the keys and values of a map. */
  #part(place: string, member: Member, reference: unknown): void {
    this.#facts(place, ourFacts(member, undefined), sdkFacts("", reference, this.#isXml));
    const { target } = resolve(reference);
    if (!this.#isSeen(member.shape, target)) this.#target(place, member.shape, target);
  }

  #facts(place: string, ours: Facts, theirs: Facts): void {
    for (const key of Object.keys(ours)) {
      if (key === "queryName" && this.#isEc2) {
        this.#same(place, key, requestName(ours), requestName(theirs));
      } else {
        this.#same(place, key, ours[key], theirs[key]);
      }
    }
  }

  #same(place: string, what: string, ours: unknown, theirs: unknown): void {
    if (ours === theirs) return;
    this.found.differences.push(`${place}: ${what}: ${String(ours)}, theirs ${String(theirs)}`);
  }

  #isSeen(shape: Shape, schema: unknown): boolean {
    if (shape.kind !== "structure") return false;
    let seen = this.#seen.get(shape);
    if (seen === undefined) this.#seen.set(shape, (seen = new Set()));
    if (seen.has(schema)) return true;
    seen.add(schema);
    return false;
  }
}

/** ec2 writes the query name, or the modelled name with a capital letter. */
function requestName({ queryName, wireName }: Facts): string {
  const name = String(wireName ?? "");
  return String(queryName ?? name.charAt(0).toUpperCase() + name.slice(1));
}

/** The SDK takes the bucket for the endpoint's, and adds the operation's name to S3's queries. */
function plainUri(uri: string): string {
  const plain = uri.replace(/^\/\{Bucket\}/, "").replace(/([?&])x-id=\w+/, "$1");
  return plain.replace(/[?&]$/, "").replace(/^(?!\/)/, "/");
}

function isStream(schema: readonly unknown[]): boolean {
  return schema[0] === 4 && traitsOf(schema[3])["streaming"] !== undefined;
}
