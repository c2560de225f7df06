import { crypto } from "../builtin/crypto.ts";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { parseExpiration } from "./expiration.ts";
import { parseSecretJson } from "./json-credentials.ts";
import type { Environment } from "../configuration/shared-configuration.ts";
import type { ChainContext } from "./provider.ts";

const { createHash, randomUUID } = crypto;

/** A token is renewed from this long before its end (BC). */
const REFRESH_WINDOW_MS = 15 * 60_000;

/** A sign-in to IAM Identity Center, as `aws sso login` caches it. */
export interface SsoSignIn {
  /** `sso_session`; absent for a profile of the old form. */
  readonly session: string | undefined;
  readonly startUrl: string;
  readonly region: string;
}

/**
 * The access token of a sign-in, renewed if it ends soon and its session allows that.
 * @returns why there is none: the user has to sign in again.
 */
export async function ssoAccessToken(
  context: ChainContext,
  signIn: SsoSignIn,
): Promise<{ readonly token: string } | string> {
  const path = ssoCachePath(context.environment, signIn.session ?? signIn.startUrl);
  const cached = await readCache(path);
  const expires = parseExpiration(cached?.["expiresAt"]);
  if (cached === undefined || typeof cached["accessToken"] !== "string" || expires === undefined) {
    return "there is no sign-in in the cache";
  }
  const left = expires.getTime() - context.clock.now();
  if (left > 0 && (signIn.session === undefined || left > REFRESH_WINDOW_MS)) {
    return { token: cached["accessToken"] };
  }
  if (signIn.session !== undefined) {
    const renewed = await renew(context, signIn, cached, path);
    if (typeof renewed !== "string") return renewed;
    if (left <= 0) return `the sign-in ended at ${expires.toISOString()} and ${renewed}`;
    return { token: cached["accessToken"] };
  }
  return `the sign-in ended at ${expires.toISOString()}`;
}

/** Where the AWS CLI keeps the token of a session's name or of a start URL. */
export function ssoCachePath(environment: Environment, name: string): string {
  const home = environment["HOME"] || environment["USERPROFILE"] || homedir();
  const file = `${createHash("sha1").update(name).digest("hex")}.json`;
  return join(home, ".aws", "sso", "cache", file);
}

async function readCache(path: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    return parseSecretJson(await readFile(path, "utf8"));
  } catch {
    return undefined;
  }
}

/** @returns why it cannot be renewed. */
async function renew(
  context: ChainContext,
  { startUrl, region }: SsoSignIn,
  cached: Readonly<Record<string, unknown>>,
  path: string,
): Promise<{ readonly token: string } | string> {
  const { clientId, clientSecret, refreshToken, registrationExpiresAt } = cached;
  const registered = parseExpiration(registrationExpiresAt);
  if (!clientId || !clientSecret || !refreshToken || registered === undefined) {
    return "cannot be renewed";
  }
  const now = context.clock.now();
  if (registered.getTime() <= now) return "its registration has ended too";
  let output: Record<string, unknown>;
  try {
    const input = { grantType: "refresh_token", clientId, clientSecret, refreshToken };
    output = await context.callOperation("sso-oidc", "CreateToken", input, {
      region,
      credentials: false,
      session: context.session,
    });
  } catch (error) {
    return `cannot be renewed: ${error instanceof Error ? error.message : String(error)}`;
  }
  const { accessToken, expiresIn } = output;
  if (typeof accessToken !== "string" || typeof expiresIn !== "number") {
    return "cannot be renewed: the answer has no token";
  }
  const renewed = {
    ...cached,
    startUrl,
    region,
    accessToken,
    expiresAt: isoSeconds(now + 1000 * expiresIn),
    refreshToken: output["refreshToken"] ?? refreshToken,
  };
  await writeCache(context, path, renewed);
  return { token: accessToken };
}

/** As the AWS CLI writes times: without fractions. */
function isoSeconds(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}

/** Whole or not at all, since the AWS CLI and other SDKs read it too; a failure costs one renewal. */
async function writeCache(context: ChainContext, path: string, value: unknown): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(draft, JSON.stringify(value), { mode: 0o600, flag: "wx" });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    const { code } = error as NodeJS.ErrnoException;
    context.logger?.warn(`Cannot keep the renewed SSO token in "${path}": ${code}`);
  }
}
