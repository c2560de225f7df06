import { fs } from "../../builtin/fs.ts";
import type { Awaitable, WriteCondition, WriteOutcome } from "../object-storage.ts";
import { StoreFailure } from "../store-errors.ts";
import { folderOf, hasBucket, locate, type FileParts } from "./file-parts.ts";
import { ifThere } from "./file-place.ts";
import type { FileReader } from "./file-reader.ts";
import { besideFolder } from "./key-path.ts";
import { openFolder, removeEmptyFolders } from "./open-folder.ts";
import {
  attemptsMax,
  knownEntry,
  refusalOf,
  writeTarget,
  type WriteTarget,
} from "./write-target.ts";

type DeleteCondition = Pick<WriteCondition, "ifMatch">;

/** Deletes objects. */
export class FileDeleter {
  readonly #parts: FileParts;
  readonly #reader: FileReader;

  constructor(parts: FileParts, reader: FileReader) {
    this.#parts = parts;
    this.#reader = reader;
  }

  delete(bucket: string, key: string, condition: DeleteCondition): Awaitable<WriteOutcome> {
    if (!hasBucket(this.#parts.place.root, bucket)) return "no-bucket";
    const target = writeTarget(bucket, key);
    const outcome = this.#attempt(target, condition);
    return outcome instanceof Promise || outcome === "unknown"
      ? this.#finish(target, condition, outcome)
      : this.#ended(target, outcome);
  }

  async #finish(
    target: WriteTarget,
    condition: DeleteCondition,
    first: Awaitable<WriteOutcome | "unknown">,
  ): Promise<WriteOutcome> {
    let outcome = await first;
    for (let attempt = 1; outcome === "unknown"; attempt++) {
      if (attempt === attemptsMax) throw changesTooOften(target.key);
      target.known = await this.#reader.describe(target.bucket, target.key);
      outcome = await this.#attempt(target, condition);
    }
    return this.#ended(target, outcome);
  }

  /** One try, under the lock of the key. */
  #attempt(target: WriteTarget, { ifMatch }: DeleteCondition): Awaitable<WriteOutcome | "unknown"> {
    const { place, locks, sidecars } = this.#parts;
    const { bucket, path, name } = target;
    return locks.hold([name], () => {
      const { root } = place;
      const folder = root === undefined ? undefined : openFolder(root, folderOf(bucket, path));
      if (folder === undefined) {
        if (!hasBucket(root, bucket)) return "no-bucket";
        return ifMatch === undefined ? "done" : "no-key";
      }
      try {
        const present = locate(folder.base, path.name);
        const needsEntry = present !== undefined && ifMatch !== undefined;
        const entry = needsEntry
          ? knownEntry(target, present, sidecars.find(bucket, name, present.status))
          : undefined;
        const refusal = refusalOf({ ifMatch }, present, entry);
        if (refusal !== undefined) return refusal;
        if (present === undefined) return "done";
        // What is beside the folder must not come to light when the other one is gone.
        if (present.name === path.name) {
          ifThere(() => fs.unlinkSync(`${folder.base}/${path.name}${besideFolder}`));
        }
        ifThere(() => fs.unlinkSync(`${folder.base}/${present.name}`));
        sidecars.remove(bucket, name);
        if (place.fsync) folder.sync();
        return "done";
      } finally {
        folder.close();
      }
    });
  }

  #ended({ bucket, path }: WriteTarget, outcome: WriteOutcome): WriteOutcome {
    const { root } = this.#parts.place;
    if (outcome === "done" && root !== undefined) removeEmptyFolders(root, bucket, path.parent);
    return outcome;
  }
}

function changesTooOften(key: string): StoreFailure {
  return new StoreFailure("InternalError", {
    message: `Cannot delete the object "${key}": it changed ${attemptsMax} times while its ETag was looked for; repeat the call`,
  });
}
