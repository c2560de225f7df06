import { refusedNode } from "@lambdad/core";

/** Ends a process whose Node is too old for the packages, with one line instead of whatever fails first. */
export function exitOnOldNode(): void {
  const refused = refusedNode(process.versions.node);
  if (refused === undefined) return;
  process.stderr.write(`lambda-runtime: ${refused}\n`);
  process.exit(1);
}
