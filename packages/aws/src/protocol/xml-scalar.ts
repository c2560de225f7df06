import type { Member } from "../model/model.ts";
import { base64Of } from "./bytes.ts";
import { timestampWriter } from "./timestamp.ts";

/**
 * The writer of a scalar member's text, as XML and query have it: ISO 8601 times unless modelled
 * otherwise, base64, `NaN` and `Infinity` as those words. The text is not escaped.
 */
export function xmlScalarWriter(member: Member): (value: unknown) => string {
  const { kind } = member.shape;
  if (kind === "timestamp") return timestampWriter(member.timestampFormat ?? "iso8601");
  if (kind === "blob") return base64Of;
  if (kind === "document") return (value) => JSON.stringify(value);
  return member.jsonValue === true ? jsonText : String;
}

function jsonText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
