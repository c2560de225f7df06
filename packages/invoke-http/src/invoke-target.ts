import { type ParsedFunctionName, parseFunctionName } from "@lambdad/core";

/** Which action of the Invoke API a path asks for: Invoke, InvokeAsync, InvokeWithResponseStream. */
export type InvokeAction = "invoke" | "async" | "stream";

/** What a request line asks for. */
export interface InvokeTarget {
  readonly action: InvokeAction;
  readonly name: ParsedFunctionName;
  /** The name as the caller wrote it, decoded. */
  readonly writtenName: string;
}

interface Route {
  readonly action: InvokeAction;
  readonly prefix: string;
  readonly suffix: string;
}

const routes: readonly Route[] = [
  { action: "invoke", prefix: "/2015-03-31/functions/", suffix: "/invocations" },
  {
    action: "stream",
    prefix: "/2021-11-15/functions/",
    suffix: "/response-streaming-invocations",
  },
  { action: "async", prefix: "/2014-11-13/functions/", suffix: "/invoke-async" },
];

/**
 * Finds the action and the function of a path and a query as sent, still percent-encoded. `undefined`:
 * the path is none of the Invoke API's. One slash at the end makes no difference, as with AWS.
 *
 * @throws {HostError} when the name or the qualifier is bad ({@link parseFunctionName}).
 */
export function parseInvokeTarget(path: string, query: string): InvokeTarget | undefined {
  const end = path.endsWith("/") ? path.length - 1 : path.length;
  for (const { action, prefix, suffix } of routes) {
    const labelEnd = end - suffix.length;
    if (!path.startsWith(prefix) || !path.startsWith(suffix, labelEnd)) continue;
    const label = path.slice(prefix.length, labelEnd);
    // Labels are decoded after the path is split, so an encoded slash stays inside its label.
    if (labelEnd < prefix.length || label.includes("/")) return undefined;
    const qualifier = action === "async" ? undefined : readQuery(query, "Qualifier");
    const writtenName = decode(label);
    return { action, name: parseFunctionName(writtenName, qualifier), writtenName };
  }
  return undefined;
}

/** The first value of a member of the query; `+` is not a space (Signature Version 4's rules). */
function readQuery(query: string, name: string): string | undefined {
  if (query === "") return undefined;
  for (const member of query.split("&")) {
    const equals = member.indexOf("=");
    const key = equals < 0 ? member : member.slice(0, equals);
    if (decode(key) === name) return equals < 0 ? "" : decode(member.slice(equals + 1));
  }
  return undefined;
}

/** Text that is not percent-encoded properly stays as it is: `%` is in no valid name. */
function decode(text: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
