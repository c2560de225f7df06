import { crypto } from "../builtin/crypto.ts";
import type { EventHeader } from "../protocol/protocol.ts";
import { signText, type SigningKey } from "../sigv4/signing-key.ts";
import { signingTime } from "../sigv4/signing-time.ts";
import { encodeFrame } from "./event-frame.ts";
import { encodeHeaders } from "./event-header.ts";

const { hash } = crypto;

/** What the signatures of a stream's events are made with. */
export interface EventSignerOptions {
  /** Signature of the request, with which the chain begins. */
  readonly seedSignature: string;
  /** The key for a time (`signingTime`): a stream may go on over midnight. */
  readonly keyAt: (time: string) => SigningKey;
  /** Milliseconds since the epoch, the clock's offset included. */
  readonly now: () => number;
}

/** Signs the events of one stream; each signature covers the one before. */
export class EventSigner {
  readonly #keyAt: (time: string) => SigningKey;
  readonly #now: () => number;
  #previous: string;

  constructor({ seedSignature, keyAt, now }: EventSignerOptions) {
    this.#previous = seedSignature;
    this.#keyAt = keyAt;
    this.#now = now;
  }

  /** The frame around an event's frame; of nothing, the end of the stream. */
  wrap(event: Uint8Array): Buffer {
    const nowMs = this.#now();
    const date: EventHeader = { name: ":date", type: "timestamp", value: new Date(nowMs) };
    const time = signingTime(nowMs);
    const { key, scope } = this.#keyAt(time);
    this.#previous = signText(
      key,
      `AWS4-HMAC-SHA256-PAYLOAD\n${time}\n${scope}\n${this.#previous}\n${hash("sha256", encodeHeaders([date]))}\n${hash("sha256", event)}`,
    );
    const signature = Buffer.from(this.#previous, "hex");
    return encodeFrame([date, { name: ":chunk-signature", type: "blob", value: signature }], event);
  }
}
