/** A step of a path into an item: the name of an attribute or member, or the index of a list. */
export type PathStep = string | number;

/**
 * Where in an item a value is: `"address.lines[0]"`, or its steps one by one, for names with dots or
 * brackets in them: `["address.home", "lines", 0]`.
 */
export type AttributePath = string | readonly PathStep[];

/** Source: Amazon DynamoDB Developer Guide, "Naming rules": a name of an attribute has 1 to 65,535 bytes. */
const nameLengthMax = 65_535;

/**
 * The steps of a path. Text is split at `.` and `[n]`, as in DynamoDB's document paths.
 * @throws TypeError for a path with an empty name, an index that is none, or no name to begin with.
 */
export function pathSteps(path: AttributePath): readonly PathStep[] {
  const steps = typeof path === "string" ? textSteps(path) : listSteps(path);
  if (typeof steps === "string") {
    const shown = typeof path === "string" ? `"${path}"` : (JSON.stringify(path) ?? String(path));
    throw new TypeError(`Cannot use the attribute path ${shown}: ${steps}`);
  }
  return steps;
}

/** The steps, or what is wrong. */
function textSteps(text: string): readonly PathStep[] | string {
  const steps: PathStep[] = [];
  for (const part of text.split(".")) {
    const [, name = "", indexes = ""] = /^([^[\]]+)((?:\[\d+\])*)$/.exec(part) ?? [];
    if (name === "") {
      return 'it needs names, with "." between them and [n] behind them; give names with dots or brackets in them as a list of steps: ["a.b", 0]';
    }
    steps.push(name);
    for (const [, index] of indexes.matchAll(/\[(\d+)\]/g)) steps.push(Number(index));
  }
  return listSteps(steps);
}

function listSteps(steps: readonly PathStep[]): readonly PathStep[] | string {
  if (!Array.isArray(steps) || typeof steps[0] !== "string") return "it must begin with a name";
  for (const step of steps as readonly unknown[]) {
    if (typeof step === "number" && Number.isSafeInteger(step) && step >= 0) continue;
    if (typeof step !== "string") return "a step is a name or the index of a list, from 0";
    if (step === "") return "a name must not be empty";
    if (step.length > nameLengthMax) return `a name has at most ${nameLengthMax} bytes`;
  }
  return [...steps];
}
