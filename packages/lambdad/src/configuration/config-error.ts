/**
 * The options or variables are wrong. Nothing was started.
 *
 * One error names every problem, each with the option or variable, what it allows and what it was
 * (`HO-13`). Values of secrets are never in it.
 */
export class ConfigError extends Error {
  override readonly name: string = "ConfigError";
  readonly code = "invalid_config";
  /** Sentences without a final period, one for each problem. */
  readonly problems: readonly string[];
  /** What to type to see what is allowed, e.g. `lambdad run --help`. */
  readonly help: string;

  constructor(problems: readonly string[], help: string = "lambdad --help") {
    super(`Cannot start: ${problems.join("; ")}`);
    this.problems = problems;
    this.help = help;
  }
}
