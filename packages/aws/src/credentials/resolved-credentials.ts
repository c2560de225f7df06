import type { Credentials } from "./credentials.ts";

/** What may stand in a header and in a signature's scope: printable ASCII without blanks. */
const PRINTABLE = /^[\x21-\x7e]+$/;
const HIDDEN = "(hidden)";
const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/**
 * Checks credentials and gives them as a frozen object of its own. Its secrets can be read as
 * properties (and survive a spread), but `util.inspect` and `JSON.stringify` show `(hidden)` for
 * them: an object that is logged by mistake tells nothing.
 * @param origin who gave them, as the error names it: `the option "credentials"`.
 * @throws TypeError that names the member and never shows a value.
 */
export function resolvedCredentials(value: unknown, origin: string): Credentials {
  if (typeof value !== "object" || value === null) {
    throw new TypeError(`Cannot use credentials of ${origin}: ${kindOf(value)} is no object`);
  }
  const given = value as Readonly<Record<string, unknown>>;
  const accessKeyId = text(given, "accessKeyId", origin);
  const secretAccessKey = text(given, "secretAccessKey", origin);
  const sessionToken = optionalText(given, "sessionToken", origin);
  const expiration = expirationOf(given, origin);
  const accountId = optionalText(given, "accountId", origin);
  const credentials: Credentials = {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken !== undefined && { sessionToken }),
    ...(expiration !== undefined && { expiration }),
    ...(accountId !== undefined && { accountId }),
  };
  Object.defineProperties(credentials, { [INSPECT]: { value: shown }, toJSON: { value: shown } });
  return Object.freeze(credentials);
}

/** Whether two resolutions gave the same keys. */
export function sameKeys(one: Credentials, other: Credentials): boolean {
  return (
    one.accessKeyId === other.accessKeyId &&
    one.secretAccessKey === other.secretAccessKey &&
    one.sessionToken === other.sessionToken
  );
}

/** What `inspect` and JSON show. */
function shown(this: Credentials): Record<string, unknown> {
  return {
    ...this,
    secretAccessKey: HIDDEN,
    ...(this.sessionToken !== undefined && { sessionToken: HIDDEN }),
  };
}

function text(given: Readonly<Record<string, unknown>>, name: string, origin: string): string {
  const value = given[name];
  const subject = `Cannot use credentials of ${origin}: "${name}"`;
  if (value === undefined || value === null || value === "") {
    throw new TypeError(`${subject} is missing`);
  }
  if (typeof value !== "string") {
    throw new TypeError(`${subject} is ${kindOf(value)}, not a string`);
  }
  if (!PRINTABLE.test(value)) {
    throw new TypeError(
      `${subject} has a blank, a line break or another character that is no key's`,
    );
  }
  return value;
}

function optionalText(
  given: Readonly<Record<string, unknown>>,
  name: string,
  origin: string,
): string | undefined {
  const value = given[name];
  return value === undefined || value === null || value === ""
    ? undefined
    : text(given, name, origin);
}

function expirationOf(given: Readonly<Record<string, unknown>>, origin: string): Date | undefined {
  const value = given["expiration"];
  if (value === undefined || value === null) return undefined;
  if (!(value instanceof Date) || Number.isNaN(value.getTime())) {
    throw new TypeError(`Cannot use credentials of ${origin}: "expiration" is no valid Date`);
  }
  return new Date(value);
}

function kindOf(value: unknown): string {
  return value === null ? "null" : `a value of type ${typeof value}`;
}
