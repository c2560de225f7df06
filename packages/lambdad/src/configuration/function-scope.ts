import { nameOf, type OptionRule } from "./option-rule.ts";
import { quoted } from "./quoted.ts";
import type { OptionSource } from "./read-options.ts";

/** Stands before the placeholder of a value that may be given for one function. */
export const namePrefix = "[NAME=]";

/** Tells the values for one function from those for all: `--memory 512 --memory big=2048`. */
export class FunctionScope {
  readonly #source: OptionSource;
  readonly #rules: readonly OptionRule[];
  readonly #names: ReadonlySet<string>;

  /**
   * @param rules - Those whose placeholder has room for a name have values for one function.
   * @param names - The functions that there are.
   */
  constructor(source: OptionSource, rules: readonly OptionRule[], names: readonly string[]) {
    this.#source = source;
    this.#rules = rules.filter(({ placeholder = "" }) => placeholder.startsWith(namePrefix));
    this.#names = new Set(names);
  }

  /** Values for functions that there are not. */
  get problems(): readonly string[] {
    return this.#rules.flatMap((rule) =>
      this.#texts(rule)
        .filter((text) => this.#isForNobody(rule, text))
        .map((text) => {
          const name = quoted(text.slice(0, text.indexOf("=")));
          return `${nameOf(rule)} is given for ${name}: no --function has that name`;
        }),
    );
  }

  /** What holds for every function. */
  get shared(): OptionSource {
    return this.#narrowed((texts) => texts);
  }

  /** What holds for one function: its own values come last, and so win over the shared ones. */
  of(name: string): OptionSource {
    return this.#narrowed((shared, rule) => {
      const own = this.#texts(rule).filter((text) => this.#nameIn(text) === name);
      return [...shared, ...own.map((text) => text.slice(name.length + 1))];
    });
  }

  /** `pick` gets the values for all functions. */
  #narrowed(
    pick: (shared: readonly string[], rule: OptionRule) => readonly string[],
  ): OptionSource {
    const flags = new Map(this.#source.flags);
    for (const rule of this.#rules) {
      const shared = this.#texts(rule).filter(
        (text) => this.#nameIn(text) === undefined && !this.#isForNobody(rule, text),
      );
      const texts = pick(shared, rule);
      if (rule.flag === undefined) continue;
      if (texts.length > 0) flags.set(rule.flag, texts);
      else flags.delete(rule.flag);
    }
    return { flags, variables: this.#source.variables };
  }

  #texts({ flag }: OptionRule): readonly string[] {
    return (flag === undefined ? undefined : this.#source.flags.get(flag)) ?? [];
  }

  /** The function that a value is meant for; `undefined`: all of them. */
  #nameIn(text: string): string | undefined {
    const name = text.slice(0, Math.max(0, text.indexOf("=")));
    return this.#names.has(name) ? name : undefined;
  }

  /** A name that there is not, before a value that has no equals sign of its own. */
  #isForNobody({ type }: OptionRule, text: string): boolean {
    return (
      type !== "text" && type !== "list" && text.includes("=") && this.#nameIn(text) === undefined
    );
  }
}
