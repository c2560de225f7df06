import { BodyChannel } from "../client/body-channel.ts";
import { AbortError } from "../client/errors.ts";
import { ResponseBody } from "../client/response-body.ts";
import type { ContentDecipher } from "./content-decipher.ts";
import { DecryptionError } from "./decryption-error.ts";

/** The plaintext, when all of it is verified. @param bytesMax of plaintext in memory. */
export async function verifiedBody(
  body: ResponseBody,
  decipher: ContentDecipher,
  bytesMax: number,
): Promise<ResponseBody> {
  const pieces: Buffer[] = [];
  let held = 0;
  try {
    for await (const chunk of body) {
      const plain = decipher.update(chunk);
      held += plain.length;
      if (held > bytesMax) throw tooLarge(held, bytesMax);
      pieces.push(plain);
    }
    const rest = decipher.final();
    const [only] = pieces;
    if (rest.length === 0 && pieces.length === 1 && only !== undefined) {
      return new ResponseBody(only);
    }
    pieces.push(rest);
    return new ResponseBody(Buffer.concat(pieces));
  } catch (error) {
    // What nobody vouches for does not stay in memory.
    for (const piece of pieces) piece.fill(0);
    throw error;
  }
}

/** More plaintext than may be held back. */
export function tooLarge(length: number, bytesMax: number): DecryptionError {
  return new DecryptionError(
    "TooLarge",
    `its plaintext has ${length} bytes or more, and ${bytesMax} are held back until they are verified: raise maxBufferBytes, or set delayedAuthentication to be given them before`,
  );
}

/**
 * The plaintext as it comes, with back-pressure; whoever reads it learns at its end, by an error, that
 * it is not what was written. The last piece waits for the tag: whoever counts bytes, as the receiver of
 * a request with this body does, never has the whole of what nobody vouches for.
 *
 * @param length bytes of the plaintext, if known.
 */
export function streamedBody(
  body: ResponseBody,
  decipher: ContentDecipher,
  length: number | undefined,
): ResponseBody {
  const pump = new Pump(body, decipher, length);
  void pump.run();
  const { channel } = pump;
  const forgotten = new AbortError(new Error("Nobody reads the body any more"));
  return new ResponseBody(channel, () => channel.cancel(forgotten));
}

/** Moves a body through a decipher into a channel, at the pace of the channel's reader. */
class Pump {
  readonly channel: BodyChannel;
  readonly #body: ResponseBody;
  readonly #decipher: ContentDecipher;
  /** There while the reader is behind. */
  #gate: PromiseWithResolvers<void> | undefined;
  #aborted = false;

  constructor(body: ResponseBody, decipher: ContentDecipher, length: number | undefined) {
    this.#body = body;
    this.#decipher = decipher;
    this.channel = new BodyChannel(length, undefined, () => {});
    this.channel.attach({
      queuedMs: 0,
      pause: () => {
        this.#gate ??= Promise.withResolvers();
      },
      resume: () => this.#open(),
      abort: () => {
        this.#aborted = true;
        this.#open();
        void this.#body.cancel();
      },
    });
  }

  async run(): Promise<void> {
    const { channel } = this;
    let last: Buffer | undefined;
    try {
      for await (const chunk of this.#body) {
        if (this.#aborted) return;
        const plain = this.#decipher.update(chunk);
        if (plain.length === 0) continue;
        if (last !== undefined) channel.push(last);
        last = plain;
        if (this.#gate !== undefined) await this.#gate.promise;
      }
      if (this.#aborted) return;
      const rest = this.#decipher.final();
      if (last !== undefined) channel.push(last);
      if (rest.length > 0) channel.push(rest);
      channel.end();
    } catch (error) {
      if (!this.#aborted) channel.fail(error as Error);
    }
  }

  #open(): void {
    this.#gate?.resolve();
    this.#gate = undefined;
  }
}
