import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build as bundle, type BuildOptions, type Metafile, type Plugin } from "esbuild";

/**
 * Keeps what modules share in few files. esbuild makes a file for each set of entries that share
 * something, 20 of them for one call, at a quarter of a millisecond each. Here, everything that is
 * loaded on need also imports what is there by then: so all shared modules have the same importers, and
 * one file. Other entry points import the first one, and so must not share more than that has: what
 * they need of the engine's they load on need.
 *
 * @param options the first entry point is what is loaded before all else.
 * @param engine the module that is loaded on need before all others, from the bundled folder.
 */
export async function fewChunks(options: BuildOptions, engine: string): Promise<Plugin> {
  const folder = options.absWorkingDir ?? "";
  const { metafile } = await bundle({ ...options, write: false, metafile: true });
  const entries = options.entryPoints as string[];
  const loadedBefore = new Map(
    lateEntries(metafile, options).map((entry) => [
      join(folder, entry),
      entry === engine || entries.includes(entry) ? entries[0] : engine,
    ]),
  );
  return {
    name: "few-chunks",
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const before = loadedBefore.get(path);
        if (before === undefined) return undefined;
        // Behind the code, so that positions in it stay what they are.
        const load = `\nimport ${JSON.stringify(join(folder, before))};\n`;
        return { contents: readFileSync(path, "utf8") + load, loader: "ts" };
      });
    },
  };
}

/** The modules that are imported on need, and the entry points but the first. */
function lateEntries({ outputs }: Metafile, options: BuildOptions): string[] {
  const first = (options.entryPoints as string[])[0];
  return Object.values(outputs)
    .map(({ entryPoint }) => entryPoint)
    .filter((entry) => entry !== undefined && entry !== first) as string[];
}
