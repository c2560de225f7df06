// Does what the READMEs and the guides tell the reader to do. What a block means: `readme-block.ts`.
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { brokerUri } from "@lambdad/testkit";
import { freePort } from "./free-port.ts";
import { PageRun } from "./readme/page-run.ts";
import { isShown, readmeBlocks } from "./readme/readme-block.ts";
import { root } from "./repository.ts";

const pages = globSync(["packages/*/README.md", "examples/*/README.md", "docs/guides/*.md"], {
  cwd: root,
}).sort();

for (const path of ["README.md", ...pages]) {
  test(`the commands and the code of ${path} work`, async (t) => {
    const markdown = readFileSync(join(root, path), "utf8");
    const blocks = readmeBlocks(markdown);
    const broker = markdown.includes("amqp://localhost") ? await brokerUri() : undefined;
    const page = new PageRun(await freePort(), broker);
    t.after(() => page.dispose());
    page.install();
    if (path.startsWith("examples/")) page.copyExample(dirname(path));
    for (const block of blocks) {
      const { action, line, text } = block;
      t.diagnostic(`${path}:${line} ${action.kind}`);
      if (action.kind === "serve") await page.serve(block, action);
      else if (action.kind === "run") await page.run(block, action.inCheckout);
      else if (action.kind === "file") page.write(action.name, text);
      else if (action.kind === "prints") {
        const message = `line ${line} shows '${text}', the command printed '${page.printed}'`;
        assert.ok(isShown(page.printed, text), message);
      }
    }
  });
}
