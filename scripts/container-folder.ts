import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "./run-command.ts";

/** The commands of the folder. */
const commands = ["lambdad", "aws-lambda-rie", "lambda-runtime"] as const;

/**
 * Installs the tarballs into `folder`, offline, with a copy of this Node and a script for each command.
 *
 * @throws when npm fails.
 */
export async function assembleFolder(folder: string, tarballs: readonly string[]): Promise<void> {
  const lib = join(folder, "lib");
  mkdirSync(join(folder, "bin"), { recursive: true });
  mkdirSync(lib);
  const manifest = join(lib, "package.json");
  writeFileSync(manifest, '{ "private": true }\n');
  const { status, output } = await runCommand(
    ["npm", "install", "--offline", "--ignore-scripts", "--no-package-lock", ...tarballs],
    { cwd: lib, capture: true },
  );
  if (status !== 0) throw new Error(`Cannot install into ${lib}: ${output.trimEnd()}`);
  // Both say where the tarballs were.
  writeFileSync(manifest, '{ "private": true }\n');
  rmSync(join(lib, "node_modules", ".package-lock.json"), { force: true });
  const node = join(folder, "bin", "node");
  copyFileSync(process.execPath, node);
  chmodSync(node, 0o755);
  for (const command of commands) {
    writeFileSync(join(folder, command), launcher(command), { mode: 0o755 });
  }
}

/** Finds Node and the program beside itself, whatever PATH is and wherever the folder has gone. */
function launcher(command: string): string {
  return `#!/bin/sh
case $0 in */*) here=\${0%/*} ;; *) here=. ;; esac
exec "$here/bin/node" "$here/lib/node_modules/.bin/${command}" "$@"
`;
}
