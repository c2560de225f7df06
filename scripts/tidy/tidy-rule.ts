import type { Workspace } from "../repository.ts";

/** One committed file. */
export interface SourceFile {
  /** Path below the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** Everything a rule may look at. */
export interface Checkout {
  readonly files: readonly SourceFile[];
  readonly workspaces: readonly Workspace[];
}

/** Recorded payloads and generated code keep the form they came in. */
export function isWrittenByHand(path: string): boolean {
  return (
    !/(?:^|\/)(?:testdata|generated)\//.test(path) &&
    !isModelData(path) &&
    !/(?:^|\/)[\w.-]*lock(?:\.\w+)?$/i.test(path)
  );
}

/** Whether the file was made from AWS's models by `npm run models`. */
export function isModelData(path: string): boolean {
  return /^packages\/aws\/(?:models|services|types)\//.test(path);
}

/** Whether the file is a test, or part of what only tests use. */
export function isTest(path: string): boolean {
  return path.endsWith(".test.ts") || path.startsWith("packages/testkit/");
}
