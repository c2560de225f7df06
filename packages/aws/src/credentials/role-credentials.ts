import { parseExpiration } from "./expiration.ts";
import { provided, providerError } from "./provided.ts";
import type { Provided } from "./provider.ts";

/** What STS answers to `AssumeRole` and its sisters. */
export interface AssumedRole {
  readonly provider: string;
  readonly roleArn: string;
  readonly output: Readonly<Record<string, unknown>>;
}

/** The credentials of an assumed role; the account is the one of the role's session. */
export function roleCredentials({ provider, roleArn, output }: AssumedRole): Provided {
  const keys = asRecord(output["Credentials"]);
  if (keys === undefined) {
    throw providerError(
      provider,
      `Cannot assume role "${roleArn}": the answer of STS has no Credentials`,
    );
  }
  const arn = asRecord(output["AssumedRoleUser"])?.["Arn"];
  return provided(provider, `role "${roleArn}"`, {
    accessKeyId: keys["AccessKeyId"],
    secretAccessKey: keys["SecretAccessKey"],
    sessionToken: keys["SessionToken"],
    expiration: parseExpiration(keys["Expiration"]),
    accountId: typeof arn === "string" ? arn.split(":")[4] : undefined,
  });
}

/** Name of a session that nobody named: unique enough to be found in logs. */
export function defaultSessionName(now: number): string {
  return `lambdad-session-${now}`;
}

/** The object, if it is one. */
export function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}
