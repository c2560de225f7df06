// Other processes that use the same store. Their scripts have `store` (the storage), `put(key, text,
// condition)`, `etagOf` and `fs`.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { TestContext } from "node:test";

const prologue = `
  import { createHash } from "node:crypto";
  const fs = process.getBuiltinModule("node:fs");
  const { FileStorage } = await import(process.argv[1]);
  const store = new FileStorage("file://" + process.argv[2], process.argv[2], false);
  const etagOf = (text) => '"' + createHash("md5").update(text).digest("hex") + '"';
  const put = (key, text, condition = {}) =>
    store.write("b", key, {
      size: Buffer.byteLength(text), etag: etagOf(text), modified: 1, tags: [],
      details: { metadata: { text: etagOf(text) } },
    }, Buffer.from(text), condition);
  const textOf = async (key) =>
    (await store.read("b", key, { body: "whole", streamAbove: Infinity })).body.toString();
  process.on("disconnect", () => process.exit());
`;

/** Starts a process that runs a script on a store. It ends with the test at the latest. */
export function startChild(t: TestContext, folder: string, script: string): ChildProcess {
  const storage = import.meta.resolve("./file-storage.ts");
  const options = ["--conditions=@lambdad/source", "--input-type=module", "-e", prologue + script];
  const child = spawn(process.execPath, [...options, "--", storage, folder], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  t.after(() => child.kill("SIGKILL"));
  return child;
}

/** How a process ended: its code, or the name of the signal. */
export async function ended(child: ChildProcess): Promise<number | string> {
  if (child.exitCode !== null) return child.exitCode;
  if (child.signalCode !== null) return child.signalCode;
  const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
  return code ?? signal ?? "";
}
