import { ParamValidationError } from "../client/errors.ts";
import type { Member, OperationModel } from "../model/model.ts";
import {
  headerName,
  headerValue,
  listItem,
  partWriter,
  percentEncode,
  percentEncodePath,
  type PartWriter,
} from "./http-binding-text.ts";
import { GeneratedSource } from "./generated-source.ts";
import type { CompileOptions, Input } from "./protocol.ts";

/** Appends a value to the query's pairs or to the flat list of headers. */
type Put = (value: unknown, target: string[]) => void;

/** A member that travels in the query or in headers. */
export interface BoundField {
  readonly name: string;
  readonly token: boolean;
  readonly put: Put;
}

/** Everything of a request but its body: one description for both back ends. */
export interface RequestPlan {
  /** Literal text and labels, alternating; begins and ends with text. */
  readonly path: readonly (string | Label)[];
  /** Constant pairs of the URI, as modelled. */
  readonly constants: readonly string[];
  readonly query: readonly BoundField[];
  /** In the order of their names; `content-type` is put at its place among them. */
  readonly headersBefore: readonly BoundField[];
  readonly headersAfter: readonly BoundField[];
}

export interface Label {
  readonly name: string;
  readonly token: boolean;
  readonly write: PartWriter;
}

/** Writes path and query, or headers, of an input. */
export type PartsWriter = (input: Input, target: string[]) => void;

/** Plans an operation's path, query and headers. */
export function planRequest(operation: OperationModel): RequestPlan {
  const members = operation.input?.members ?? [];
  const mark = operation.requestUri.indexOf("?");
  const path = mark < 0 ? operation.requestUri : operation.requestUri.slice(0, mark);
  const constants = mark < 0 ? [] : operation.requestUri.slice(mark + 1).split("&");
  const named = members.filter(({ location }) => location === "header");
  const headers = [...named, ...members.filter(({ location }) => location === "headers")]
    .map((member) => ({ key: wireName(member).toLowerCase(), member }))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const bound = new Set(named.map((member) => wireName(member).toLowerCase()));
  const field = ({ key, member }: (typeof headers)[number]): BoundField =>
    boundField(
      member,
      member.location === "headers" ? prefixHeaders(key, bound) : header(key, member),
    );
  return {
    path: planPath(path, operation, members),
    constants: constants.filter((pair) => pair !== ""),
    query: planQuery(members, constants),
    headersBefore: headers.filter(({ key }) => key <= contentType).map(field),
    headersAfter: headers.filter(({ key }) => key > contentType).map(field),
  };
}

const contentType = "content-type";

function wireName(member: Member): string {
  return member.wireName ?? member.name;
}

function boundField(member: Member, put: Put): BoundField {
  return { name: member.name, token: member.idempotencyToken === true, put };
}

function planPath(
  path: string,
  operation: OperationModel,
  members: readonly Member[],
): (string | Label)[] {
  return path.split(/\{([^}]+)\}/).map((part, index) => {
    if (index % 2 === 0) return part;
    const greedy = part.endsWith("+");
    const wire = greedy ? part.slice(0, -1) : part;
    const member = members.find((each) => each.location === "uri" && wireName(each) === wire);
    if (member === undefined) {
      throw new Error(`Cannot compile ${operation.name}: no member for the label "${wire}"`);
    }
    const text = partWriter(member, "label");
    const encode = greedy ? percentEncodePath : percentEncode;
    return {
      name: member.name,
      token: member.idempotencyToken === true,
      write: (value) => encode(labelText(operation, member, value, text)),
    };
  });
}

/** Never an empty label: without its key, the deletion of an object is that of a bucket. */
function labelText(
  operation: OperationModel,
  member: Member,
  value: unknown,
  write: PartWriter,
): string {
  const text = value === undefined || value === null ? "" : write(value);
  if (text !== "") return text;
  throw new ParamValidationError(operation.name, [
    { path: member.name, message: "must not be empty, it is part of the request's path" },
  ]);
}

function planQuery(members: readonly Member[], constants: readonly string[]): BoundField[] {
  const inQuery = members.filter(({ location }) => location === "querystring");
  const named = inQuery.filter(({ shape }) => shape.kind !== "map");
  const bound = new Set([
    ...named.map((member) => percentEncode(wireName(member))),
    ...constants.map((pair) => pair.split("=", 1)[0] ?? ""),
  ]);
  return [
    ...named.map((member) => boundField(member, queryPut(member))),
    // Last, so that a map's entry can see whether its name is taken.
    ...inQuery
      .filter(({ shape }) => shape.kind === "map")
      .map((member) => boundField(member, queryMap(member, bound))),
  ];
}

