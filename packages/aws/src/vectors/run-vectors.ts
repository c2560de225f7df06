import { cborVectors } from "./cbor-vectors.ts";
import { vectorExceptions } from "./exceptions.ts";
import { runInputCase } from "./input-case.ts";
import { runOutputCase } from "./output-case.ts";
import { type ProtocolCase, readProtocolCases } from "./protocol-case.ts";
import { signatureVectors } from "./signature-vectors.ts";
import type { Vector } from "./vector.ts";

/** What came of the cases in a folder. */
export interface VectorReport {
  readonly passed: number;
  /** Name of each case that failed, and why, on one line. */
  readonly failures: readonly string[];
  /** Cases that differ on purpose. */
  readonly excused: number;
}

/** Runs every case of the folder: protocols both ways and on both back ends, CBOR, signatures. */
export async function runVectors(folder: string): Promise<VectorReport> {
  const vectors: readonly Vector[] = [
    ...readProtocolCases(folder, "input").map((each) => protocolVector(each, runInputCase)),
    ...readProtocolCases(folder, "output").map((each) => protocolVector(each, runOutputCase)),
    ...cborVectors(folder),
    ...signatureVectors(folder),
  ];
  const excuses = new Map(vectorExceptions.map(({ name, reason }) => [name, reason]));
  const failures: string[] = [];
  let passed = 0;
  let excused = 0;
  for (const vector of vectors) {
    const wrong = await outcomeOf(vector);
    if (excuses.has(vector.name)) {
      if (wrong === undefined) failures.push(`${vector.name}: passes, but is among the exceptions`);
      else excused++;
    } else if (wrong === undefined) passed++;
    else failures.push(`${vector.name}: ${wrong}`);
  }
  return { passed, failures, excused };
}

function protocolVector(
  each: ProtocolCase,
  run: (each: ProtocolCase, generateCode: boolean) => Promise<string | undefined>,
): Vector {
  return {
    name: each.name,
    async run() {
      const generated = await run(each, true);
      if (generated !== undefined) return generated;
      const closures = await run(each, false);
      return closures === undefined ? undefined : `with closures: ${closures}`;
    },
  };
}

async function outcomeOf(vector: Vector): Promise<string | undefined> {
  try {
    return await vector.run();
  } catch (error) {
    return `threw ${String(error).replaceAll("\n", " ")}`;
  }
}
