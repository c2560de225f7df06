import type { CredentialsError } from "../client/errors.ts";
import { jsonCredentials, parseSecretJson } from "./json-credentials.ts";
import {
  MetadataFailure,
  type MetadataRequest,
  metadataRequest,
  type MetadataResponse,
} from "./metadata-request.ts";
import { profileSetting } from "./profile-setting.ts";
import { providerError } from "./provided.ts";
import type { ChainContext, Provided } from "./provider.ts";
import { redact } from "./redact.ts";

const PROVIDER = "instance-metadata";
const ENDPOINTS = { ipv4: "http://169.254.169.254", ipv6: "http://[fd00:ec2::254]" } as const;
const TOKEN_PATH = "latest/api/token";
const TOKEN_SECONDS = "21600";
const ROLE_PATH = "latest/meta-data/iam/security-credentials/";
const REGION_PATH = "latest/meta-data/placement/region";
const TIMEOUT_SECONDS = 1;
const ATTEMPTS = 1;
/** The service says that it has no tokens: an old one, or one behind a proxy. */
const NO_TOKENS: ReadonlySet<number> = new Set([403, 404, 405]);

/** What says how the service is reached. */
type MetadataContext = Pick<ChainContext, "environment" | "files" | "profile">;

/** How the service is reached. */
interface MetadataService {
  /** Ends with `/`. */
  readonly endpoint: URL;
  readonly timeoutMs: number;
  readonly attempts: number;
  readonly v1Disabled: boolean;
}

/**
 * Asks the metadata service of the EC2 instance for its role's credentials, with a session token
 * (IMDSv2), and without one where the service has none and v1 is not disabled. Credentials that the
 * service hands out although they have ended are kept in use (static stability).
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-imds-credentials.html
 */
export async function instanceMetadataCredentials(
  context: ChainContext,
): Promise<Provided | string> {
  if (isDisabled(context)) return "AWS_EC2_METADATA_DISABLED is true";
  const service = metadataService(context);
  try {
    const headers = await tokenHeaders(service);
    const role = (await read(service, ROLE_PATH, headers)).trim().split("\n", 1)[0] ?? "";
    const answer = await read(service, `${ROLE_PATH}${pathPart(role)}`, headers);
    const json = parseSecretJson(answer);
    if (json === undefined) throw failure("its credentials are no JSON object");
    if (json["AccessKeyId"] === undefined && json["Code"] !== undefined) {
      throw failure(
        redact(`${JSON.stringify(json["Code"])} ${JSON.stringify(json["Message"] ?? "")}`),
      );
    }
    const origin = "the instance metadata service";
    const given = jsonCredentials(json, { provider: PROVIDER, origin, tokenMember: "Token" });
    const ended = (given.credentials.expiration?.getTime() ?? Infinity) <= context.clock.now();
    return ended ? { ...given, extended: true } : given;
  } catch (error) {
    if (error instanceof MetadataFailure) throw failure(error.message);
    throw error;
  }
}

/** Regions by the metadata service that said them: an instance stays where it is. */
const knownRegions = new Map<string, string>();

/**
 * Asks the metadata service in which region the instance is; once, if it answers.
 * @throws CredentialsError when it cannot be asked or gives no answer.
 */
export async function instanceRegion(context: MetadataContext): Promise<string> {
  if (isDisabled(context)) throw failure("AWS_EC2_METADATA_DISABLED is true");
  const service = metadataService(context);
  const known = knownRegions.get(service.endpoint.href);
  if (known !== undefined) return known;
  try {
    const region = (await read(service, REGION_PATH, await tokenHeaders(service))).trim();
    knownRegions.set(service.endpoint.href, region);
    return region;
  } catch (error) {
    if (error instanceof MetadataFailure) throw failure(error.message);
    throw error;
  }
}

function isDisabled({ environment }: MetadataContext): boolean {
  return isTrue(environment["AWS_EC2_METADATA_DISABLED"]);
}

