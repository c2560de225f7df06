import type { Stats } from "node:fs";
import { fs } from "../../builtin/fs.ts";
import { FilePlace, ifThere } from "./file-place.ts";
import { besideFolder, type KeyPath } from "./key-path.ts";
import { KeyLocks } from "./key-locks.ts";
import { OwnFolder } from "./own-folder.ts";
import { Sidecars } from "./sidecar.ts";
import { StagedFiles } from "./staged-files.ts";

/** What the operations of a store in files are made of. */
export interface FileParts {
  readonly place: FilePlace;
  readonly own: OwnFolder;
  readonly locks: KeyLocks;
  readonly sidecars: Sidecars;
  readonly staged: StagedFiles;
}

/** The parts of a store. Nothing is read or made. */
export function fileParts(folder: string, fsync: boolean): FileParts {
  const place = new FilePlace(folder, fsync);
  const own = new OwnFolder(place);
  return {
    place,
    own,
    locks: new KeyLocks(own),
    sidecars: new Sidecars(own),
    staged: new StagedFiles(own),
  };
}

/** Path of a key's folder, below the root. */
export function folderOf(bucket: string, { parent }: KeyPath): string {
  return parent === "" ? bucket : `${bucket}/${parent}`;
}

/** An object's file. */
export interface LocatedFile {
  readonly name: string;
  readonly status: Stats;
}

/** The file of an object in its folder: its own name, unless a folder has that. */
export function locate(base: string, name: string): LocatedFile | undefined {
  const status = fs.lstatSync(`${base}/${name}`, { throwIfNoEntry: false });
  if (status?.isFile() === true) return { name, status };
  const beside = name + besideFolder;
  const other = fs.lstatSync(`${base}/${beside}`, { throwIfNoEntry: false });
  return other?.isFile() === true ? { name: beside, status: other } : undefined;
}

/** Whether there is a bucket: a folder in the root, no link to one. */
export function hasBucket(root: string | undefined, bucket: string): boolean {
  if (root === undefined) return false;
  return ifThere(() => fs.lstatSync(`${root}/${bucket}`))?.isDirectory() === true;
}
