// node scripts/with-node.mjs scripts/options-reference.ts
//
// Writes docs/reference/options.md from the tables that parse the options.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderOptionsReference } from "./render-options-reference.ts";
import { root } from "./repository.ts";
import { runCommand } from "./run-command.ts";

const path = join(root, "docs", "reference", "options.md");
writeFileSync(path, renderOptionsReference());
const { status } = await runCommand(["oxfmt", path]);
process.exitCode = status;
