// One client of AWS in a process of its own, spoken to in lines: each line is an `AwsLoad`, each answer
// an `EchoResult`. Arguments: the module of the client, the URL of the stand-in, the folder of the peers.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import {
  type AwsLoad,
  type BenchmarkClient,
  type BenchmarkCall,
  AwsLoadRun,
} from "./aws-load-run.ts";
import { measureGrowth } from "./memory-growth.ts";

const [modulePath = "", endpoint = "", peers = ""] = process.argv.slice(2);

const { open } = (await import(pathToFileURL(modulePath).href)) as {
  readonly open: (options: { endpoint: string; peers: string }) => Promise<BenchmarkClient>;
};
const client = await open({ endpoint, peers });
const calls = new Map<string, BenchmarkCall | undefined>();

/** Clients are made once for each operation: making them is no part of a call. */
function callOf({ operation, size }: AwsLoad): BenchmarkCall | undefined {
  const name = `${operation} ${size}`;
  if (!calls.has(name)) calls.set(name, client.call(operation, size));
  return calls.get(name);
}

process.stdout.write(`${JSON.stringify({ kind: "ready" })}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  const load = JSON.parse(line) as AwsLoad;
  const call = callOf(load);
  const answer =
    call === undefined
      ? { kind: "absent" }
      : load.calls === undefined
        ? await new AwsLoadRun(load, call).run()
        : await measureGrowth(call, { ...load, calls: load.calls });
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await client.close();
process.exit(0);
