import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

/** A real pipe, with a writing end that blocks, as a shell gives it to a program. */
export interface NamedPipe {
  readonly writeDescriptor: number;
  /** All that is in the pipe now. */
  readonly read: () => string;
  /** Nobody reads any more. */
  readonly closeReader: () => void;
}

/** Makes a pipe that ends with the test. */
export function namedPipe(t: TestContext): NamedPipe {
  const folder = temporaryFolder(t);
  const path = join(folder, "pipe");
  execFileSync("mkfifo", [path]);
  // A reader must be there before a writer can open it without waiting.
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writeDescriptor = openSync(path, constants.O_WRONLY);
  let open = true;
  const closeReader = (): void => {
    if (open) closeSync(reader);
    open = false;
  };
  t.after(() => {
    closeReader();
    closeSync(writeDescriptor);
  });
  return { writeDescriptor, read: () => readAll(reader), closeReader };
}

function readAll(descriptor: number): string {
  const buffer = Buffer.alloc(65_536);
  let text = "";
  for (;;) {
    try {
      const length = readSync(descriptor, buffer);
      if (length === 0) return text;
      text += buffer.toString("latin1", 0, length);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EAGAIN") return text;
      throw error;
    }
  }
}

/** An empty folder that goes with the test. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "lambdad-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
