import { ParamValidationError } from "../client/errors.ts";
import type { OperationModel } from "../model/model.ts";
import type { Input } from "./protocol.ts";

/**
 * Compiles the host prefix of an operation (`{AccountId}.`); `undefined` when it has none. The
 * function throws a `ParamValidationError` when a label is not one of a host name (RFC 1123), so that
 * an input can never choose another host.
 */
export function compileHostPrefix(
  operation: OperationModel,
): ((input: Input) => string) | undefined {
  const prefix = operation.hostPrefix;
  if (prefix === undefined || prefix === "") return undefined;
  if (!prefix.includes("{")) return () => prefix;
  const parts = prefix.split(/\{([^}]*)\}/);
  return (input) => {
    let host = parts[0] ?? "";
    for (let at = 1; at < parts.length; at += 2) {
      const name = parts[at] ?? "";
      host += hostLabel(operation.name, name, input[name]) + (parts[at + 1] ?? "");
    }
    return host;
  };
}

function hostLabel(operation: string, name: string, value: unknown): string {
  if (typeof value === "string" && hostLabelPattern.test(value)) return value;
  throw new ParamValidationError(operation, [
    {
      path: name,
      message: "must be a label of a host name: letters, digits and hyphens, up to 63",
    },
  ]);
}

const hostLabelPattern = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;
