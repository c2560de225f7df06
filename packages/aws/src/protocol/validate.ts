import type { ParamProblem } from "../client/errors.ts";
import type { StructureShape } from "../model/model.ts";
import { compileInputTest } from "./validate-test.ts";
import { InputCheck } from "./validate-check.ts";
import type { CustomShape } from "./protocol.ts";

/** Says what is wrong with an input; `undefined`: nothing. Never throws. */
export type Validator = (input: unknown) => ParamProblem[] | undefined;

/** How a validator is compiled. */
export interface ValidatorOptions {
  /** Shapes whose values follow rules of their own and are not looked into. */
  readonly customShapes?: ReadonlyMap<string, CustomShape> | undefined;
  /** Test inputs with generated code first. Default: false. */
  readonly generateCode?: boolean | undefined;
}

/**
 * Compiles the check of an operation's inputs: required members, unknown members, kinds of values,
 * labels of the path, unions. A generated test accepts what is right at once; what it does not accept
 * is looked at member by member.
 */
export function compileValidator(
  input: StructureShape,
  { customShapes, generateCode = false }: ValidatorOptions = {},
): Validator {
  const test = generateCode ? compileInputTest(input, customShapes) : undefined;
  return (value) => {
    try {
      if (test !== undefined && test(value)) return undefined;
    } catch {
      // A getter threw, or the input never ends: the check says where.
    }
    return new InputCheck(customShapes).problems(input, value);
  };
}

/** Where in an input the values of custom shapes are that cannot be written; after one could not be. */
export function customProblems(
  input: StructureShape,
  value: unknown,
  customShapes: ReadonlyMap<string, CustomShape> | undefined,
): readonly ParamProblem[] {
  return new InputCheck(customShapes).allProblems(input, value) ?? [];
}

/**
 * Compiles the check of the labels of the path only, for calls without validation: an absent key must never
 * turn the deletion of an object into that of its bucket. `undefined` without labels.
 */
export function compileLabelCheck(input: StructureShape): Validator | undefined {
  const members = input.members.filter(({ location }) => location === "uri");
  if (members.length === 0) return undefined;
  const labels: StructureShape = { kind: "structure", name: input.name, members };
  return (value) => new InputCheck(undefined).labelProblems(labels, value);
}
