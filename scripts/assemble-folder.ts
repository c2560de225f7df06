// node scripts/assemble-folder.ts FOLDER
//
// Makes the folder that a container image carries: lambdad, what it depends on by the lock file, and
// the Node that runs this. It works from wherever it is copied to. Build first.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { assembleFolder } from "./container-folder.ts";
import { packDependencies, packOurs } from "./pack.ts";

async function main(folder: string): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), "lambdad-assemble-"));
  try {
    const all = [...(await packOurs(scratch)), ...(await packDependencies(scratch))];
    await assembleFolder(
      folder,
      all.map(({ filename }) => join(scratch, filename)),
    );
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

const [folder] = process.argv.slice(2);
try {
  if (folder === undefined) throw new Error("Usage: node scripts/assemble-folder.ts FOLDER");
  await main(resolve(folder));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
