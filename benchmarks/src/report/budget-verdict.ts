/** One line of the design's quality budget, and what was measured. */
export interface BudgetVerdict {
  readonly what: string;
  readonly budget: string;
  readonly measured: string;
  readonly verdict: "pass" | "miss" | "not measured";
  /** What the fastest floor reached in the same run. */
  readonly lowerBound?: string | undefined;
}
