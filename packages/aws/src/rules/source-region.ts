import type { BoundOperation } from "../client/bound-operation.ts";
import type { Engine } from "../client/engine.ts";
import { presignWritten, writePresigned } from "../client/presign.ts";
import { encodeStrict } from "../sigv4/canonical-path.ts";
import type { Input } from "../protocol/protocol.ts";
import type { ServiceRules } from "./service-rules.ts";

/**
 * Copies from another region need a URL that is signed for that region. Source: aws-client.md §17,
 * botocore's `inject_presigned_url_ec2` and `inject_presigned_url_rds`.
 */
export function sourceRegionRules(
  operations: readonly string[],
  url: "PresignedUrl" | "PreSignedUrl" = "PreSignedUrl",
): ServiceRules {
  // EC2 is told both regions; the others know the source by the URL alone.
  const keepsRegions = url === "PresignedUrl";
  const sourceOf = ({ name }: BoundOperation, input: Input): string | undefined => {
    const region = operations.includes(name) ? input["SourceRegion"] : undefined;
    return typeof region === "string" && region !== "" ? region : undefined;
  };
  return {
    ready(operation, input, engine) {
      if (sourceOf(operation, input) === undefined || !engine.awaitsCredentials()) return undefined;
      return engine.parts.credentials?.resolve();
    },
    input(operation, input, engine) {
      const source = sourceOf(operation, input);
      if (source === undefined || inputsOfUrls.has(input)) return input;
      const { SourceRegion, ...others } = input;
      const sent: Record<string, unknown> = keepsRegions ? { ...others, SourceRegion } : others;
      const { region } = engine;
      if (keepsRegions && input[url] === undefined) sent["DestinationRegion"] = region;
      if (input[url] !== undefined || engine.parts.credentials === undefined) return sent;
      return { ...sent, [url]: copyUrl(engine, operation.name, sent, source) };
    },
  };
}

/** Inputs of URLs: they get no URL of their own. */
const inputsOfUrls = new WeakSet<Input>();

/** The URL of the same copy, as the source's region is asked for it. */
function copyUrl(engine: Engine, operation: string, sent: Input, region: string): string {
  const input = { ...sent };
  inputsOfUrls.add(input);
  const written = writePresigned(engine, operation, input, { region });
  if (input["DestinationRegion"] === undefined) {
    written.draft.query.push(`DestinationRegion=${encodeStrict(engine.region ?? "")}`);
  }
  return presignWritten(written, {});
}
