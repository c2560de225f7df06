import type { ProtocolName } from "../model/model.ts";
import { loadProtocol } from "../protocol/compile-operation.ts";
import type { CompileOptions, Input, RequestDraft } from "../protocol/protocol.ts";
import { inputOf } from "./case-values.ts";
import { applyClientSteps } from "./client-steps.ts";
import { bodyDifference } from "./compare-body.ts";
import { differenceOf, shown } from "./difference.ts";
import type { ExpectedRequest, ProtocolCase } from "./protocol-case.ts";

/** The token that the cases expect. */
export const caseToken = "00000000-0000-4000-8000-000000000000";

/** Serialises the input of a case and compares the request; gives what is wrong, if anything is. */
export async function runInputCase(
  each: ProtocolCase,
  generateCode: boolean,
): Promise<string | undefined> {
  const { service, operation } = each.model();
  const protocol = await loadProtocol(each.protocol);
  const options: CompileOptions = { generateCode, newToken: () => caseToken };
  const codec = protocol(service, operation, options);
  const draft: RequestDraft = {
    method: "",
    path: "",
    query: [],
    headers: [],
    body: undefined,
    hostPrefix: "",
  };
  const params = each.params ?? {};
  const input =
    operation.input === undefined ? params : (inputOf(operation.input, params) as Input);
  codec.serialize(input, draft);
  applyClientSteps(operation, codec, input, draft);
  return requestDifference(each, draft, each.serialized ?? {});
}

function requestDifference(
  { protocol, clientEndpoint }: ProtocolCase,
  draft: RequestDraft,
  expected: ExpectedRequest,
): string | undefined {
  const base = clientEndpoint === undefined ? undefined : new URL(clientEndpoint);
  const { method, uri, body, host } = expected;
  if (method !== undefined && draft.method !== method) {
    return `method is ${draft.method}, expected ${method}`;
  }
  if (uri !== undefined) {
    const found = uriDifference(draft, uri, base?.pathname.replace(/\/$/, "") ?? "");
    if (found !== undefined) return found;
  }
  if (host !== undefined && base !== undefined) {
    // Some cases count the endpoint's path as a part of its host.
    const path = host.includes("/") ? base.pathname.replace(/\/$/, "") : "";
    const actual = `${draft.hostPrefix}${base.host}${path}`;
    if (actual !== host) return `host is ${actual}, expected ${host}`;
  }
  const wrong = headersDifference(protocol, draft, expected);
  if (wrong !== undefined) return wrong;
  if (body === undefined) return undefined;
  const found = bodyDifference(protocol, draft.body, body);
  return found === undefined ? undefined : `body: ${found}`;
}

/** The path must be equal, the query equal as a collection of pairs. */
function uriDifference(draft: RequestDraft, uri: string, basePath: string): string | undefined {
  const [path, query] = splitOnce(uri, "?");
  const actual = draft.path.startsWith(`${basePath}/`) ? draft.path : basePath + draft.path;
  const wanted = path.startsWith(`${basePath}/`) ? path : basePath + path;
  if (actual !== wanted) return `path is ${shown(actual)}, expected ${shown(wanted)}`;
  const pairs = query === undefined || query === "" ? [] : query.split("&");
  return differenceOf(draft.query.map(asPair).sort(), pairs.map(asPair).sort(), "query");
}

/** `name` and `name=` mean the same. */
function asPair(pair: string): string {
  return pair.includes("=") ? pair : `${pair}=`;
}

function splitOnce(text: string, mark: string): readonly [string, string?] {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function headersDifference(
  protocol: ProtocolName,
  { headers, body }: RequestDraft,
  expected: ExpectedRequest,
): string | undefined {
  const actual = new Map<string, string>();
  for (let at = 0; at < headers.length; at += 2) {
    actual.set(headers[at] ?? "", headers[at + 1] ?? "");
  }
  // The transport sends it with every body.
  if (body !== undefined) actual.set("content-length", "");
  for (const [name, value] of Object.entries(expected.headers ?? {})) {
    const found = actual.get(name.toLowerCase());
    // Older cases have botocore's own headers where the protocol has none or others.
    if (found === undefined || normal(found, protocol) !== normal(value, protocol)) {
      return `header ${name} is ${shown(found)}, expected ${shown(value)}`;
    }
  }
  for (const name of expected.forbidHeaders ?? []) {
    if (actual.has(name.toLowerCase())) return `header ${name} must not be there`;
  }
  for (const name of expected.requireHeaders ?? []) {
    if (!actual.has(name.toLowerCase())) return `header ${name} is absent`;
  }
  return undefined;
}

/** botocore adds a character set that forms do not have. */
function normal(value: string, protocol: ProtocolName): string {
  return protocol === "query" || protocol === "ec2" ? value.replace(/; charset=utf-8$/, "") : value;
}
