// `<root>/.lambdad`: what the store has beside the objects. Listings never show it.
import { crypto } from "../../builtin/crypto.ts";
import { fs } from "../../builtin/fs.ts";
import { StoreFailure } from "../store-errors.ts";
import { errorCode, ifThere, type FilePlace } from "./file-place.ts";
import { isLost, ownProcess } from "./process-owner.ts";

/** Folders in it. */
const ownFolders = ["tmp", "locks", "owners", "meta", "buckets", "uploads"] as const;

/** Milliseconds after which a temporary file goes whose writer cannot be asked. */
const leftoverMs = 24 * 3600 * 1000;
/** Leftovers that one process removes, so that its first write is not held up for long. */
const leftoversMax = 1000;
/** Milliseconds after which this process says again that it is there. */
const seenEveryMs = 1000;

/** This process's place in the store's own folder. */
export class OwnFolder {
  readonly place: FilePlace;
  readonly #id: string = crypto.randomBytes(6).toString("hex");
  #isMade = false;
  #isChecked = false;
  #temporaries = 0;
  #seenMs = 0;

  constructor(place: FilePlace) {
    this.place = place;
  }

  /** Path of the file that stands for this process; locks are links to it. */
  get owner(): string {
    return `${this.place.own}/owners/${this.#id}`;
  }

  /** Makes the folder and this process's file in it. */
  make(): void {
    if (this.#isMade) return;
    const { root } = this.place;
    if (root === undefined || !fs.existsSync(root)) throw noFolder(this.place.folder);
    for (const name of ["", ...ownFolders]) this.#makeFolder(name);
    const owner = JSON.stringify(ownProcess(this.#id));
    fs.writeFileSync(this.owner, owner, { flag: "wx", mode: 0o644 });
    this.#isMade = true;
    this.#seenMs = Date.now();
    this.#removeLeftovers();
  }

  /** Something of it has vanished: makes it again. */
  remake(): void {
    this.close();
    this.make();
  }

  /** Says that this process is there. */
  touch(): void {
    this.make();
    const now = Date.now();
    if (now - this.#seenMs < seenEveryMs && now >= this.#seenMs) return;
    this.#seenMs = now;
    if (ifThere(() => fs.utimesSync(this.owner, now / 1000, now / 1000) ?? true) === undefined) {
      this.remake();
    }
  }

  /** Whether the folder is there and is what it should be. @throws Error for a symbolic link */
  isThere(): boolean {
    if (this.#isChecked) return true;
    for (const name of ["", "meta"]) {
      const path = `${this.place.own}/${name}`.replace(/\/$/, "");
      const status = ifThere(() => fs.lstatSync(path));
      if (status === undefined) return false;
      if (!status.isDirectory()) throw notOurs(path);
    }
    this.#isChecked = true;
    return true;
  }

  /** Path of a temporary file that nobody else has. */
  temporary(): string {
    this.make();
    this.#temporaries++;
    return `${this.place.own}/tmp/${this.#id}-${this.#temporaries.toString(36)}`;
  }

  /** Removes something of the folder; its name is free at once, and for others to use. */
  remove(name: string): void {
    const removed = this.temporary();
    if (ifThere(() => fs.renameSync(`${this.place.own}/${name}`, removed) ?? true) === true) {
      fs.rmSync(removed, { recursive: true, force: true });
    }
  }

  /** Takes this process's file away. */
  close(): void {
    if (!this.#isMade) return;
    this.#isMade = false;
    this.#isChecked = false;
    ifThere(() => fs.unlinkSync(this.owner));
  }

  #makeFolder(name: string): void {
    const path = name === "" ? this.place.own : `${this.place.own}/${name}`;
    try {
      fs.mkdirSync(path);
    } catch (error) {
      if (errorCode(error) !== "EEXIST") throw error;
      if (!fs.lstatSync(path).isDirectory()) throw notOurs(path);
    }
  }

  /** Removes what processes left behind that are gone. */
  #removeLeftovers(): void {
    const { own } = this.place;
    const now = Date.now();
    const owners = new Map<string, boolean>();
    for (const id of fs.readdirSync(`${own}/owners`).slice(0, leftoversMax)) {
      const path = `${own}/owners/${id}`;
      const isGone = ifThere(() =>
        isLost(fs.readFileSync(path, "utf8"), fs.statSync(path).mtimeMs, now),
      );
      owners.set(id, isGone ?? true);
    }
    for (const name of fs.readdirSync(`${own}/tmp`).slice(0, leftoversMax)) {
      const path = `${own}/tmp/${name}`;
      const id = name.slice(0, name.indexOf("-"));
      const status = ifThere(() => fs.lstatSync(path));
      if (id === this.#id || owners.get(id) === false || status === undefined) continue;
      // A writer of whom nothing is known may be at work still.
      const isKnown = owners.get(id) === true;
      if (isKnown || now - status.mtimeMs > leftoverMs) {
        fs.rmSync(path, { recursive: true, force: true });
      }
    }
    for (const [id, isGone] of owners) {
      if (isGone && id !== this.#id) ifThere(() => fs.unlinkSync(`${own}/owners/${id}`));
    }
  }
}

function noFolder(folder: string): StoreFailure {
  return new StoreFailure("NoSuchBucket", {
    message: `The folder "${folder}" does not exist, and so no bucket in it: create a bucket first`,
  });
}

function notOurs(path: string): Error {
  const message = `"${path}" is not a folder of the store's own: remove it`;
  return Object.assign(new Error(message), { code: "EACCES", syscall: "lstat" });
}
