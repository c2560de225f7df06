import { fs } from "../../builtin/fs.ts";

/** Brings a file's contents to the disk. */
export async function syncPath(path: string): Promise<void> {
  const descriptor = fs.openSync(path, "r+");
  try {
    await new Promise<void>((resolve, reject) => {
      fs.fsync(descriptor, (error) => {
        if (error === null) resolve();
        else reject(error);
      });
    });
  } finally {
    fs.closeSync(descriptor);
  }
}