function metadataService({ environment, files, profile }: MetadataContext): MetadataService {
  const setting = (variable: string, key: string): string | undefined =>
    environment[variable] || profileSetting(files, profile, key);
  const mode = setting(
    "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
    "ec2_metadata_service_endpoint_mode",
  );
  const given = setting("AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint");
  const endpoint = given ?? (mode?.toLowerCase() === "ipv6" ? ENDPOINTS.ipv6 : ENDPOINTS.ipv4);
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw failure(`AWS_EC2_METADATA_SERVICE_ENDPOINT "${redact(endpoint)}" is no HTTP URL`);
  }
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  const timeout = setting("AWS_METADATA_SERVICE_TIMEOUT", "metadata_service_timeout");
  const attempts = setting("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "metadata_service_num_attempts");
  return {
    endpoint: url,
    timeoutMs: 1000 * positive(timeout, TIMEOUT_SECONDS, "metadata_service_timeout"),
    attempts: Math.ceil(positive(attempts, ATTEMPTS, "metadata_service_num_attempts")),
    v1Disabled: isTrue(setting("AWS_EC2_METADATA_V1_DISABLED", "ec2_metadata_v1_disabled")),
  };
}

/** A role's name as it stands in the path: IAM allows nothing that had to be encoded. */
function pathPart(role: string): string {
  return /^[\w+=,.@-]+$/.test(role) ? role : encodeURIComponent(role);
}

async function tokenHeaders(
  service: MetadataService,
): Promise<Readonly<Record<string, string>> | undefined> {
  const token = await sessionToken(service);
  return token === undefined ? undefined : { "x-aws-ec2-metadata-token": token };
}

/** @returns `undefined` where there are no tokens, and v1 may be used. */
async function sessionToken(service: MetadataService): Promise<string | undefined> {
  const url = new URL(TOKEN_PATH, service.endpoint);
  const headers = { "x-aws-ec2-metadata-token-ttl-seconds": TOKEN_SECONDS };
  let reason: string;
  try {
    const request = { method: "PUT", url, headers, timeoutMs: service.timeoutMs } as const;
    const { status, text } = await send(service, request);
    const token = text.trim();
    if (status === 200 && /^[\x21-\x7e]+$/.test(token)) return token;
    reason = `it gives no session token (status ${status})`;
    if (status !== 200 && status < 500 && !NO_TOKENS.has(status)) throw failure(reason);
  } catch (error) {
    // A token's answer has a hop limit of its own and can get lost on the way into a container.
    if (!(error instanceof MetadataFailure) || !error.connected) throw error;
    reason = `it gives no session token (${error.message})`;
  }
  if (service.v1Disabled) throw failure(`${reason}, and version 1 is disabled`);
  return undefined;
}

async function read(
  service: MetadataService,
  path: string,
  headers: Readonly<Record<string, string>> | undefined,
): Promise<string> {
  const url = new URL(path, service.endpoint);
  const { status, text } = await send(service, { url, headers, timeoutMs: service.timeoutMs });
  if (status === 404 && path === ROLE_PATH) throw failure("the instance has no role");
  if (status !== 200 || text.trim() === "") {
    throw failure(
      `it answered with status ${status}${status === 200 ? " and no body" : ""} to ${url.pathname}`,
    );
  }
  return text;
}

/** Asks again, as often as is configured, when there is no answer or a server's error. */
async function send(service: MetadataService, request: MetadataRequest): Promise<MetadataResponse> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const response = await metadataRequest(request);
      if (response.status < 500 || attempt >= service.attempts) return response;
    } catch (error) {
      if (attempt >= service.attempts) throw error;
    }
  }
}

function positive(text: string | undefined, fallback: number, name: string): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (value > 0 && value <= 60) return value;
  throw failure(`${name} "${text}" is no number above 0 and up to 60`);
}

function isTrue(text: string | undefined): boolean {
  return text?.toLowerCase() === "true";
}

function failure(reason: string): CredentialsError {
  return providerError(PROVIDER, `Cannot use the instance metadata service: ${reason}`);
}
