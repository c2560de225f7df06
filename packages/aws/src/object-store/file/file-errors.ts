import { StoreFailure } from "../store-errors.ts";

/** What to do about an error of the file system. */
const remedies: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full; free some space",
  EDQUOT: "the disk quota is used up",
  EROFS: "the file system is mounted read-only",
  EMFILE:
    "this process has too many open files; raise the limit (ulimit -n), or read bodies to their end",
  ENFILE: "the machine has too many open files",
  ENAMETOOLONG: "the path is too long for the file system; use a folder with a shorter path",
  EIO: "the disk has failed to read or write",
  EACCES: "the process may not do that; look at the owner and the mode of the path",
  EPERM: "the process may not do that; look at the owner and the mode of the path",
};

/** Characters of a path that are shown; some are thousands long. */
const shownMax = 500;

/** An error as the store's: those of the file system say what was to be done, where, and what helps. */
export function fileFailure(error: unknown, doing: string, folder: string): unknown {
  if (!(error instanceof Error) || error instanceof StoreFailure) return error;
  const { code, syscall, path } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) return error;
  const isDenied = code === "EACCES" || code === "EPERM";
  const reason = path === undefined && isDenied ? error.message : (remedies[code] ?? error.message);
  const where = path === undefined || path.startsWith("/proc/self/fd/") ? folder : path;
  return new StoreFailure(isDenied ? "AccessDenied" : "InternalError", {
    message: `Cannot ${doing}: ${reason} (${code}, ${syscall} "${shortened(where)}")`,
    cause: error,
  });
}

function shortened(path: string): string {
  return path.length <= shownMax ? path : `${path.slice(0, shownMax)}…`;
}
