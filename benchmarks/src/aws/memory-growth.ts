import { setTimeout as delay } from "node:timers/promises";
import type { MemorySample } from "../measure/measurement.ts";
import type { AwsLoad, BenchmarkCall } from "./aws-load-run.ts";

const firstCalls = 1_000;
const settleMs = 500;
const errorTextsMax = 5;

/** Resident memory after the first thousand calls, and after all of them. */
export async function measureGrowth(
  call: BenchmarkCall,
  { calls, inFlight, expected }: AwsLoad & { readonly calls: number },
): Promise<MemorySample> {
  const errorTexts: string[] = [];
  let errors = 0;
  let peakBytes = 0;

  async function make(total: number): Promise<void> {
    let left = total;
    const slot = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        try {
          const result = await call();
          if (result !== expected) throw new Error(`a result of ${result} instead of ${expected}`);
        } catch (error) {
          errors += 1;
          if (errorTexts.length < errorTextsMax) errorTexts.push(String(error));
          await delay(10);
        }
        if (left % 1_000 === 0) peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
      }
    };
    await Promise.all(Array.from({ length: inFlight }, slot));
    await delay(settleMs);
  }

  await make(firstCalls);
  const idleBytes = process.memoryUsage.rss();
  await make(Math.max(0, calls - firstCalls));
  const afterBytes = process.memoryUsage.rss();
  peakBytes = Math.max(peakBytes, idleBytes, afterBytes);
  return { kind: "memory", idleBytes, peakBytes, afterBytes, calls, errors, errorTexts };
}
