// Folders that are reached without following a symbolic link below the root. On Linux an open folder
// stays the one that was looked at, whatever its path becomes: `/proc/self/fd/N/name`.
import { fs } from "../../builtin/fs.ts";
import { errorCode, ifThere } from "./file-place.ts";

// What Windows does not have is undefined, which counts as nothing in flags.
const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW, O_DIRECTORY } = fs.constants;

/** Opens files for reading; neither a symbolic link nor, for ever, a pipe. */
export const readFlags: number = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;
const folderFlags = O_RDONLY | O_NOFOLLOW | O_DIRECTORY;

const descriptors = "/proc/self/fd/";
const hasDescriptors = process.platform === "linux" && fs.existsSync(descriptors);

/** A folder that is held. */
export class OpenFolder {
  /** Names go behind it and a slash. */
  readonly base: string;
  #descriptor: number | undefined;

  constructor(base: string, descriptor: number | undefined) {
    this.base = base;
    this.#descriptor = descriptor;
  }

  close(): void {
    const descriptor = this.#descriptor;
    if (descriptor === undefined) return;
    this.#descriptor = undefined;
    fs.closeSync(descriptor);
  }

  /** Brings the names in it to the disk. */
  sync(): void {
    if (this.#descriptor !== undefined) fs.fsyncSync(this.#descriptor);
  }
}

/** Opens a folder below the root; `undefined`: it is not there, or a symbolic link leads to it. */
export function openFolder(root: string, relative: string): OpenFolder | undefined {
  const path = `${root}/${relative}`;
  if (!hasDescriptors) {
    return hasRealFolders(root, relative) ? new OpenFolder(path, undefined) : undefined;
  }
  const descriptor = ifThere(() => fs.openSync(path, folderFlags));
  if (descriptor === undefined) return undefined;
  let isOpen = false;
  try {
    isOpen = fs.readlinkSync(descriptors + descriptor) === path || hasRealFolders(root, relative);
  } finally {
    if (!isOpen) fs.closeSync(descriptor);
  }
  return isOpen ? new OpenFolder(descriptors + descriptor, descriptor) : undefined;
}

/** Opens a folder in an open one. */
function openChild(folder: OpenFolder, name: string): OpenFolder | undefined {
  const path = `${folder.base}/${name}`;
  if (!hasDescriptors) {
    const isFolder = ifThere(() => fs.lstatSync(path))?.isDirectory() === true;
    return isFolder ? new OpenFolder(path, undefined) : undefined;
  }
  const descriptor = ifThere(() => fs.openSync(path, folderFlags));
  return descriptor === undefined
    ? undefined
    : new OpenFolder(descriptors + descriptor, descriptor);
}

/** Whether a file that was opened by its path below the root is there without a symbolic link. */
export function isInPlace(descriptor: number, root: string, relative: string): boolean {
  if (hasDescriptors) {
    const path = `${root}/${relative}`;
    const target = fs.readlinkSync(descriptors + descriptor);
    // It was replaced since it was opened; that it was there is enough.
    if (target === path || target === `${path} (deleted)`) return true;
  }
  const cut = relative.lastIndexOf("/");
  if (!hasRealFolders(root, relative.slice(0, cut))) return false;
  const there = ifThere(() => fs.lstatSync(`${root}/${relative}`));
  const opened = fs.fstatSync(descriptor);
  return there !== undefined && there.ino === opened.ino && there.dev === opened.dev;
}

function hasRealFolders(root: string, relative: string): boolean {
  let path = root;
  for (const name of relative.split("/")) {
    path += `/${name}`;
    if (ifThere(() => fs.lstatSync(path))?.isDirectory() !== true) return false;
  }
  return true;
}

/** Why a folder could not be made. */
export interface FileInTheWay {
  /** Path of the file, below the root. */
  readonly inTheWay: string;
}

/**
 * Opens a folder of a bucket, and makes it and those above it up to the bucket's own, which must be there.
 * @throws Error when something that is neither a folder nor a file is in the way
 */
export function makeFolder(
  root: string,
  bucket: string,
  parent: string,
): OpenFolder | FileInTheWay | "no-bucket" | "again" {
  let folder = openFolder(root, bucket);
  if (folder === undefined) return "no-bucket";
  let relative = bucket;
  if (parent === "") return folder;
  for (const name of parent.split("/")) {
    relative += `/${name}`;
    let next = openChild(folder, name);
    if (next === undefined) {
      const outcome = makeOne(folder, name);
      if (outcome === "made") next = openChild(folder, name);
      if (next === undefined) {
        folder.close();
        return outcome === "file" ? { inTheWay: relative } : "again";
      }
    }
    folder.close();
    folder = next;
  }
  return folder;
}

function makeOne(folder: OpenFolder, name: string): "made" | "file" | "gone" {
  const path = `${folder.base}/${name}`;
  try {
    fs.mkdirSync(path);
    return "made";
  } catch (error) {
    if (errorCode(error) === "ENOENT") return "gone";
    if (errorCode(error) !== "EEXIST") {
      folder.close();
      throw error;
    }
  }
  const status = ifThere(() => fs.lstatSync(path));
  if (status?.isFile() === true) return "file";
  if (status === undefined || status.isDirectory()) return "made";
  folder.close();
  const kind = status.isSymbolicLink() ? "a symbolic link, which is not followed" : "not a folder";
  throw Object.assign(new Error(`"${name}" is in the way, ${kind}: remove it`), {
    code: "EACCES",
    syscall: "mkdir",
  });
}

/** Removes a folder and those above it, below the bucket, as long as they are empty. */
export function removeEmptyFolders(root: string, bucket: string, parent: string): void {
  let path = parent;
  while (path !== "") {
    const cut = path.lastIndexOf("/");
    const above = cut === -1 ? bucket : `${bucket}/${path.slice(0, cut)}`;
    const folder = openFolder(root, above);
    if (folder === undefined) return;
    try {
      fs.rmdirSync(`${folder.base}/${path.slice(cut + 1)}`);
    } catch {
      // Not empty, most often; what keeps it for another reason harms nobody.
      return;
    } finally {
      folder.close();
    }
    path = cut === -1 ? "" : path.slice(0, cut);
  }
}
