import { relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { type HotFunction, hotFunctionsOf } from "./hot-functions.ts";
import type { Profiler } from "node:inspector";

/** Rows of the table. */
const functionsMax = 20;

/** Characters of a function's name. */
const nameCharsMax = 40;

/**
 * The functions that took most, one line each: their share of the busy time, alone and with what they
 * call, and where they are. Paths below `folder` are relative to it.
 */
export function renderProfileTable(
  profiles: readonly Profiler.Profile[],
  folder: string = process.cwd(),
): string {
  const { functions, sampledUs, busyUs } = hotFunctionsOf(profiles);
  const busy = sampledUs === 0 ? 0 : busyUs / sampledUs;
  const threads = profiles.length === 1 ? "" : ` of ${profiles.length} threads`;
  const title = `CPU profile: ${(sampledUs / 1e6).toFixed(1)} s${threads}, ${percent(busy)} busy`;
  if (functions.length === 0) return `${title}\n`;
  const rows = functions
    .slice(0, functionsMax)
    .map((hot) => [
      percent(hot.selfUs / busyUs),
      percent(hot.totalUs / busyUs),
      hot.name.length > nameCharsMax ? `${hot.name.slice(0, nameCharsMax - 1)}…` : hot.name,
      placeOf(hot, folder),
    ]);
  const nameChars = Math.max("Function".length, ...rows.map(([, , name = ""]) => name.length));
  const lines = [["Self", "Total", "Function", "File"], ...rows].map(
    ([self = "", total = "", name = "", place = ""]) =>
      `${self.padStart(7)}  ${total.padStart(7)}  ${name.padEnd(nameChars)}  ${place}`.trimEnd(),
  );
  return `${title}\n${lines.join("\n")}\n`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function placeOf({ url, line }: HotFunction, folder: string): string {
  if (url === "") return "";
  const path = url.startsWith("file:") ? fileURLToPath(url) : url;
  const inside = relative(folder, path);
  const isBelow = url.startsWith("file:") && inside !== "" && inside.split(sep)[0] !== "..";
  return `${isBelow ? inside : path}:${line}`;
}
