import { createInterface } from "node:readline";
import { type CallerLoad, CallerRun } from "./caller-load.ts";

/**
 * The life of a caller's process: it says `{}` when it can call, takes one load per line of standard
 * input, and writes one result per line. It ends with its input.
 */
export async function serveLoads(call: (body: Buffer) => Promise<Uint8Array>): Promise<void> {
  process.stdout.write("{}\n");
  for await (const line of createInterface({ input: process.stdin })) {
    const result = await new CallerRun(JSON.parse(line) as CallerLoad, call).run();
    process.stdout.write(`${JSON.stringify(result)}\n`);
  }
  process.exit(0);
}
