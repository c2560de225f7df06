import { spawn } from "node:child_process";
import { once } from "node:events";
import { dirname, delimiter, join } from "node:path";
import type { TestContext } from "node:test";

/** A started extension: as its host starts it, by the name of its file. */
export interface ExtensionProcess {
  kill(signal: NodeJS.Signals): void;
  /** Waits until it has written that. */
  said(pattern: RegExp): Promise<void>;
  /** Resolves with its exit status, null after a signal, and all that it wrote. */
  readonly ended: Promise<{ readonly status: number | null; readonly output: string }>;
}

/** Starts a file of this example, and ends it with the test. */
export function startExtension(
  t: TestContext,
  file: string,
  env: Readonly<Record<string, string>>,
): ExtensionProcess {
  // The node that runs the tests: another one on the PATH may be too old.
  const path = `${dirname(process.execPath)}${delimiter}${process.env["PATH"] ?? ""}`;
  const child = spawn(join(import.meta.dirname, "..", "extensions", file), [], {
    env: { PATH: path, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (piece: string) => (output += piece));
  }
  const { promise, resolve, reject } = Promise.withResolvers<{
    status: number | null;
    output: string;
  }>();
  child.on("error", reject);
  child.on("close", (status) => resolve({ status, output }));
  t.after(() => child.kill("SIGKILL"));
  async function said(pattern: RegExp): Promise<void> {
    while (!pattern.test(output)) await once(child.stdout, "data");
  }
  return { kill: (signal) => child.kill(signal), said, ended: promise };
}
