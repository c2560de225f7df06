/** How often each of the three counters of a process adds 1. */
export const counterTimes: number = 15;

/** Objects that each process tries to make. */
export const onceCount: number = 60;

/** How often each process takes the lock. */
export const locksEach: number = 15;

/** Keys that all processes overwrite. */
export const contestedKeys: readonly string[] = ["x", "x/", "x/y", "ü .. %2F"];

/** Keys that a process writes until it is killed; odd ones too. */
export const writtenKeys: readonly string[] = ["k", "k/", "k/a", "../k", "\u{1F4A1}\0"];
