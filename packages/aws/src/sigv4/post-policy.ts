import type { Credentials } from "../credentials/credentials.ts";
import { EXPIRES_IN_DEFAULT } from "./presign.ts";
import { signingKey, signText } from "./signing-key.ts";
import { signingTime } from "./signing-time.ts";

/** A condition as S3's policies have them. */
export type PostCondition =
  | Readonly<Record<string, string>>
  | readonly [operator: string, field: string, value: string]
  | readonly ["content-length-range", number, number];

/** What a form may upload. */
export interface PostPolicyOptions {
  readonly bucket: string;
  /** May end in `${filename}`: then any name with what is before it. */
  readonly key: string;
  readonly region: string;
  /** Default `s3`. */
  readonly service?: string | undefined;
  /** Further fields of the form, each one a condition too unless `conditions` has one for it. */
  readonly fields?: Readonly<Record<string, string>> | undefined;
  readonly conditions?: readonly PostCondition[] | undefined;
  /** Seconds; default an hour. */
  readonly expiresIn?: number | undefined;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
}

const FILENAME = "${filename}";

/**
 * The fields of an HTML form that uploads to S3, signed. S3 refuses a form with fields that no
 * condition names, so every field is a condition.
 *
 * @throws RangeError for an `expiresIn` that is not a positive number of seconds.
 */
export function postPolicyFields(
  options: PostPolicyOptions,
  credentials: Credentials,
): Record<string, string> {
  const { bucket, key, region, nowMs, expiresIn = EXPIRES_IN_DEFAULT } = options;
  if (!(Number.isFinite(expiresIn) && expiresIn > 0)) {
    throw new RangeError(
      `Cannot sign a form for ${expiresIn} seconds: expiresIn must be a number above 0`,
    );
  }
  const time = signingTime(nowMs);
  const signing = signingKey(
    credentials.secretAccessKey,
    time.slice(0, 8),
    region,
    options.service ?? "s3",
  );
  const conditions: PostCondition[] = [...(options.conditions ?? []), { bucket }];
  conditions.push(
    key.endsWith(FILENAME) ? ["starts-with", "$key", key.slice(0, -FILENAME.length)] : { key },
  );
  const named = namedFields(conditions);
  for (const [name, value] of Object.entries(options.fields ?? {})) {
    if (!named.has(name.toLowerCase())) conditions.push({ [name]: value });
  }
  const signed: Record<string, string> = {
    "x-amz-algorithm": "AWS4-HMAC-SHA256",
    "x-amz-credential": `${credentials.accessKeyId}/${signing.scope}`,
    "x-amz-date": time,
  };
  if (credentials.sessionToken) signed["x-amz-security-token"] = credentials.sessionToken;
  for (const [name, value] of Object.entries(signed)) conditions.push({ [name]: value });
  const expiration = new Date(nowMs + expiresIn * 1000).toISOString();
  const policy = Buffer.from(JSON.stringify({ expiration, conditions })).toString("base64");
  return {
    ...options.fields,
    key,
    ...signed,
    policy,
    "x-amz-signature": signText(signing.key, policy),
  };
}

/** Names of the fields, in lower case, that conditions are about. */
function namedFields(conditions: readonly PostCondition[]): Set<string> {
  const names = new Set<string>();
  for (const condition of conditions) {
    if (isTriple(condition)) {
      const field = condition[1];
      if (typeof field === "string") names.add(field.replace(/^\$/, "").toLowerCase());
    } else {
      for (const name of Object.keys(condition)) names.add(name.toLowerCase());
    }
  }
  return names;
}

function isTriple(
  condition: PostCondition,
): condition is Exclude<PostCondition, Readonly<Record<string, string>>> {
  return Array.isArray(condition);
}
