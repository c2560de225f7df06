import type { ServiceError } from "../client/errors.ts";
import { compileExpression } from "../expression/compile-expression.ts";
import { equalValues } from "../expression/values.ts";
import type { Acceptor, WaiterModel } from "../model/model.ts";
import type { Output } from "../protocol/protocol.ts";

/** How an attempt ended: with an output, or with an error of the service. */
export type Outcome =
  | { readonly output: Output; readonly error?: undefined }
  | { readonly output?: undefined; readonly error: ServiceError };

/** An acceptor, ready to judge outcomes. */
export interface CompiledAcceptor {
  readonly state: Acceptor["state"];
  /** What it looks for, as errors say it. */
  readonly meaning: string;
  matches(outcome: Outcome): boolean;
}

const compiled = new WeakMap<WaiterModel, readonly CompiledAcceptor[]>();

/** Compiles the acceptors of a waiter, once. @throws TypeError for an expression that is not understood. */
export function compileAcceptors(model: WaiterModel): readonly CompiledAcceptor[] {
  let known = compiled.get(model);
  if (known === undefined) {
    known = model.acceptors.map(compileAcceptor);
    compiled.set(model, known);
  }
  return known;
}

function compileAcceptor(acceptor: Acceptor): CompiledAcceptor {
  const { state, matcher, argument = "", expected } = acceptor;
  const value = JSON.stringify(expected);
  if (matcher === "status") {
    const matches = (outcome: Outcome): boolean => statusOf(outcome) === expected;
    return { state, meaning: `status ${value}`, matches };
  }
  if (matcher === "error") {
    const matches = ({ error }: Outcome): boolean => isError(error, expected);
    return { state, meaning: `error ${value}`, matches };
  }
  const found = compileExpression(argument);
  const holds = HOLDS[matcher];
  const meaning = `${matcher === "path" ? "" : `${matcher} `}${argument} is ${value}`;
  const matches = ({ output }: Outcome): boolean =>
    output !== undefined && holds(found(output), expected);
  return { state, meaning, matches };
}

const HOLDS: Readonly<
  Record<"path" | "pathAll" | "pathAny", (found: unknown, expected: unknown) => boolean>
> = {
  path: equalValues,
  pathAll: (found, expected) =>
    Array.isArray(found) && found.length > 0 && found.every((item) => equalValues(item, expected)),
  pathAny: (found, expected) =>
    Array.isArray(found) && found.some((item) => equalValues(item, expected)),
};

function statusOf({ output, error }: Outcome): unknown {
  if (error !== undefined) return error.statusCode;
  const { $metadata } = output as { readonly $metadata?: { readonly httpStatusCode?: unknown } };
  return $metadata?.httpStatusCode;
}

/** @param expected a code, `true` for any error, `false` for none. */
function isError(error: ServiceError | undefined, expected: unknown): boolean {
  if (typeof expected === "boolean") return expected === (error !== undefined);
  return error !== undefined && (error.code === expected || error.name === expected);
}
