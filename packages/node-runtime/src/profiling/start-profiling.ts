import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ProfiledThreads, type ThreadProfile } from "./profiled-threads.ts";
import { renderProfileTable } from "./profile-table.ts";

/** Options of `startProfiling`. */
export interface ProfilingOptions {
  /** Where the profile is written; made if it is not there. Default: the working directory. */
  readonly folder?: string;
  /** First part of the file's name. Default `lambda-runtime`. */
  readonly name?: string;
  /** After this time the profile is taken, and the rest of the run is not in it. Default 10 minutes. */
  readonly profiledMsMax?: number;
  /** Takes the table: some lines, each with its end. */
  readonly write: (text: string) => void;
}

/** A profile that is being made. */
export interface Profiling {
  /**
   * Ends it, writes `<name>-<pid>-<time>.cpuprofile` (and one with `-worker-<n>` for each worker thread
   * that still runs), and prints the table of the hottest functions of all threads and the paths.
   *
   * @returns the paths. A second call gives the same.
   * @throws {Error} when a file cannot be written.
   */
  finish(): Promise<readonly string[]>;
}

/** V8 keeps a sample per millisecond of each thread: some 40 MB in ten minutes. */
const profiledMsMaxDefault = 600_000;

/**
 * Samples what the CPU does in this process from now on. From the main thread, once at a time.
 *
 * The file is V8's: Chrome's DevTools, VS Code and speedscope open it.
 */
export async function startProfiling(options: ProfilingOptions): Promise<Profiling> {
  const { folder = ".", name = "lambda-runtime", write } = options;
  const profiledMsMax = options.profiledMsMax ?? profiledMsMaxDefault;
  const threads = new ProfiledThreads();
  await threads.start();
  const startedAt = new Date();
  let stopping: Promise<readonly ThreadProfile[]> | undefined;
  let finishing: Promise<readonly string[]> | undefined;
  let isWhole = true;

  const timer = setTimeout(() => {
    isWhole = false;
    stopping = threads.stop();
    // Told where it is waited for.
    stopping.catch(() => {});
  }, profiledMsMax);
  timer.unref();

  async function finish(): Promise<readonly string[]> {
    clearTimeout(timer);
    stopping ??= threads.stop();
    const profiles = await stopping;
    const base = `${fileNameOf(name)}-${process.pid}-${fileTimeOf(startedAt)}`;
    if (!isWhole) write(`Profiled were the first ${Math.round(profiledMsMax / 1000)} s\n`);
    // Before the files: where nothing can be written there is the table at least.
    write(renderProfileTable(profiles.map(({ profile }) => profile)));
    const paths = await writeProfiles(join(folder, base), folder, profiles);
    for (const path of paths) write(`Written to ${path}\n`);
    return paths;
  }

  return {
    finish() {
      finishing ??= finish();
      return finishing;
    },
  };
}

async function writeProfiles(
  base: string,
  folder: string,
  profiles: readonly ThreadProfile[],
): Promise<readonly string[]> {
  try {
    await mkdir(folder, { recursive: true });
    return await Promise.all(
      profiles.map(async ({ threadId, profile }) => {
        const path = `${base}${threadId === 0 ? "" : `-worker-${threadId}`}.cpuprofile`;
        await writeFile(path, JSON.stringify(profile));
        return path;
      }),
    );
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot write the CPU profile: ${reason}`, { cause: error });
  }
}

/** A queue's name may have any character. */
function fileNameOf(name: string): string {
  return name.replaceAll(/[^\w.-]/g, "_");
}

/** `20261121T180203123Z`. */
function fileTimeOf(time: Date): string {
  return time.toISOString().replaceAll(/[-:.]/g, "");
}
