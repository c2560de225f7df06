import { fs } from "../../builtin/fs.ts";
import { compareUtf8 } from "../compare-utf8.ts";
import type { Awaitable, StoredBucket } from "../object-storage.ts";
import { StoreFailure } from "../store-errors.ts";
import { hasBucket, type FileParts } from "./file-parts.ts";
import { errorCode, ifThere } from "./file-place.ts";
import { openFolder } from "./open-folder.ts";
import { keyName } from "./sidecar.ts";

/** Folders that are buckets: those that a client can name. The store's own begins with a dot. */
const bucketForm = /^(?!.*\.\.)[A-Za-z0-9_][A-Za-z0-9._-]{0,254}$/;

/** The buckets of a store: folders in its root. */
export class FileBuckets {
  readonly #parts: FileParts;

  constructor(parts: FileParts) {
    this.#parts = parts;
  }

  create(name: string, created: number): Awaitable<"done" | "exists"> {
    const { place, own, locks } = this.#parts;
    const root = place.makeRoot();
    own.make();
    return locks.hold([lockOf(name)], () => {
      const path = `${root}/${name}`;
      try {
        fs.mkdirSync(path);
      } catch (error) {
        if (errorCode(error) !== "EEXIST") throw error;
        if (hasBucket(root, name)) return "exists";
        throw new StoreFailure("InternalError", {
          message: `Cannot create the bucket "${name}": "${path}" is there and is not a folder`,
        });
      }
      fs.writeFileSync(this.#recordPath(name), JSON.stringify({ created }));
      if (place.fsync) syncFolder(root);
      return "done";
    });
  }

  delete(name: string): Awaitable<"done" | "no-bucket" | "not-empty"> {
    const { place, own, locks, sidecars } = this.#parts;
    const { root } = place;
    if (root === undefined || !hasBucket(root, name)) return "no-bucket";
    return locks.hold([lockOf(name)], () => {
      if (!hasBucket(root, name)) return "no-bucket";
      if (!removeFolders(root, name)) return "not-empty";
      try {
        fs.rmdirSync(`${root}/${name}`);
      } catch (error) {
        if (isNotEmpty(error)) return "not-empty";
        throw error;
      }
      // From here on no write can reach it; a bucket of this name is made under the same lock.
      sidecars.removeAll(name);
      own.remove(`uploads/${name}`);
      fs.rmSync(this.#recordPath(name), { force: true });
      if (place.fsync) syncFolder(root);
      return "done";
    });
  }

  get(name: string): StoredBucket | undefined {
    const { root } = this.#parts.place;
    if (root === undefined || !bucketForm.test(name)) return undefined;
    const status = ifThere(() => fs.lstatSync(`${root}/${name}`));
    if (status?.isDirectory() !== true) return undefined;
    return { name, created: this.#created(name) ?? birthOf(status.birthtimeMs) };
  }

  list(): readonly StoredBucket[] {
    const { root } = this.#parts.place;
    const names = root === undefined ? [] : (ifThere(() => fs.readdirSync(root)) ?? []);
    const buckets: StoredBucket[] = [];
    for (const name of names.toSorted(compareUtf8)) {
      const bucket = this.get(name);
      if (bucket !== undefined) buckets.push(bucket);
    }
    return buckets;
  }

  #created(name: string): number | undefined {
    if (!this.#parts.own.isThere()) return undefined;
    const text = ifThere(() => fs.readFileSync(this.#recordPath(name), "utf8"));
    try {
      const created = (JSON.parse(text ?? "{}") as { created?: unknown }).created;
      return typeof created === "number" ? created : undefined;
    } catch {
      return undefined;
    }
  }

  #recordPath(name: string): string {
    return `${this.#parts.place.own}/buckets/${name}`;
  }
}

function lockOf(bucket: string): string {
  return `b${keyName(bucket, "")}`;
}

function birthOf(ms: number): number | undefined {
  return ms > 0 ? Math.floor(ms) : undefined;
}

/** Removes the empty folders in a folder. A write that has made one makes it again. */
function removeFolders(root: string, relative: string): boolean {
  const folder = openFolder(root, relative);
  if (folder === undefined) return true;
  try {
    for (const entry of fs.readdirSync(folder.base, { withFileTypes: true })) {
      if (!entry.isDirectory()) return false;
      if (!removeFolders(root, `${relative}/${entry.name}`)) return false;
      try {
        ifThere(() => fs.rmdirSync(`${folder.base}/${entry.name}`));
      } catch (error) {
        if (isNotEmpty(error)) return false;
        throw error;
      }
    }
    return true;
  } finally {
    folder.close();
  }
}

function isNotEmpty(error: unknown): boolean {
  const code = errorCode(error);
  return code === "ENOTEMPTY" || code === "EEXIST";
}

function syncFolder(path: string): void {
  const descriptor = fs.openSync(path, "r");
  try {
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}
