// Locks between processes: a link to the file that stands for the process. Making one is a single step
// that fails when there is one, and it says from its first moment whose it is. Within a process nearly
// all that is done under a lock is done at once, and needs none.
import { fs } from "../../builtin/fs.ts";
import { StoreFailure } from "../store-errors.ts";
import type { Awaitable } from "../object-storage.ts";
import { errorCode, ifThere } from "./file-place.ts";
import type { OwnFolder } from "./own-folder.ts";
import { isLost } from "./process-owner.ts";

/** Milliseconds to wait for a lock. */
const waitMs = 10_000;
/** Milliseconds between two looks at a lock, at most. */
const pauseMaxMs = 16;
/** A lock on the breaking of a lock may be left behind too, and so on. */
const guardsMax = 3;
/** The file system has no links, or no more of this file. */
const linkless = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK", "EXDEV"]);

/** The locks of a store. */
export class KeyLocks {
  readonly #own: OwnFolder;
  readonly #waitMs: number;
  /** Locks of steps of this process that are not over at once, until they are. */
  readonly #held = new Map<string, Promise<void>>();

  constructor(own: OwnFolder, limitMs: number = waitMs) {
    this.#own = own;
    this.#waitMs = limitMs;
  }

  /**
   * Runs a step while this process has the locks, all or none.
   * @throws StoreFailure when they are not free in time
   */
  hold<T>(names: readonly string[], step: () => Awaitable<T>): Awaitable<T> {
    for (const name of names) {
      const held = this.#held.get(name);
      if (held !== undefined) return held.then(() => this.hold(names, step));
    }
    if (this.#acquireAll(names)) return this.#run(names, step);
    return this.#wait(names).then(() => this.#run(names, step));
  }

  /** Runs a step that is over at once if the lock is free, and else does nothing. */
  holdNow<T>(name: string, step: () => T): T | undefined {
    if (!this.#acquire(name)) return undefined;
    try {
      return step();
    } finally {
      this.#releaseAll([name]);
    }
  }

  #run<T>(names: readonly string[], step: () => Awaitable<T>): Awaitable<T> {
    let result: Awaitable<T>;
    try {
      result = step();
    } catch (error) {
      this.#releaseAll(names);
      throw error;
    }
    if (!(result instanceof Promise)) {
      this.#releaseAll(names);
      return result;
    }
    return this.#finish(names, result);
  }

  async #finish<T>(names: readonly string[], result: Promise<T>): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<void>();
    for (const name of names) this.#held.set(name, promise);
    try {
      return await result;
    } finally {
      for (const name of names) this.#held.delete(name);
      this.#releaseAll(names);
      // Who waits in this process goes on in the order in which it came.
      resolve();
    }
  }

  async #wait(names: readonly string[]): Promise<void> {
    const until = Date.now() + this.#waitMs;
    for (let look = 1; ; look++) {
      await pause(look);
      if (this.#acquireAll(names)) return;
      // To look at the holder costs more than to look for the lock.
      if (look % 8 === 1) for (const name of names) this.#reclaim(name, 0);
      if (Date.now() > until) throw this.#busy(names);
    }
  }

  #acquireAll(names: readonly string[]): boolean {
    for (let i = 0; i < names.length; i++) {
      if (this.#acquire(names[i] as string)) continue;
      this.#releaseAll(names.slice(0, i));
      return false;
    }
    return true;
  }

  #releaseAll(names: readonly string[]): void {
    for (const name of names) ifThere(() => fs.unlinkSync(this.#path(name)));
  }

  #acquire(name: string): boolean {
    this.#own.touch();
    try {
      return this.#link(name);
    } catch (error) {
      if (errorCode(error) !== "ENOENT") throw error;
      // Somebody has removed the store's own folder, or this process's file in it.
      this.#own.remake();
      return this.#link(name);
    }
  }

  #link(name: string): boolean {
    const { owner } = this.#own;
    const path = this.#path(name);
    try {
      fs.linkSync(owner, path);
      return true;
    } catch (error) {
      const code = errorCode(error);
      if (code === "EEXIST") return false;
      if (code === undefined || !linkless.has(code)) throw error;
    }
    try {
      fs.writeFileSync(path, fs.readFileSync(owner), { flag: "wx" });
      return true;
    } catch (error) {
      if (errorCode(error) === "EEXIST") return false;
      throw error;
    }
  }

  /** Takes a lock away whose holder is gone; only who has the lock on that may do it. */
  #reclaim(name: string, depth: number): void {
    if (depth > guardsMax || !this.#isLeft(name)) return;
    const guard = `${name}~`;
    if (!this.#acquire(guard)) {
      this.#reclaim(guard, depth + 1);
      return;
    }
    try {
      if (this.#isLeft(name)) ifThere(() => fs.unlinkSync(this.#path(name)));
    } finally {
      this.#releaseAll([guard]);
    }
  }

  #isLeft(name: string): boolean {
    const path = this.#path(name);
    return (
      ifThere(() => {
        const descriptor = fs.openSync(path, "r");
        try {
          const { mtimeMs } = fs.fstatSync(descriptor);
          return isLost(fs.readFileSync(descriptor, "utf8"), mtimeMs, Date.now());
        } finally {
          fs.closeSync(descriptor);
        }
      }) ?? false
    );
  }

  #path(name: string): string {
    return `${this.#own.place.own}/locks/${name}`;
  }

  #busy(names: readonly string[]): StoreFailure {
    const paths = names.map((name) => this.#path(name)).join('", "');
    return new StoreFailure("InternalError", {
      message: `Cannot write: another process has had the lock "${paths}" for ${this.#waitMs} ms; repeat the call, or remove the lock if no process uses the store`,
    });
  }
}

function pause(look: number): Promise<void> {
  return new Promise((resolve) => {
    if (look <= 3) setImmediate(resolve);
    else setTimeout(resolve, 1 + Math.random() * Math.min(2 ** (look - 3), pauseMaxMs));
  });
}
