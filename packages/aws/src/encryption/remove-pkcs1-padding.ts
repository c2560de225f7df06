/** Bytes before the message at least: two marks, eight bytes of padding, and the zero behind them. */
const headMin = 11;

/**
 * Takes the padding of PKCS #1 version 1.5 off a block that RSA has decrypted. `undefined`: the padding is
 * wrong; which part of it is not told (RFC 8017, 7.2.2). All of it is looked at in any case, but nothing in
 * JavaScript promises equal times. Node 22 refuses to do it, Node 24 gives random bytes for a wrong padding.
 */
export function removePkcs1Padding(block: Uint8Array): Buffer | undefined {
  if (block.length < headMin) return undefined;
  let wrong = (block[0] ?? 1) | ((block[1] ?? 0) ^ 2);
  // The message begins behind the first zero.
  let start = 0;
  for (let at = 2; at < block.length; at += 1) {
    const isFirst = start === 0 && block[at] === 0;
    start |= isFirst ? at + 1 : 0;
  }
  wrong |= start < headMin ? 1 : 0;
  return wrong === 0 ? Buffer.from(block.subarray(start)) : undefined;
}
