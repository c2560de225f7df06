// npm run build
//
// Builds the packages that go to the registry: packages/*/dist, from nothing, and puts the licence
// beside each, as npm packs it.
import { copyFileSync, globSync, rmSync } from "node:fs";
import { join } from "node:path";
import { publicWorkspaces, root } from "./repository.ts";
import { runCommand } from "./run-command.ts";

for (const path of globSync(["packages/*/dist", "packages/*/build.tsbuildinfo"], { cwd: root })) {
  rmSync(join(root, path), { recursive: true, force: true });
}
const { status } = await runCommand(["tsc", "--build", "tsconfig.build.json"]);
if (status === 0) {
  for (const { folder } of publicWorkspaces()) {
    copyFileSync(join(root, "LICENSE"), join(root, folder, "LICENSE"));
  }
}
process.exitCode = status;
