// The reference pages name what the sources have.
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "./repository.ts";

const sources = globSync("packages/*/src/**/*.ts", { cwd: root })
  .filter((path) => !path.endsWith(".test.ts") && !path.includes("/testkit/"))
  .map((path) => readFileSync(join(root, path), "utf8"));

function found(pattern: RegExp): readonly string[] {
  const names = sources.flatMap((text) => Array.from(text.matchAll(pattern), ([, name]) => name));
  return [...new Set(names.filter((name) => name !== undefined))].sort();
}

function missing(page: string, names: readonly string[]): readonly string[] {
  const text = readFileSync(join(root, "docs", "reference", page), "utf8");
  return names.filter((name) => !text.includes(`\`${name}\``));
}

const cases = [
  ["logs-and-metrics.md", "event of the log", /\bevent: "([a-z]+\.[a-z.]+)"/g],
  ["logs-and-metrics.md", "event of the log", /\.write\(\s*"(?:info|warn|error)",\s*"([a-z.]+)"/g],
  ["logs-and-metrics.md", "event of the log", /\.refuse\(\s*"([a-z.]+)"/g],
  ["logs-and-metrics.md", "metric", /"(lambdad_[a-z_]+)"/g],
  ["errors.md", "error of the host", /\bHostError\(\s*"(\w+Exception)"/g],
  ["errors.md", "error type", /\berrorType: "((?:Runtime|Function)\.\w+)"/g],
] as const;

for (const [page, what, pattern] of cases) {
  test(`docs/reference/${page} names every ${what} like ${pattern.source}`, () => {
    const names = found(pattern);
    assert.notDeepEqual(names, []);
    assert.deepEqual(missing(page, names), []);
  });
}
