import { serviceList } from "./generated/service-list.ts";

/** How many names an error message offers. */
const offered = 3;

let names: ReadonlyMap<string, string> | undefined;

/** Names of all services, as botocore has them, sorted. */
export function serviceNames(): readonly string[] {
  return [...new Set(allNames().values())];
}

/**
 * The name of a service's model.
 *
 * @param name botocore's name (`stepfunctions`), or that of the official JavaScript package, with or
 *   without `client-` (`sfn`).
 * @throws TypeError that lists the nearest names when there is no such service.
 */
export function resolveServiceName(name: string): string {
  if (typeof name !== "string") {
    throw new TypeError(
      `Cannot find the service "${String(name)}": give its name as text, as "s3"`,
    );
  }
  // Most names are the models' own: to find one in the list takes less than to read the list.
  if (/^[\w-]+$/.test(name) && new RegExp(`^${name}(?: |$)`, "m").test(serviceList)) return name;
  const all = allNames();
  const found = all.get(name) ?? all.get(name.toLowerCase().replace(/^client-/, ""));
  if (found !== undefined) return found;
  const nearest = nearestNames(name.toLowerCase(), [...all.keys()]);
  const list = nearest.map((near) => `"${near}"`).join(", ");
  throw new TypeError(
    `Cannot find the service "${name}": the nearest names are ${list}; see session.services()`,
  );
}

function allNames(): ReadonlyMap<string, string> {
  if (names !== undefined) return names;
  const map = new Map<string, string>();
  for (const line of serviceList.trim().split("\n")) {
    const [name = "", ...aliases] = line.split(" ");
    map.set(name, name);
    for (const alias of aliases) if (!map.has(alias)) map.set(alias, name);
  }
  names = map;
  return map;
}

function nearestNames(name: string, all: readonly string[]): readonly string[] {
  return all
    .map((candidate) => ({ candidate, distance: nameDistance(name, candidate) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, offered)
    .map(({ candidate }) => candidate);
}

/** Edits between two names; a name that holds the other counts as near. */
function nameDistance(a: string, b: string): number {
  const edits = editDistance(a, b);
  const contained = a.length > 2 && (b.includes(a) || a.includes(b)) && b.length > 1;
  return contained ? Math.min(edits, 2 + Math.abs(a.length - b.length) / 16) : edits;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
