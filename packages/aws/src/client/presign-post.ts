import type { Input } from "../protocol/protocol.ts";
import { type PostCondition, postPolicyFields } from "../sigv4/post-policy.ts";
import type { PresignedPost, PresignPostInput } from "./client-types.ts";
import type { Engine } from "./engine.ts";
import { ParamValidationError } from "./errors.ts";
import { credentialsOf } from "./presign.ts";

/** Makes the form of an upload to S3. Nothing is sent. @throws ParamValidationError */
export async function presignPost(engine: Engine, input: PresignPostInput): Promise<PresignedPost> {
  const { Bucket, Key } = input;
  const missing = (["Bucket", "Key"] as const).filter((name) => !input[name]);
  if (missing.length > 0) {
    const problems = missing.map((path) => ({ path, message: "is required" }));
    throw new ParamValidationError("presignPost", problems);
  }
  if (engine.awaitsCredentials()) await engine.parts.credentials?.resolve();
  const { origin, basePath, target } = engine
    .operation("HeadBucket")
    .endpointOf({ Bucket } satisfies Input, "");
  const fields = postPolicyFields(
    {
      bucket: Bucket,
      key: Key,
      region: target.auth.signingRegion,
      service: target.auth.signingName,
      fields: input.Fields,
      conditions: input.Conditions as readonly PostCondition[] | undefined,
      expiresIn: input.expiresIn,
      nowMs: Date.now() + engine.clockOffsetMs,
    },
    credentialsOf(engine, "presignPost"),
  );
  return { url: `${origin.protocol}//${origin.hostHeader}${basePath}/`, fields };
}
