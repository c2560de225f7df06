import { crypto } from "../builtin/crypto.ts";
import type { CompileOptions } from "../protocol/protocol.ts";
import type { ServiceRules } from "../rules/service-rules.ts";
import type { SessionOptions } from "./options.ts";

const { randomUUID } = crypto;

/** How a client's operations are compiled, and the name by which equal ones are shared. */
export function compileOptionsOf(
  options: SessionOptions,
  rules: ServiceRules | undefined,
): { readonly compileOptions: CompileOptions; readonly shapesKey: string | undefined } {
  const generateCode = options.generateCode ?? mayGenerateCode();
  const base: CompileOptions = { generateCode, newToken: randomUUID };
  const native = options.nativeValues;
  if (native === undefined || native === false || rules?.customShapes === undefined) {
    return { compileOptions: base, shapesKey: "" };
  }
  const values = native === true ? {} : native;
  const compileOptions = { ...base, customShapes: rules.customShapes(values) };
  const { numbers = "auto", convertClassInstances = false } = values;
  // A function of the caller's is not shared.
  const shapesKey =
    typeof numbers === "function"
      ? undefined
      : `native ${numbers} ${String(convertClassInstances)}`;
  return { compileOptions, shapesKey };
}

let allowed: boolean | undefined;

/** Whether the process allows code from strings (`--disallow-code-generation-from-strings`). */
function mayGenerateCode(): boolean {
  if (allowed === undefined) {
    try {
      // oxlint-disable-next-line typescript/no-implied-eval -- only this says whether it is allowed
      allowed = new Function("return true")() as boolean;
    } catch {
      allowed = false;
    }
  }
  return allowed;
}
