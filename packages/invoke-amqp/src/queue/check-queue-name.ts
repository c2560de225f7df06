import { AddressError } from "./address-error.ts";

/** Bytes of a short string of the protocol: names and keys. */
const shortStringBytesMax = 255;

/** Of names that are the broker's own. */
const reservedPrefix = "amq.";

/**
 * Refuses names that the broker would refuse by closing the channel: longer than 255 bytes, or beginning
 * with `amq.`, which the broker keeps for itself.
 *
 * @throws {AddressError}
 */
export function checkQueueName(name: string): void {
  if (name === "") throw new AddressError("Cannot use '' as a queue name: it is empty");
  checkShortString("queue name", name);
  if (name.startsWith(reservedPrefix)) {
    throw new AddressError(
      `Cannot use '${name}' as a queue name: names that begin with 'amq.' are the broker's own`,
    );
  }
}

/**
 * Whether a request may be sent to a queue of this name: some names are not possible, and behind those that
 * the broker has made wait the replies of other callers.
 */
export function isFunctionQueue(name: string): boolean {
  // A character has three bytes at most, or four and is two long.
  if (name.length * 3 > shortStringBytesMax && Buffer.byteLength(name) > shortStringBytesMax) {
    return false;
  }
  return !name.startsWith(reservedPrefix);
}

/**
 * Refuses text that does not fit where the protocol has a short string, or is no text at all.
 *
 * @throws {AddressError}
 */
export function checkShortString(kind: string, text: string): void {
  const bytes = Buffer.byteLength(text);
  if (bytes > shortStringBytesMax) {
    const shown = `${text.slice(0, 40)}…`;
    throw new AddressError(
      `Cannot use '${shown}' as a ${kind}: it has ${bytes} bytes, the limit is ${shortStringBytesMax}`,
    );
  }
  if (!text.isWellFormed()) {
    throw new AddressError(
      `Cannot use '${text.toWellFormed()}' as a ${kind}: it is not valid Unicode`,
    );
  }
}
