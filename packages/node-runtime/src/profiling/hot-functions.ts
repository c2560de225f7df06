import type { Profiler } from "node:inspector";

/** What one function took in one or more profiles. Times in microseconds. */
export interface HotFunction {
  /** As V8 names it; `(anonymous)` when it has no name, `(garbage collector)` and the like as they are. */
  readonly name: string;
  /** URL or name of the script, empty for V8's own entries. */
  readonly url: string;
  /** From 1; 0 for V8's own entries. */
  readonly line: number;
  /** In the function itself. */
  readonly selfUs: number;
  /** In it and all that it called; once where it calls itself. */
  readonly totalUs: number;
}

/** Where the time of some profiles went. */
export interface HotFunctions {
  /** The largest self time first. Without `(root)` and `(idle)`. */
  readonly functions: readonly HotFunction[];
  /** All that was sampled, of all profiles together. */
  readonly sampledUs: number;
  /** What of it was not `(idle)`. */
  readonly busyUs: number;
}

interface Tally {
  readonly frame: Profiler.ProfileNode["callFrame"];
  selfUs: number;
  totalUs: number;
  /** How often it is on the stack that is looked at. */
  depth: number;
}

/** Adds up the samples of V8's profiles by function. */
export function hotFunctionsOf(profiles: readonly Profiler.Profile[]): HotFunctions {
  const tallies = new Map<string, Tally>();
  let sampledUs = 0;
  let idleUs = 0;
  for (const profile of profiles) {
    const selfUs = selfTimesOf(profile);
    const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
    for (const us of selfUs.values()) sampledUs += us;
    const root = profile.nodes[0];
    if (root !== undefined) addSubtree(root, nodes, selfUs, tallies);
  }
  const functions: HotFunction[] = [];
  for (const { frame, selfUs, totalUs } of tallies.values()) {
    if (frame.functionName === "(idle)") idleUs += selfUs;
    else if (frame.functionName !== "(root)" && totalUs > 0) {
      const name = frame.functionName === "" ? "(anonymous)" : frame.functionName;
      functions.push({ name, url: frame.url, line: frame.lineNumber + 1, selfUs, totalUs });
    }
  }
  functions.sort((a, b) => b.selfUs - a.selfUs || b.totalUs - a.totalUs);
  return { functions, sampledUs, busyUs: sampledUs - idleUs };
}

/** A sample stands for the time until the next one. */
function selfTimesOf({
  samples = [],
  timeDeltas = [],
  startTime,
  endTime,
}: Profiler.Profile): ReadonlyMap<number, number> {
  const times = new Map<number, number>();
  let nowUs = startTime;
  for (const [index, node] of samples.entries()) {
    nowUs += timeDeltas[index] ?? 0;
    const us = timeDeltas[index + 1] ?? endTime - nowUs;
    // Samples of one moment may be out of order.
    times.set(node, (times.get(node) ?? 0) + Math.max(0, us));
  }
  return times;
}

/**
 * Walks the call tree, by an own stack: recursion of the profiled code is as deep as the tree.
 */
function addSubtree(
  root: Profiler.ProfileNode,
  nodes: ReadonlyMap<number, Profiler.ProfileNode>,
  selfUs: ReadonlyMap<number, number>,
  tallies: Map<string, Tally>,
): void {
  const stack = [{ node: root, tally: tallyOf(root, tallies), next: 0, subtreeUs: 0 }];
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const { node, tally } = top;
    if (top.next === 0) {
      const us = selfUs.get(node.id) ?? 0;
      tally.selfUs += us;
      tally.depth += 1;
      top.subtreeUs += us;
    }
    const child = nodes.get(node.children?.[top.next] ?? -1);
    top.next += 1;
    if (child !== undefined) {
      stack.push({ node: child, tally: tallyOf(child, tallies), next: 0, subtreeUs: 0 });
      continue;
    }
    stack.pop();
    tally.depth -= 1;
    if (tally.depth === 0) tally.totalUs += top.subtreeUs;
    const parent = stack.at(-1);
    if (parent !== undefined) parent.subtreeUs += top.subtreeUs;
  }
}

function tallyOf({ callFrame }: Profiler.ProfileNode, tallies: Map<string, Tally>): Tally {
  const { functionName, url, lineNumber, columnNumber } = callFrame;
  const key = `${functionName}\n${url}\n${lineNumber}:${columnNumber}`;
  let tally = tallies.get(key);
  if (tally === undefined) {
    tally = { frame: callFrame, selfUs: 0, totalUs: 0, depth: 0 };
    tallies.set(key, tally);
  }
  return tally;
}
