/** Words that stand for others, e.g. `{port}` for `8080`, or `{runtime}` for a whole command. */
export type Placeholders = Readonly<Record<string, readonly string[]>>;

/**
 * Splits a command line into its words: at spaces, except inside single or double quotes. There is no
 * shell: nothing else has a meaning.
 *
 * @throws {TypeError} when there is no word, or a quote is not closed.
 */
export function splitCommandLine(text: string): string[] {
  const words = [...text.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map(([word]) =>
    word.replaceAll(/"([^"]*)"|'([^']*)'/g, "$1$2"),
  );
  const unquoted = text.replaceAll(/"[^"]*"|'[^']*'/g, "");
  if (words.length === 0 || /["']/.test(unquoted)) {
    throw new TypeError(`Cannot read a command: '${text}' is empty or has an open quote`);
  }
  return words;
}

/**
 * Fills placeholders in. A word that is nothing but a placeholder becomes all its words; inside a longer
 * word they are joined by spaces. Braces around other names stay.
 */
export function fillPlaceholders(words: readonly string[], values: Placeholders): string[] {
  return words.flatMap((word) => {
    const whole = /^\{(\w+)\}$/.exec(word)?.[1];
    const all = whole === undefined ? undefined : values[whole];
    if (all !== undefined) return all;
    return [word.replaceAll(/\{(\w+)\}/g, (text, name: string) => values[name]?.join(" ") ?? text)];
  });
}
