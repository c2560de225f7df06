import { type Checkout, isModelData, isWrittenByHand, type SourceFile } from "./tidy-rule.ts";

const linesMax = 400;
const code = /\.(?:[cm]?[jt]s|py|go|rs|sh)$/;

/** A file of more than 400 lines has more than one subject. */
export function checkLength({ files }: Checkout): readonly string[] {
  return files.filter(({ path }) => code.test(path) && isWrittenByHand(path)).flatMap(tooLong);
}

function tooLong({ path, text }: SourceFile): string[] {
  const lines = text.split("\n").length - 1;
  return lines <= linesMax ? [] : [`${path}: ${lines} lines, at most ${linesMax}`];
}

// Each with one bracket: this file is checked too.
const unfinished = /\b(?:T[O]DO|F[I]XME|X[X]X)\b/;

/** What is left to do is an issue, not a comment. */
export function checkUnfinished({ files }: Checkout): readonly string[] {
  return findLines(files.filter(isOurs), (line) => unfinished.exec(line)?.[0]);
}

const machinePaths = [
  /\/(?:Users|home)\/(?!sbx_)\w+/,
  /(?<![\w./])\/root\/[\w.]/,
  /\b[A-Z]:\\Users\\\w+/,
];

/**
 * A path of one machine works on no other.
 *
 * @param ownRoot where this checkout is.
 */
export function checkMachinePaths({ files }: Checkout, ownRoot: string): readonly string[] {
  return findLines(files.filter(isOurs), (line) =>
    line.includes(ownRoot) ? ownRoot : firstMatch(machinePaths, line),
  );
}

const registries = [
  /"resolved":\s*"(?:https?|git[+\w]*):[^"]*"/,
  /\/\/registry\.[\w.-]+/,
  /\bregistry\s*=\s*"?https?:/,
  /--(?:registry|index-url|extra-index-url)[= ]\s*https?:/,
  /\bGOPROXY=https?:/,
];

/**
 * Which registry is used is the reader's setting, never the repository's.
 *
 * @param ownHost host of the registry that this machine is set to, `undefined` when it is not known.
 */
export function checkRegistries(
  { files }: Checkout,
  ownHost: string | undefined,
): readonly string[] {
  return findLines(files, (line) => {
    if (ownHost !== undefined && line.includes(ownHost)) return ownHost;
    return firstMatch(registries, line);
  });
}

/** AWS's paths and words are its own: operations at `/Users`, values like those. */
function isOurs({ path }: SourceFile): boolean {
  return !isModelData(path);
}

function firstMatch(patterns: readonly RegExp[], line: string): string | undefined {
  for (const pattern of patterns) {
    const match = pattern.exec(line);
    if (match !== null) return match[0];
  }
  return undefined;
}

function findLines(
  files: readonly SourceFile[],
  find: (line: string) => string | undefined,
): readonly string[] {
  return files.flatMap(({ path, text }) =>
    text.split("\n").flatMap((line, index) => {
      const found = find(line);
      return found === undefined ? [] : [`${path}:${index + 1}: '${found}'`];
    }),
  );
}
