import type { Answer } from "./daemon-process.ts";

/** Invokes a function at an endpoint with a JSON value. */
export async function invokeAt(
  url: string,
  name: string,
  event: unknown = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const path = `/2015-03-31/functions/${encodeURIComponent(name)}/invocations`;
  const body = JSON.stringify(event);
  const response = await fetch(url + path, { method: "POST", body, headers });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
