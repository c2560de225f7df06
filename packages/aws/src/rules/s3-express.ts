import type { BoundEndpoint } from "../client/bound-endpoint.ts";
import type { Engine } from "../client/engine.ts";
import { provided } from "../credentials/provided.ts";
import type { CredentialClock, Provided } from "../credentials/provider.ts";
import { RefreshingSource } from "../credentials/refreshing-source.ts";
import type { CredentialSource } from "../credentials/credentials.ts";
import type { Input } from "../protocol/protocol.ts";

/** Buckets whose sessions one client keeps. Source: botocore's `S3ExpressIdentityCache`. */
const sessionsMax = 100;

const sessions = new WeakMap<Engine, Map<string, CredentialSource>>();

/** The machine's time, as it is when it is asked for. */
const clock: CredentialClock = {
  now: () => Date.now(),
  sleep: (ms) => new Promise((resolve) => void setTimeout(resolve, ms)),
  random: Math.random,
};

/**
 * The keys of a bucket of S3 Express One Zone: those of a session with it, which are made by
 * `CreateSession`, last five minutes and are renewed before their end. `undefined`: the client's own
 * keys do. Source: aws-client.md §7.7.
 */
export function expressCredentials(
  engine: Engine,
  input: Input,
  { target }: BoundEndpoint,
): CredentialSource | undefined {
  if (target.auth.scheme !== "sigv4-s3express") return undefined;
  const bucket = String(input["Bucket"]);
  let buckets = sessions.get(engine);
  if (buckets === undefined) sessions.set(engine, (buckets = new Map()));
  let source = buckets.get(bucket);
  if (source === undefined) {
    if (buckets.size >= sessionsMax) buckets.clear();
    source = new RefreshingSource({
      provide: () => createSession(engine, bucket),
      clock,
      logger: engine.parts.options.logger,
    });
    buckets.set(bucket, source);
  }
  return source;
}

async function createSession(engine: Engine, bucket: string): Promise<Provided> {
  const { Credentials } = await engine.call("CreateSession", { Bucket: bucket });
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = (Credentials ??
    {}) as Readonly<Record<string, unknown>>;
  return provided("S3 Express session", `the session with bucket "${bucket}"`, {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
    expiration: Expiration,
  });
}
