/**
 * The query in the canonical request: pairs sorted by encoded name, then by encoded value; a name
 * without value gets its `=`.
 *
 * @param query - encoded pairs; not changed
 */
export function canonicalQuery(query: readonly string[]): string {
  if (query.length === 0) return "";
  const [first] = query;
  if (query.length === 1 && first !== undefined) return withEquals(first);
  const sorted: string[] = [];
  for (const pair of query) {
    const text = withEquals(pair);
    let at = sorted.length;
    // Nearly sorted in most operations, so insertion beats a general sort.
    for (; at > 0; at--) {
      const before = sorted[at - 1] as string;
      if (comparePairs(before, text) <= 0) break;
      sorted[at] = before;
    }
    sorted[at] = text;
  }
  return sorted.join("&");
}

function withEquals(pair: string): string {
  return pair.includes("=") ? pair : `${pair}=`;
}

/** The names decide first: `a=…` is before `a-b=…`, although `-` is before `=`. */
function comparePairs(left: string, right: string): number {
  const leftEnd = left.indexOf("=");
  const rightEnd = right.indexOf("=");
  if (leftEnd !== rightEnd) {
    const leftName = left.slice(0, leftEnd);
    const rightName = right.slice(0, rightEnd);
    return leftName < rightName ? -1 : 1;
  }
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
