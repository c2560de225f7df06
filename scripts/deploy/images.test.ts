// Every image in deploy/ is pinned, and ours has the version of the packages.
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { readManifest, root } from "../repository.ts";

interface Image {
  readonly path: string;
  readonly name: string;
}

const patterns = [
  /^[ \t-]*image:[ \t]+(\S+)/gm,
  /^FROM\s+(?!\$)(\S+)/gm,
  /^ARG\s+\w*IMAGE=(\S+)/gm,
  /--tag\s+(\S+)/g,
  /docker push\s+(\S+)/g,
];

const files = ["yaml", "md", "Dockerfile"].flatMap((end) =>
  globSync(`deploy/**/*${end}`, { cwd: root }),
);

const images: readonly Image[] = files.sort().flatMap((path) => {
  const text = readFileSync(join(root, path), "utf8");
  return patterns.flatMap((pattern) =>
    [...text.matchAll(pattern)].map(([, name = ""]) => ({ path, name })),
  );
});

/** At least two numbers: `4`, `latest` and `stable` are another program next week. */
const version = /^[a-z0-9./-]+:v?\d+\.\d+(?:\.\d+)?(?:-[a-z0-9.]+)*$/;

describe("the images in deploy/", () => {
  test("are found", () => {
    assert.ok(images.length >= 10, JSON.stringify(images));
  });

  for (const { path, name } of images) {
    test(`${name} in ${path} has a version`, () => {
      assert.match(name, version);
    });
  }

  for (const { path, name } of images.filter((image) => image.name.includes("/lambdad:"))) {
    test(`${name} in ${path} has the version of the packages`, () => {
      assert.ok(name.endsWith(`:${readManifest("packages/lambdad").version ?? ""}`));
    });
  }

  test("of the example in the README have the version of the packages", () => {
    const text = readFileSync(join(root, "deploy/kubernetes/README.md"), "utf8");
    const [, tag] = /name: registry\.example\.com\/lambdad\n\s+newTag: (\S+)/.exec(text) ?? [];
    assert.equal(tag, readManifest("packages/lambdad").version);
  });

  test("that are named more than once have one version", () => {
    const tags = new Map<string, string>();
    for (const { name } of images) {
      const [repository = "", tag = ""] = name.split(":");
      const known = tags.get(repository) ?? tag;
      // Debian's and Alpine's Node are two images of one name.
      if (repository !== "node") assert.equal(tag, known, name);
      tags.set(repository, known);
    }
  });
});
