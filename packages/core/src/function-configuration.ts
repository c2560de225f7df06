/** What the platform knows of one function. */
export interface FunctionConfiguration {
  readonly name: string;
  /** `$LATEST` unless told otherwise. */
  readonly version: string;
  readonly region: string;
  /** Twelve digits. */
  readonly accountId: string;
  /** The handler as configured; empty when the runtime command brings its own. */
  readonly handler: string;
  readonly memorySizeMb: number;
  readonly timeoutMs: number;
}

/** `arn:aws:lambda:<region>:<account>:function:<name>`, with a qualifier when one is given. */
export function functionArn(
  configuration: Pick<FunctionConfiguration, "name" | "region" | "accountId">,
  qualifier?: string,
): string {
  const { name, region, accountId } = configuration;
  const arn = `arn:aws:lambda:${region}:${accountId}:function:${name}`;
  return qualifier === undefined ? arn : `${arn}:${qualifier}`;
}
