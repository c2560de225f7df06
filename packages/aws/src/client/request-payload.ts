import { checksum } from "../checksum/checksum.ts";
import { chooseRequestChecksum, type RequestChecksum } from "../checksum/request-checksum.ts";
import { choosePayloadSigning, EMPTY_PAYLOAD_HASH, payloadHash } from "../sigv4/payload-signing.ts";
import type { RequestDraft } from "../protocol/protocol.ts";
import type { ClientConfiguration } from "../configuration/client-configuration.ts";
import type { HttpRequest } from "../transport/transport.ts";
import type { BoundEndpoint } from "./bound-endpoint.ts";
import type { BoundOperation } from "./bound-operation.ts";
import type { Call } from "./call.ts";
import { headerValue } from "./metadata.ts";

/** Bodies below this are not worth a wait for `100 Continue`. Source: aws-client.md §12. */
const expectContinueBytes = 2 * 1024 * 1024;

/**
 * Compresses, checks and hashes a body that is in memory: adds the headers of its checksum and
 * gives the hash that the signature covers. Done once per call; attempts share it.
 */
export function prepareBytes(
  call: Call,
  draft: RequestDraft,
  body: string | Uint8Array | undefined,
): string {
  const { operation, engine } = call;
  const endpoint = call.boundEndpoint;
  let sent = body;
  if (operation.compresses && body !== undefined) sent = compress(draft, body, engine.config);
  const chosen = operation.mayHaveChecksum ? requestChecksum(call, draft, false) : undefined;
  if (chosen !== undefined) addChecksum(draft.headers, chosen, sent ?? "");
  draft.body = sent;
  return bytesHash(
    operation,
    endpoint,
    chosen?.place === "header",
    sent,
    engine.config.payloadSigning || undefined,
  );
}

/** Whether a body is worth a wait for `100 Continue`: a large one, or one that can be sent only once. */
export function expectsContinue(
  { s3, aws }: BoundEndpoint,
  body: HttpRequest["body"],
  replayable: boolean,
): boolean {
  if (!s3 || !aws || body === undefined) return false;
  return !replayable || (body.length ?? expectContinueBytes) >= expectContinueBytes;
}

/** Compresses a large body of an operation that the model marks for it. */
function compress(
  { headers }: RequestDraft,
  body: string | Uint8Array,
  { disableRequestCompression, requestMinCompressionSizeBytes }: ClientConfiguration,
): string | Uint8Array {
  if (disableRequestCompression || body.length < requestMinCompressionSizeBytes) return body;
  const before = headers.indexOf("content-encoding");
  if (before < 0) headers.push("content-encoding", "gzip");
  else headers[before + 1] = `${headers[before + 1]}, gzip`;
  return process.getBuiltinModule("node:zlib").gzipSync(body);
}

/** The checksum that a call's request gets. */
export function requestChecksum(
  call: Call,
  draft: RequestDraft,
  oneShot: boolean,
): RequestChecksum | undefined {
  const { operation, engine } = call;
  const endpoint = call.boundEndpoint;
  return chooseRequestChecksum(operation.model, {
    mode: engine.config.requestChecksumCalculation,
    algorithm: operation.checksumAlgorithm(call.input),
    algorithmHeader: operation.checksumAlgorithmHeader,
    headers: draft.headers,
    oneShot,
    customEndpoint: !endpoint.aws,
  });
}

function addChecksum(headers: string[], chosen: RequestChecksum, body: string | Uint8Array): void {
  const value = chosen.place === "header" ? checksum(chosen.algorithm, body) : "";
  addChecksumHeaders(headers, chosen, value);
  if (chosen.contentMd5 && headerValue(headers, "content-md5") === undefined) {
    headers.push("content-md5", checksum("MD5", body));
  }
}

/** Adds the headers of a checksum whose value is known, or comes behind the body. */
export function addChecksumHeaders(
  headers: string[],
  chosen: RequestChecksum,
  value: string,
): void {
  if (chosen.algorithmHeader !== undefined) headers.push(chosen.algorithmHeader, chosen.algorithm);
  if (chosen.place === "header") headers.push(chosen.name, value);
}

function bytesHash(
  { hasStreamingInput }: BoundOperation,
  { signer, https, s3, unsignedPayload }: BoundEndpoint,
  checksumHeader: boolean,
  body: string | Uint8Array | undefined,
  payloadSigning: boolean | undefined,
): string {
  if (signer === undefined) return "";
  if (body === undefined) return EMPTY_PAYLOAD_HASH;
  const signing = choosePayloadSigning({
    s3,
    https,
    body: "bytes",
    checksumHeader,
    streamingInput: hasStreamingInput,
    unsignedOperation: unsignedPayload,
    payloadSigning,
  });
  return signing === "hash" ? payloadHash(body) : signing;
}
