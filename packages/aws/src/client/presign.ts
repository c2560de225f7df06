import { encodeStrict } from "../sigv4/canonical-path.ts";
import { presignRequest } from "../sigv4/presign.ts";
import type { Credentials, CredentialSource } from "../credentials/credentials.ts";
import type { Input, RequestDraft } from "../protocol/protocol.ts";
import type { BoundEndpoint } from "./bound-endpoint.ts";
import type { BoundOperation } from "./bound-operation.ts";
import type { PresignOptions } from "./client-types.ts";
import type { Engine } from "./engine.ts";
import { CredentialsError } from "./errors.ts";
import { writeRequest } from "./write-request.ts";

/**
 * A URL with which anybody can make this call until it expires. Nothing is sent. An operation whose
 * input is a document becomes a GET with the input in its query, as STS and Polly take it.
 * @throws ParamValidationError
 * @throws RangeError for an `expiresIn` that AWS refuses.
 * @throws CredentialsError when there are none.
 */
export async function presign(
  engine: Engine,
  operation: string,
  input: Input,
  options: PresignOptions = {},
): Promise<string> {
  const placed = placedFor(engine, input, options);
  if (placed.awaitsCredentials()) await placed.parts.credentials?.resolve();
  const written = writePresigned(engine, operation, input, options);
  if (written.source?.current() === undefined) await written.source?.resolve();
  return presignWritten(written, options);
}

/** As `presign`. @throws CredentialsError when they are not at hand. */
export function presignNow(
  engine: Engine,
  operation: string,
  input: Input,
  options: PresignOptions,
): string {
  return presignWritten(writePresigned(engine, operation, input, options), options);
}

/** A request that becomes a URL when it is signed. */
export interface WrittenUrl {
  readonly engine: Engine;
  readonly operation: BoundOperation;
  readonly draft: RequestDraft;
  readonly endpoint: BoundEndpoint;
  readonly source: CredentialSource | undefined;
  /** The caller gave the type of the content, so it is signed. */
  readonly signContentType: boolean;
}

/** Writes the request of a URL. @throws ParamValidationError */
export function writePresigned(
  engine: Engine,
  name: string,
  given: Input,
  options: PresignOptions,
): WrittenUrl {
  const placed = placedFor(engine, given, options);
  const operation = placed.operation(name);
  const { input, draft, endpoint } = writeRequest(placed, operation, given);
  if (!operation.hasStreamingInput && draft.method === "POST") moveBodyToQuery(operation, draft);
  // Only S3 takes a URL's body unseen; elsewhere the signature would be that of an empty one.
  if (!endpoint.s3 && hasBody(draft)) throw bodyRefused(operation);
  const source = placed.rules?.credentials?.(placed, input, endpoint) ?? placed.parts.credentials;
  const signContentType = given["ContentType"] !== undefined;
  return { engine: placed, operation, draft, endpoint, source, signContentType };
}

/** A region that the caller names is in the URL, whatever is known of the input. */
function placedFor(engine: Engine, input: Input, options: PresignOptions): Engine {
  return options.region === undefined ? engine.placed(input, options) : engine.variant(options);
}

/** Signs the request of a URL. @throws CredentialsError when they are not at hand. */
export function presignWritten(written: WrittenUrl, { expiresIn }: PresignOptions): string {
  const { engine, operation, draft, endpoint, source, signContentType } = written;
  if (endpoint.signs && endpoint.signer === undefined) {
    throw new TypeError(
      `Cannot presign ${operation.name}: its requests carry a token, not a signature`,
    );
  }
  const credentials = credentialsOf(engine, operation.name, source);
  const { origin, s3, target } = endpoint;
  const { signingRegion, signingRegionSet, signingName, disableDoubleEncoding, scheme } =
    target.auth;
  const { query } = presignRequest(draft, credentials, {
    region: signingRegion,
    regionSet: signingRegionSet,
    service: signingName,
    pathAsSent: disableDoubleEncoding,
    tokenHeader: scheme === "sigv4-s3express" ? "x-amz-s3session-token" : "x-amz-security-token",
    payloadHash: s3 ? "UNSIGNED-PAYLOAD" : undefined,
    signContentType,
    expiresIn,
    nowMs: Date.now() + engine.clockOffsetMs,
  });
  return `${origin.protocol}//${origin.hostHeader}${draft.path}?${query}`;
}

/** The input of an operation that is sent as a document goes into the query. */
function moveBodyToQuery(operation: BoundOperation, draft: RequestDraft): void {
  const { body, headers, query } = draft;
  const type = headers[headers.indexOf("content-type") + 1] ?? "";
  if (typeof body !== "string" || body === "") return;
  if (type.startsWith("application/x-www-form-urlencoded")) query.push(...body.split("&"));
  else if (type === "application/json") query.push(...pairsOf(body));
  else throw bodyRefused(operation);
  draft.method = "GET";
  draft.body = undefined;
  const at = headers.indexOf("content-type");
  headers.splice(at, 2);
}

function hasBody({ body }: RequestDraft): boolean {
  if (body === undefined) return false;
  return typeof body === "string" || body instanceof Uint8Array ? body.length > 0 : true;
}

function bodyRefused({ name }: BoundOperation): TypeError {
  return new TypeError(`Cannot presign ${name}: its input cannot be sent in a URL`);
}

function pairsOf(json: string): string[] {
  const document = JSON.parse(json) as Record<string, unknown>;
  return Object.entries(document).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((each) => {
      const text = typeof each === "string" ? each : JSON.stringify(each);
      return `${encodeStrict(name)}=${encodeStrict(text)}`;
    }),
  );
}

/** The credentials that can be used without waiting. @throws CredentialsError */
export function credentialsOf(
  engine: Engine,
  operation: string,
  source: CredentialSource | undefined = engine.parts.credentials,
): Credentials {
  const credentials = source?.current();
  if (credentials !== undefined) return credentials;
  const reason =
    source === undefined
      ? 'the option "credentials" is false'
      : "the credentials are not at hand yet: await a call, or use the asynchronous form";
  throw new CredentialsError(`Cannot presign ${operation}: ${reason}`);
}