function queryPut(member: Member): Put {
  const prefix = `${percentEncode(wireName(member))}=`;
  if (member.shape.kind === "list") {
    const write = partWriter(withTraits(member.shape.member, member), "query");
    return (value, query) => {
      for (const item of value as Iterable<unknown>) {
        if (item !== undefined && item !== null) query.push(prefix + percentEncode(write(item)));
      }
    };
  }
  const write = partWriter(member, "query");
  return (value, query) => {
    query.push(prefix + percentEncode(write(value)));
  };
}

/** Entries whose name another member or the URI has put already are left out. */
function queryMap(member: Member, bound: ReadonlySet<string>): Put {
  if (member.shape.kind !== "map") throw new TypeError("Cannot compile a query map: not a map");
  const { value: entry } = member.shape;
  const write = partWriter(entry.shape.kind === "list" ? entry.shape.member : entry, "query");
  return (value, query) => {
    const entries = value as Readonly<Record<string, unknown>>;
    for (const key of Object.keys(entries)) {
      const name = percentEncode(key);
      if (bound.has(name) && query.some((pair) => pair === name || pair.startsWith(`${name}=`))) {
        continue;
      }
      const values = entries[key];
      for (const item of Array.isArray(values) ? values : [values]) {
        if (item !== undefined && item !== null) {
          query.push(`${name}=${percentEncode(write(item))}`);
        }
      }
    }
  };
}

function header(name: string, member: Member): Put {
  if (member.shape.kind === "list") {
    const item = withTraits(member.shape.member, member);
    const write = partWriter(item, "header");
    const quoted = item.shape.kind !== "timestamp";
    return (value, headers) => {
      let text = "";
      let first = true;
      for (const each of value as Iterable<unknown>) {
        if (each === undefined || each === null) continue;
        const part = write(each);
        text += (first ? "" : ", ") + (quoted ? listItem(part) : part);
        first = false;
      }
      headers.push(name, headerValue(text, name));
    };
  }
  const write = partWriter(member, "header");
  return (value, headers) => {
    headers.push(name, headerValue(write(value), name));
  };
}

/** The items of a list in a header or query may take their format from the list's member. */
function withTraits(item: Member, list: Member): Member {
  if (item.timestampFormat !== undefined || list.timestampFormat === undefined) return item;
  return { ...item, timestampFormat: list.timestampFormat };
}

function prefixHeaders(prefix: string, bound: ReadonlySet<string>): Put {
  const text: PartWriter = String;
  return (value, headers) => {
    const entries = value as Readonly<Record<string, unknown>>;
    const seen = new Set(bound);
    for (const key of Object.keys(entries)) {
      const entry = entries[key];
      if (entry === undefined || entry === null) continue;
      const name = headerName(prefix + key);
      // Each header is sent once; a member of its own goes before an entry.
      if (seen.has(name)) continue;
      seen.add(name);
      headers.push(name, headerValue(text(entry), name));
    }
  };
}

/** Compiles the path. */
export function compilePath(
  { path }: RequestPlan,
  { generateCode, newToken }: CompileOptions,
): (input: Input) => string {
  if (path.length === 1) {
    const constant = path[0] as string;
    return () => constant;
  }
  if (generateCode) {
    const source = new GeneratedSource();
    const parts = path.map((part) => {
      if (typeof part === "string") return JSON.stringify(part);
      const token = part.token ? ` ?? ${source.constant(newToken)}()` : "";
      return `${source.constant(part.write)}(v[${JSON.stringify(part.name)}]${token})`;
    });
    const text = parts.filter((part) => part !== '""').join(" + ");
    return source.compile(`(v) => ${text}`) as (input: Input) => string;
  }
  return (input) => {
    let text = "";
    for (const part of path) {
      if (typeof part === "string") text += part;
      else text += part.write(input[part.name] ?? (part.token ? newToken() : undefined));
    }
    return text;
  };
}

/** Compiles fields of a query or of headers; `undefined` when there are none. */
export function compileFields(
  fields: readonly BoundField[],
  { generateCode, newToken }: CompileOptions,
): PartsWriter | undefined {
  if (fields.length === 0) return undefined;
  if (generateCode) {
    const source = new GeneratedSource();
    const lines = fields.map(({ name, token, put }) => {
      const value = `v[${JSON.stringify(name)}]${token ? ` ?? ${source.constant(newToken)}()` : ""}`;
      return `x = ${value}; if (x !== undefined && x !== null) ${source.constant(put)}(x, t);`;
    });
    return source.compile(`(v, t) => { let x;\n${lines.join("\n")}\n}`) as PartsWriter;
  }
  return (input, target) => {
    for (const { name, token, put } of fields) {
      const value = input[name] ?? (token ? newToken() : undefined);
      if (value !== undefined && value !== null) put(value, target);
    }
  };
}
