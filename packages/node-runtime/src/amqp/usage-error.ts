/** A command line, or a variable, that is wrong: every problem that was found, a sentence each. */
export class UsageError extends Error {
  override readonly name: string = "UsageError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[], options?: ErrorOptions) {
    super(`Cannot start the runtime: ${problems.join("; ")}`, options);
    this.problems = problems;
  }
}

/** What a wrong command line is answered with. */
export function usageText({ problems }: UsageError): string {
  const lines = problems.map((problem) => `lambda-runtime: ${problem}\n`);
  return `${lines.join("")}Type 'lambda-runtime --help' for help.\n`;
}
