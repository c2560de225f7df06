import { crypto } from "../builtin/crypto.ts";
import { type Checksum, createChecksum } from "../checksum/checksum.ts";
import type { RequestChecksum } from "../checksum/request-checksum.ts";
import type { Credentials } from "../credentials/credentials.ts";
import type { RequestDraft, StreamingInput } from "../protocol/protocol.ts";
import { type BodySource, bodySource } from "../request-body/body-source.ts";
import { addAwsChunkedHeaders, awsChunked } from "../sigv4/aws-chunked.ts";
import { ChunkSigner } from "../sigv4/chunk-signer.ts";
import { choosePayloadSigning, type PayloadWord } from "../sigv4/payload-signing.ts";
import { signingTime } from "../sigv4/signing-time.ts";
import type { StreamingBody } from "../transport/transport.ts";
import type { Call } from "./call.ts";
import { ParamValidationError } from "./errors.ts";
import { addChecksumHeaders, requestChecksum } from "./request-payload.ts";
import { unknownLength } from "./unknown-length.ts";

const { createHash } = crypto;

/** Words that stand for chunks which are signed one by one. */
const signedChunks: ReadonlySet<string> = new Set([
  "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
  "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
]);

/** The body of a call that is not in memory: a file, a stream, anything that yields bytes. */
export class StreamPayload {
  readonly source: BodySource;
  readonly #call: Call;
  readonly #length: number | undefined;
  readonly #trailer: RequestChecksum | undefined;
  readonly #word: PayloadWord | "hash";

  constructor(
    call: Call,
    source: BodySource,
    length: number | undefined,
    trailer: RequestChecksum | undefined,
    word: PayloadWord | "hash",
  ) {
    this.#call = call;
    this.source = source;
    this.#length = length;
    this.#trailer = trailer;
    this.#word = word;
  }

  /** Whether another attempt can send it. */
  get replayable(): boolean {
    return this.source.replayable || !this.source.taken;
  }

  /** The body of the next attempt. @param seed signature of its request. */
  body(seed: string): StreamingBody {
    const { source } = this;
    const plain: StreamingBody = {
      length: this.#length,
      open: () => source.send?.() ?? source.open(),
    };
    const trailer = this.#trailer;
    const signs = signedChunks.has(this.#word);
    if (!signs && trailer === undefined) return plain;
    return awsChunked(plain, {
      trailer: trailer && { name: trailer.name, algorithm: trailer.algorithm },
      signer: signs ? () => this.#chunkSigner(seed) : undefined,
    });
  }

  #chunkSigner(seedSignature: string): ChunkSigner {
    const { boundEndpoint, engine, credentials, sentAt } = this.#call;
    const time = signingTime(sentAt + engine.clockOffsetMs);
    const key = boundEndpoint.signer?.signingKey(credentials as Credentials, time);
    if (key === undefined) throw new TypeError("Cannot sign chunks without a signer");
    return new ChunkSigner({ key, time, seedSignature });
  }

  discard(): void {
    this.source.discard();
  }
}

/**
 * Prepares a body that is not in memory: its length, its checksum and how it is signed. A body that
 * can be read twice is read once here where its digest must go before it.
 * @throws ParamValidationError when the length is needed and not known.
 */
export async function prepareStream(
  call: Call,
  draft: RequestDraft,
  body: StreamingInput,
): Promise<void> {
  const source = call.stream?.source ?? bodySource(body.source);
  const length = source.length ?? call.declaredLength;
  call.stream = new StreamPayload(call, source, length, undefined, "hash");
  checkLength(call, length);
  const checksum = call.operation.mayHaveChecksum
    ? requestChecksum(call, draft, !source.replayable)
    : undefined;
  const trailer = checksum?.place === "trailer" ? checksum : undefined;
  const { signer, s3, https, unsignedPayload } = call.boundEndpoint;
  const word = choosePayloadSigning({
    s3,
    https,
    body: "stream",
    replayable: source.replayable,
    checksumHeader: checksum?.place === "header",
    checksumTrailer: trailer !== undefined,
    streamingInput: true,
    unsignedOperation: unsignedPayload,
    payloadSigning: call.engine.config.payloadSigning || undefined,
  });
  if (signer !== undefined && signedChunks.has(word)) checkChunks(call);
  const hashes = word === "hash" && signer !== undefined;
  const { digest, value } = await readThrough(
    call,
    source,
    hashes,
    checksum?.place === "header" ? checksum : undefined,
  );
  if (checksum !== undefined) addChecksumHeaders(draft.headers, checksum, value);
  if (trailer !== undefined || signedChunks.has(word)) {
    addAwsChunkedHeaders(draft.headers, length ?? 0, trailer?.name);
  }
  // S3 asks for the word also where nothing is signed. Source: botocore's `_set_extra_headers_for_unsigned_request`.
  if (signer === undefined && s3 && trailer !== undefined) {
    draft.headers.push("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
  }
  call.payloadHash = hashes ? digest : word;
  call.stream = new StreamPayload(
    call,
    source,
    length,
    trailer,
    signer === undefined ? "hash" : word,
  );
}

/** Closes a stream that is not going to be sent. */
export function discardStream({ source }: StreamingInput): void {
  bodySource(source).discard();
}

/** S3 needs to know how long a body is before it comes. */
function checkLength({ operation, boundEndpoint }: Call, length: number | undefined): void {
  if (length !== undefined || !(operation.requiresLength || boundEndpoint.s3)) return;
  const path = operation.model.input?.payload ?? "Body";
  throw new ParamValidationError(operation.name, [unknownLength(path)]);
}

/**
 * Chunks that are signed one by one are only for servers that know them: others store them as part
 * of the object (aws-client.md §8).
 */
function checkChunks({ operation, boundEndpoint, engine }: Call): void {
  if (boundEndpoint.aws || engine.config.payloadSigning) return;
  const message = `this stream can be read only once, and over plain HTTP it would have to be signed in chunks, which servers other than AWS's may not know: give bytes, a file, or a function that opens the stream (\`() => createReadStream(path)\`), use "https:", or set the option "payloadSigning" if the server knows them`;
  throw new ParamValidationError(operation.name, [
    { path: operation.model.input?.payload ?? "Body", message },
  ]);
}

/** Reads a source for the digests that go before it. */
async function readThrough(
  call: Call,
  source: BodySource,
  hashes: boolean,
  checksum: RequestChecksum | undefined,
): Promise<{ digest: string; value: string }> {
  if (!hashes && checksum === undefined) return { digest: "", value: "" };
  const sha256 = createHash("sha256");
  const running: Checksum | undefined = checksum && createChecksum(checksum.algorithm);
  for await (const chunk of source.open()) {
    // The call was aborted meanwhile.
    if (call.settled) break;
    if (hashes) sha256.update(chunk);
    running?.update(chunk);
  }
  return { digest: hashes ? sha256.digest("hex") : "", value: running?.digest() ?? "" };
}
