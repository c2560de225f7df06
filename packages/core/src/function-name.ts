import { HostError } from "./host-error.ts";

/** What a caller wrote to name a function, taken apart. Nothing in it has been looked up. */
export interface ParsedFunctionName {
  /** The function's own name, e.g. `my-fn`. */
  readonly name: string;
  /** Version or alias, from the name or from the query; `undefined` when neither had one. */
  readonly qualifier: string | undefined;
  /** Twelve digits, when the caller wrote a partial or a full ARN. */
  readonly accountId: string | undefined;
  /** E.g. `us-west-2`, when the caller wrote a full ARN. */
  readonly region: string | undefined;
}

/** Pattern of a name for read, delete and invoke, as AWS quotes it in its messages (Live 2025). */
const namePattern = String.raw`(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?`;

/** Pattern of a qualifier, as AWS quotes it. */
const qualifierPattern = String.raw`\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+`;

/** The same pattern with only the groups that are read. */
const nameExpression =
  /^(?:arn:(?:aws[a-zA-Z-]*)?:lambda:)?(?:((?:eusc-)?[a-z]{2}(?:-gov|-iso[a-z]?)?-[a-z]+-\d):)?(?:(\d{12}):)?(?:function:)?([a-zA-Z0-9\-_.]+)(?::(\$LATEST(?:\.PUBLISHED)?|[a-zA-Z0-9\-_]+))?$/;

const qualifierExpression = /^(?:\$LATEST(?:\.PUBLISHED)?|[a-zA-Z0-9\-_$]+)$/;

/** Characters of a name in any form: the service model says 256, the Guide says 170 for Invoke. */
const nameLengthMax = 256;

/** Characters of a qualifier (AWS). */
const qualifierLengthMax = 128;

/**
 * Takes apart a function's name: `my-fn`, `my-fn:7`, `function:my-fn`, `123456789012:function:my-fn`
 * or a full ARN, each also with a qualifier; `qualifier` is the one given beside the name.
 *
 * Source: the AWS Lambda API model, and AWS's messages as seen in 2025.
 *
 * @throws {HostError} `ValidationException` when a part breaks its pattern or is too long;
 * `InvalidParameterValueException` when name and `qualifier` disagree.
 */
export function parseFunctionName(text: string, qualifier?: string): ParsedFunctionName {
  const match = text.length > nameLengthMax ? null : nameExpression.exec(text);
  const qualifierFinding = qualifier === undefined ? undefined : checkQualifier(qualifier);
  if (match === null || qualifierFinding !== undefined) {
    const findings: string[] = [];
    if (match === null) findings.push(nameFinding(text));
    if (qualifierFinding !== undefined) findings.push(qualifierFinding);
    throw validationError(findings);
  }
  const [, region, accountId, name = "", derived] = match;
  if (derived !== undefined && qualifier !== undefined && derived !== qualifier) {
    throw new HostError(
      "InvalidParameterValueException",
      "The derived qualifier from the function name does not match the specified qualifier.",
    );
  }
  return { name, qualifier: derived ?? qualifier, accountId, region };
}

function nameFinding(text: string): string {
  if (text.length > nameLengthMax) return tooLong(text, "functionName", nameLengthMax);
  return patternFinding(text, "functionName", namePattern);
}

function checkQualifier(qualifier: string): string | undefined {
  if (qualifier.length > qualifierLengthMax) {
    return tooLong(qualifier, "qualifier", qualifierLengthMax);
  }
  if (qualifierExpression.test(qualifier)) return undefined;
  return patternFinding(qualifier, "qualifier", qualifierPattern);
}

function tooLong(value: string, member: string, lengthMax: number): string {
  return `Value '${value}' at '${member}' failed to satisfy constraint: Member must have length less than or equal to ${lengthMax}`;
}

function patternFinding(value: string, member: string, pattern: string): string {
  return `Value '${value}' at '${member}' failed to satisfy constraint: Member must satisfy regular expression pattern: ${pattern}`;
}

/** AWS's text for one or more findings of its request validation. */
function validationError(findings: readonly string[]): HostError {
  const errors = findings.length === 1 ? "error" : "errors";
  const message = `${findings.length} validation ${errors} detected: ${findings.join("; ")}`;
  return new HostError("ValidationException", message);
}
