// Makes many ListRoots calls at once, more than AWS Organizations allows, and shows what retries they took.
//
// node list-roots.ts [--calls N] [--max-attempts N] [--no-quota] [--adaptive]
//                    [--rate N] [--burst N] [--aws]
import { parseArgs } from "node:util";
import { ServiceError, Session } from "@lambdad/aws";
import { startStandIn } from "./stand-in.ts";

const { values } = parseArgs({
  options: {
    calls: { type: "string", default: "20" },
    "max-attempts": { type: "string", default: "100" },
    // Without the quota of retries nothing but --max-attempts ends them.
    "no-quota": { type: "boolean", default: false },
    // The client finds out how often it may call, and calls no more often.
    adaptive: { type: "boolean", default: false },
    // What the stand-in allows: calls a second, and how many at once after a pause.
    rate: { type: "string", default: "1" },
    burst: { type: "string", default: "4" },
    // Your organization in place of the stand-in.
    aws: { type: "boolean", default: false },
  },
});

function amount(name: "calls" | "max-attempts" | "rate" | "burst"): number {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value > 0) return value;
  throw new RangeError(`--${name} must be a whole number from 1: it is '${values[name]}'`);
}

const calls = amount("calls");
const standIn = values.aws
  ? undefined
  : await startStandIn({ rate: amount("rate"), burst: amount("burst") });

const session = new Session({
  region: "us-east-1",
  ...(standIn !== undefined && {
    endpoint: standIn.url,
    credentials: { accessKeyId: "EXAMPLE", secretAccessKey: "example" },
  }),
});
const organizations = session.client("organizations", {
  maxAttempts: amount("max-attempts"),
  retryMode: values.adaptive ? "adaptive" : "standard",
  ...(values["no-quota"] && { retry: { quota: false } }),
});

const startedAt = performance.now();
const seconds = (ms: number): string => (ms / 1000).toFixed(1).padStart(5);
let retries = 0;

async function listRoots(call: number): Promise<string> {
  const name = `call ${String(call).padStart(String(calls).length)}`;
  try {
    const { Roots = [], $metadata } = await organizations.listRoots();
    retries += $metadata.attempts - 1;
    const after = seconds(performance.now() - startedAt);
    const { attempts, totalRetryDelay } = $metadata;
    return `${name}  ${after} s  ${attempts} attempts  ${seconds(totalRetryDelay)} s waited  ${Roots[0]?.Id}`;
  } catch (error) {
    // Errors have `$metadata` too. All others than the service's own end the program.
    if (!(error instanceof ServiceError)) throw error;
    const { attempts = 1, retryQuotaExceeded = false } = error.$metadata ?? {};
    retries += attempts - 1;
    process.exitCode = 1;
    const after = seconds(performance.now() - startedAt);
    const why = retryQuotaExceeded ? ", the quota of retries was empty" : "";
    return `${name}  ${after} s  ${attempts} attempts  ${error.name}${why}`;
  }
}

const lines = await Promise.all(Array.from({ length: calls }, (_, index) => listRoots(index + 1)));
await session.close();
await standIn?.close();
for (const line of lines) console.log(line);

const failed = lines.filter((line) => !line.endsWith("r-ab12")).length;
const took = ((performance.now() - startedAt) / 1000).toFixed(1);
console.log(`${calls} calls, ${failed} failed, ${retries} retries, ${took} s`);
