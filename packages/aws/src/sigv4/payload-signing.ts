import { crypto } from "../builtin/crypto.ts";

const { hash } = crypto;

/** SHA-256 of nothing: the payload hash of a request without body. */
export const EMPTY_PAYLOAD_HASH =
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/** What stands in place of a digest when the payload is not hashed before it is sent. */
export type PayloadWord =
  | "UNSIGNED-PAYLOAD"
  | "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
  | "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
  | "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
  | "STREAMING-AWS4-HMAC-SHA256-EVENTS";

/** What decides how a payload is signed. */
export interface PayloadFacts {
  /** S3 and its kin. */
  readonly s3: boolean;
  readonly https: boolean;
  /** `stream`: a source of bytes, read while it is sent. */
  readonly body: "none" | "bytes" | "stream" | "events";
  /** The stream can be read twice, so it can be hashed before it is sent. */
  readonly replayable?: boolean | undefined;
  /** A checksum or `content-md5` header is sent. */
  readonly checksumHeader?: boolean | undefined;
  /** A checksum follows the body. */
  readonly checksumTrailer?: boolean | undefined;
  /** The operation's input has a streaming member. */
  readonly streamingInput?: boolean | undefined;
  /** The model says that the payload is not signed (`unsignedPayload`, `v4-unsigned-body`). */
  readonly unsignedOperation?: boolean | undefined;
  /** The caller's wish: `true` always hashes, `false` never over HTTPS. */
  readonly payloadSigning?: boolean | undefined;
}

/**
 * How the payload is signed: `hash` (of the body's bytes; of a stream after reading it once), or
 * the word that is sent instead. A stream to another service than S3 that cannot be read twice
 * gives `UNSIGNED-PAYLOAD`.
 */
export function choosePayloadSigning(facts: PayloadFacts): "hash" | PayloadWord {
  if (facts.body === "events") return "STREAMING-AWS4-HMAC-SHA256-EVENTS";
  if (facts.body === "none") return "hash";
  const unsigned = mayBeUnsigned(facts);
  if (facts.body === "bytes") return unsigned ? "UNSIGNED-PAYLOAD" : "hash";
  if (facts.checksumTrailer && facts.s3) {
    return unsigned
      ? "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
      : "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
  }
  if (unsigned) return "UNSIGNED-PAYLOAD";
  if (facts.replayable) return "hash";
  return facts.s3 ? "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" : "UNSIGNED-PAYLOAD";
}

/** Without TLS nothing but the signature protects the payload. */
function mayBeUnsigned(facts: PayloadFacts): boolean {
  if (!facts.https || facts.payloadSigning === true) return false;
  if (facts.payloadSigning === false || facts.unsignedOperation) return true;
  if (!facts.s3) return false;
  if (facts.body === "stream") return true;
  return facts.checksumHeader === true && facts.streamingInput === true;
}

/** Payload hash of a body that is in memory. */
export function payloadHash(body: string | Uint8Array | undefined): string {
  if (body === undefined || body.length === 0) return EMPTY_PAYLOAD_HASH;
  return hash("sha256", body);
}
