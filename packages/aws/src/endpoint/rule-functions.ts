import { EndpointError } from "../client/errors.ts";
import { isIpv4, parseUrl } from "./parse-url.ts";
import type { Partitions } from "./partitions.ts";

/** A function of the endpoint rules, given its evaluated arguments; `undefined` is "not set". */
export type RuleFunction = (...argv: unknown[]) => unknown;

/** An Amazon resource name as the endpoint rules see it. */
export interface RuleArn {
  readonly partition: string;
  readonly service: string;
  readonly region: string;
  readonly accountId: string;
  /** The resource, cut at `:` and `/`. */
  readonly resourceId: readonly string[];
}

const hostLabel = /^(?!-)[a-zA-Z\d-]{1,63}(?<!-)$/;

/** The rules' `isValidHostLabel` (RFC 1123); with subdomains, each label. */
export function isValidHostLabel(value: string, allowSubdomains: boolean): boolean {
  if (!allowSubdomains) return hostLabel.test(value);
  return value.split(".").every((label) => hostLabel.test(label));
}

/** The rules' `aws.isVirtualHostableS3Bucket`. */
export function isVirtualHostableS3Bucket(value: string, allowSubdomains: boolean): boolean {
  if (value.length < 3 || value.toLowerCase() !== value || isIpv4(value)) return false;
  return isValidHostLabel(value, allowSubdomains);
}

/** The rules' `aws.parseArn`: `undefined` for what is not a resource name. */
export function parseArn(value: string): RuleArn | undefined {
  if (!value.startsWith("arn:")) return undefined;
  const [, partition, service, region, accountId, ...rest] = value.split(":");
  const resource = rest.join(":");
  if (!partition || !service || region === undefined || accountId === undefined) return undefined;
  if (resource === "") return undefined;
  return { partition, service, region, accountId, resourceId: resource.split(/[:/]/) };
}

/** The rules' `uriEncode`: everything but RFC 3986's unreserved characters. */
export function uriEncode(value: string): string {
  return encodeURIComponent(value.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** The rules' `substring`: `undefined` beyond the end, and for text that is not ASCII. */
export function substring(
  value: string,
  start: number,
  stop: number,
  reverse: boolean,
): string | undefined {
  // oxlint-disable-next-line no-control-regex: ASCII includes the control characters
  if (start >= stop || value.length < stop || !/^[\0-\x7F]*$/.test(value)) return undefined;
  return reverse
    ? value.slice(value.length - stop, value.length - start)
    : value.slice(start, stop);
}

/** The rules' `split`: at most `limit` pieces, the last with the rest; 0 for no limit. */
export function split(value: string, delimiter: string, limit: number): string[] {
  const pieces = value.split(delimiter);
  if (limit <= 0 || pieces.length <= limit) return pieces;
  return [...pieces.slice(0, limit - 1), pieces.slice(limit - 1).join(delimiter)];
}

/** Whether a value of the rules is set. */
export function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** The functions of the rules by name. `getAttr` is compiled with its path, see `rule-path.ts`. */
export function ruleFunctions(partitions: Partitions): ReadonlyMap<string, RuleFunction> {
  return new Map<string, RuleFunction>([
    ["isSet", isSet],
    ["not", (value) => !isTrue(value)],
    ["booleanEquals", (a, b) => a === b],
    ["stringEquals", (a, b) => a === b],
    ["coalesce", (...argv) => argv.find(isSet)],
    ["ite", (condition, yes, no) => (isTrue(condition) ? yes : no)],
    [
      "substring",
      (value, start, stop, reverse) =>
        onText(value, (text) => substring(text, Number(start), Number(stop), reverse === true)),
    ],
    [
      "split",
      (value, delimiter, limit) =>
        onText(value, (text) => split(text, String(delimiter), Number(limit))),
    ],
    ["parseURL", (value) => onText(value, parseUrl)],
    ["uriEncode", (value) => onText(value, uriEncode)],
    [
      "isValidHostLabel",
      (value, subdomains) =>
        onText(value, (text) => isValidHostLabel(text, subdomains === true)) ?? false,
    ],
    ["aws.partition", (region) => onText(region, (text) => partitions.of(text))],
    ["aws.parseArn", (value) => onText(value, parseArn)],
    [
      "aws.isVirtualHostableS3Bucket",
      (value, subdomains) =>
        onText(value, (text) => isVirtualHostableS3Bucket(text, subdomains === true)) ?? false,
    ],
  ]);
}

/** A condition holds for everything but `false` and what is not set. */
export function isTrue(value: unknown): boolean {
  return value !== false && isSet(value);
}

function onText<T>(value: unknown, apply: (text: string) => T): T | undefined {
  if (!isSet(value)) return undefined;
  if (typeof value === "string") return apply(value);
  throw new EndpointError(`Cannot resolve the endpoint: a rule needs text, not ${typeof value}`);
}
