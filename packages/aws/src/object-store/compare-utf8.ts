const surrogateMin = 0xd800;
const surrogateMax = 0xdfff;

/**
 * Compares texts by their UTF-8 bytes. JavaScript compares UTF-16, where the surrogates of characters
 * beyond U+FFFF come before U+E000.
 */
export function compareUtf8(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** A UTF-16 unit's place in the order of UTF-8. */
function rank(unit: number): number {
  if (unit < surrogateMin) return unit;
  return unit <= surrogateMax ? unit + 0x10000 : unit;
}
