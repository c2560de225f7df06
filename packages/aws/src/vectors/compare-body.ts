import type { ProtocolName } from "../model/model.ts";
import type { RequestDraft } from "../protocol/protocol.ts";
import { decodeCaseCbor } from "./case-cbor.ts";
import { differenceOf, shown } from "./difference.ts";
import { xmlTree } from "./xml-tree.ts";

/** Compares a body as its protocol means it: the order of JSON members does not count, and so on. */
export function bodyDifference(
  protocol: ProtocolName,
  body: RequestDraft["body"],
  expected: string,
): string | undefined {
  if (protocol === "smithy-rpc-v2-cbor") return cborDifference(body, expected);
  const actual = textOf(body);
  if (actual === expected) return undefined;
  if (protocol === "query" || protocol === "ec2") {
    return differenceOf(pairsOf(actual), pairsOf(expected), "form");
  }
  if (actual === "" || expected === "") return `is ${shown(actual)}, expected ${shown(expected)}`;
  const parse = protocol === "rest-xml" ? xmlTree : (JSON.parse as (text: string) => unknown);
  let wanted: unknown;
  try {
    wanted = parse(expected);
  } catch {
    return `is ${shown(actual)}, expected ${shown(expected)}`;
  }
  return differenceOf(parse(actual), wanted);
}

function cborDifference(body: RequestDraft["body"], expected: string): string | undefined {
  const wanted = Buffer.from(expected, "base64");
  const actual = body instanceof Uint8Array ? Buffer.from(body) : Buffer.alloc(0);
  if (actual.length === 0 || wanted.length === 0) {
    return actual.length === wanted.length
      ? undefined
      : `has ${actual.length} bytes, expected ${wanted.length}`;
  }
  return differenceOf(decodeCaseCbor(actual), decodeCaseCbor(wanted));
}

function textOf(body: RequestDraft["body"]): string {
  if (body === undefined) return "";
  if (typeof body === "string") return body;
  if (body instanceof Uint8Array) return Buffer.from(body).toString("utf8");
  return String(body.source);
}

/** Pairs of a form, decoded and sorted. */
function pairsOf(form: string): readonly string[] {
  return form
    .split("&")
    .map((pair) => decodeURIComponent(pair.replaceAll("+", " ")))
    .sort();
}
