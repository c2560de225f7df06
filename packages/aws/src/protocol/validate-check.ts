import { type ParamProblem, ParamValidationError } from "../client/errors.ts";
import type { Member, StructureShape } from "../model/model.ts";
import type { CustomShape } from "./protocol.ts";
import { unknownVariant } from "./unknown-variant.ts";
import { nearestName } from "./validate-nearest.ts";
import { eventsRule, kindRule, listRule, objectRule, type KindRule } from "./validate-kind.ts";

/** An input can have no end of problems; more than these help nobody. */
const problemsMax = 50;

type Fields = Readonly<Record<string, unknown>>;

/** Looks at an input member by member and says what is wrong. */
export class InputCheck {
  readonly #customShapes: ReadonlyMap<string, CustomShape> | undefined;
  readonly #problems: ParamProblem[] = [];
  #writesCustom = false;

  constructor(customShapes: ReadonlyMap<string, CustomShape> | undefined) {
    this.#customShapes = customShapes;
  }

  /** Problems of a whole input. Never throws. */
  problems(shape: StructureShape, input: unknown): ParamProblem[] | undefined {
    return this.#guarded(() => this.#structure(shape, input, ""));
  }

  /** Problems of a whole input, those included that values of custom shapes have. Never throws. */
  allProblems(shape: StructureShape, input: unknown): ParamProblem[] | undefined {
    this.#writesCustom = true;
    return this.problems(shape, input);
  }

  /** Problems of the labels of the path alone. Never throws. */
  labelProblems(labels: StructureShape, input: unknown): ParamProblem[] | undefined {
    return this.#guarded(() => {
      if (!this.#accepts(objectRule, input, "")) return;
      for (const member of labels.members) {
        const value = this.#read(input as Fields, member.name, member.name);
        this.#label(member, value, member.name);
      }
    });
  }

  #guarded(check: () => void): ParamProblem[] | undefined {
    try {
      check();
    } catch (error) {
      const endless = error instanceof RangeError;
      this.#report("", endless ? "is nested too deeply or contains itself" : unreadable(error));
    }
    return this.#problems.length === 0 ? undefined : this.#problems;
  }

  #report(path: string, message: string): void {
    if (this.#problems.length < problemsMax) this.#problems.push({ path, message });
  }

  #accepts(rule: KindRule, value: unknown, path: string): boolean {
    let accepted: boolean;
    try {
      accepted = rule.accepts(value);
    } catch (error) {
      this.#report(path, unreadable(error));
      return false;
    }
    if (!accepted) this.#report(path, `must be ${rule.expected}, not ${describe(value)}`);
    return accepted;
  }

  /** `null` counts as absent. */
  #read(fields: Fields, name: string, path: string): unknown {
    try {
      return fields[name] ?? undefined;
    } catch (error) {
      this.#report(path, unreadable(error));
      return unreadableValue;
    }
  }

  #value(member: Member, value: unknown, path: string): void {
    if (value === unreadableValue || this.#problems.length >= problemsMax) return;
    const { shape } = member;
    if (member.jsonValue === true) return;
    const custom = shape.kind === "structure" ? this.#customShapes?.get(shape.name) : undefined;
    if (custom !== undefined) {
      if (this.#writesCustom) this.#custom(custom, value, path);
      return;
    }
    if (shape.kind === "structure") {
      if (shape.eventStream === true) this.#accepts(eventsRule, value, path);
      else this.#structure(shape, value, path);
    } else if (shape.kind === "list") {
      if (!this.#accepts(listRule, value, path)) return;
      for (let index = 0; index < (value as unknown[]).length; index++) {
        const itemPath = `${path}[${index}]`;
        const item = this.#read(value as Fields, String(index), itemPath);
        if (item !== undefined) this.#value(shape.member, item, itemPath);
      }
    } else if (shape.kind === "map") {
      if (!this.#accepts(objectRule, value, path)) return;
      for (const key of Object.keys(value as Fields)) {
        const entryPath = `${path}${mapKey(key)}`;
        const entry = this.#read(value as Fields, key, entryPath);
        if (entry !== undefined) this.#value(shape.value, entry, entryPath);
      }
    } else this.#accepts(kindRule(member), value, path);
  }

  /** Only to write such a value says what is wrong with it. */
  #custom(shape: CustomShape, value: unknown, path: string): void {
    try {
      shape.write(value);
    } catch (error) {
      if (!(error instanceof ParamValidationError)) throw error;
      for (const problem of error.problems) {
        const isMember = problem.path !== "" && !problem.path.startsWith("[");
        this.#report(isMember ? join(path, problem.path) : path + problem.path, problem.message);
      }
    }
  }

  #structure(shape: StructureShape, value: unknown, path: string): void {
    if (!this.#accepts(objectRule, value, path)) return;
    const fields = value as Fields;
    let set = 0;
    for (const member of shape.members) {
      const memberPath = join(path, member.name);
      const field = this.#read(fields, member.name, memberPath);
      if (member.location === "uri") this.#label(member, field, memberPath);
      else if (field === undefined && member.required === true && !member.idempotencyToken) {
        this.#report(memberPath, "is required");
      }
      if (field === undefined) continue;
      set++;
      this.#value(member, field, memberPath);
    }
    // What a service answered can be given back to it.
    const variant = shape.union === true && unknownVariant(fields) !== undefined;
    if (variant) set++;
    this.#unknown(shape, fields, path, variant);
    if (shape.union === true && set !== 1) {
      const names = shape.members.map(({ name }) => name).join(", ");
      this.#report(path, `must have exactly one of ${names} set, not ${set}`);
    }
  }

  #unknown(shape: StructureShape, fields: Fields, path: string, variant: boolean): void {
    for (const name of Object.keys(fields)) {
      if (this.#problems.length >= problemsMax) return;
      if (shape.members.some((member) => member.name === name)) continue;
      if (variant && name === "$unknown") continue;
      const memberPath = join(path, name);
      if (this.#read(fields, name, memberPath) === undefined) continue;
      const names = shape.members.map((member) => member.name);
      const nearest = nearestName(name, names);
      const hint = nearest === undefined ? "" : `; did you mean "${nearest}"?`;
      this.#report(memberPath, `is not a member of ${shape.name}${hint}`);
    }
  }

  #label(member: Member, value: unknown, path: string): void {
    const generated = value === undefined && member.idempotencyToken === true;
    if ((value === undefined && !generated) || value === "") {
      this.#report(path, "must not be empty, it is part of the request's path");
    }
  }
}

const unreadableValue = Symbol("unreadable");

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

function mapKey(key: string): string {
  return /^[A-Za-z_][A-Za-z0-9_-]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

function unreadable(error: unknown): string {
  let reason = "an error without text";
  try {
    reason = error instanceof Error ? error.message : String(error);
  } catch {
    // A thrown object may refuse to be text.
  }
  return `cannot be read: ${reason}`;
}

/** The kind of a value, never the value: it may be a secret. */
function describe(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object") return objectName(value);
  if (typeof value === "number") {
    if (Number.isNaN(value)) return "NaN";
    return Number.isInteger(value) ? "a number" : "a number with a fraction";
  }
  return `a ${typeof value}`;
}

function objectName(value: object): string {
  try {
    if (value instanceof Date && Number.isNaN(value.getTime())) return "an invalid Date";
    const name: unknown = value.constructor?.name;
    return typeof name === "string" && name !== "Object" && name !== "" ? `a ${name}` : "an object";
  } catch {
    return "an object";
  }
}
