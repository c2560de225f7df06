// One client of managed transfers in a process of its own, spoken to in lines: each line is a
// `TransferTask`, each answer a `TransferSample`. Arguments: the module of the client, the URL of the
// stand-in, the folder of the peers.
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import type { TransferSample } from "../measure/measurement.ts";
import type { TransferTask } from "./transfer-task.ts";

interface TransferClient {
  upload?(key: string, path: string): PromiseLike<unknown>;
  download?(key: string, path: string): PromiseLike<unknown>;
  close(): Promise<void>;
}

const [modulePath = "", endpoint = "", peers = ""] = process.argv.slice(2);
const { open } = (await import(pathToFileURL(modulePath).href)) as {
  readonly open: (options: { endpoint: string; peers: string }) => Promise<TransferClient>;
};
const client = await open({ endpoint, peers });

async function transfer({ operation, key, path, bytes }: TransferTask): Promise<TransferSample> {
  const errorTexts: string[] = [];
  const beforeBytes = process.memoryUsage.rss();
  resetPeak();
  const cpuBefore = process.cpuUsage();
  const startMs = performance.now();
  try {
    await client[operation]?.(key, path);
  } catch (error) {
    errorTexts.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  const seconds = (performance.now() - startMs) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const size = operation === "download" && errorTexts.length === 0 ? statSync(path).size : bytes;
  if (size !== bytes) errorTexts.push(`${size} bytes instead of ${bytes}`);
  return {
    kind: "transfer",
    bytes,
    seconds,
    cpuMs: (user + system) / 1_000,
    beforeBytes,
    peakBytes: peak(),
    errors: errorTexts.length,
    errorTexts,
  };
}

/** Source: proc_pid_clear_refs(5), value 5. Without it the peak is that of all transfers. */
function resetPeak(): void {
  try {
    writeFileSync("/proc/self/clear_refs", "5");
  } catch {
    // Not Linux.
  }
}

function peak(): number {
  try {
    const [, kilobytes] =
      /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "latin1")) ?? [];
    if (kilobytes !== undefined) return Number(kilobytes) * 1_024;
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS * 1_024;
}

process.stdout.write(`${JSON.stringify({ kind: "ready" })}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  const task = JSON.parse(line) as TransferTask;
  const answer = client[task.operation] === undefined ? { kind: "absent" } : await transfer(task);
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await client.close();
process.exit(0);
