// Who holds a lock, and whether that process is still there.
import { fs } from "../../builtin/fs.ts";
import { ifThere } from "./file-place.ts";

/** A process, so that it can be told from all others that had or will have its number. */
export interface ProcessOwner {
  readonly id: string;
  /** Start of the machine's system, and the space of process numbers: a container has its own. */
  readonly space: string | undefined;
  readonly pid: number;
  /** In the system's clock ticks. */
  readonly started: string | undefined;
}

/**
 * Milliseconds after which a holder is taken for lost that cannot be looked at (another machine, another
 * container). Holders say at each lock that they are there, and hold one for milliseconds.
 */
const ownerLostMs = 60_000;

/** This process. */
export function ownProcess(id: string): ProcessOwner {
  return { id, space: processSpace(), pid: process.pid, started: startOf(process.pid)?.started };
}

/** Whether a holder is surely gone. @param seenMs when it last said that it is there, epoch */
export function isLost(text: string, seenMs: number, nowMs: number): boolean {
  const owner = parseOwner(text);
  const hasPassed = nowMs - seenMs > ownerLostMs;
  if (owner?.space === undefined || owner.space !== processSpace()) return hasPassed;
  const found = startOf(owner.pid);
  if (found === undefined || found.started !== owner.started || found.hasEnded) return true;
  // One of our own threads may have been ended with a lock in its hands.
  return owner.pid === process.pid && hasPassed;
}

function parseOwner(text: string): ProcessOwner | undefined {
  try {
    return JSON.parse(text) as ProcessOwner;
  } catch {
    return undefined;
  }
}

let space: { readonly name: string | undefined } | undefined;

function processSpace(): string | undefined {
  if (space !== undefined) return space.name;
  const boot = ifThere(() => fs.readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
  const numbers = ifThere(() => fs.readlinkSync("/proc/self/ns/pid"));
  const name = boot === undefined || numbers === undefined ? undefined : `${boot} ${numbers}`;
  space = { name };
  return name;
}

/** Source: proc_pid_stat(5); the second field, the name, may hold anything. */
function startOf(
  pid: number,
): { readonly started: string; readonly hasEnded: boolean } | undefined {
  const text = processStatus(pid);
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ");
  const state = fields?.[0];
  const started = fields?.[19];
  if (state === undefined || started === undefined) return undefined;
  return { started, hasEnded: state === "Z" || state === "X" };
}

function processStatus(pid: number): string | undefined {
  try {
    return fs.readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    // ESRCH when it ends as we read.
    return undefined;
  }
}
