import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { conformanceRoot } from "../paths.ts";
import { InstallError, type Part, type Step } from "./install-part.ts";

const minuteMs = 60_000;

/**
 * The published cases in botocore's source distribution, of the release that the models come from:
 * its folder `tests`. Nothing of it is run.
 */
export const botocoreTests: Part = {
  name: "botocore-tests",
  pins: ["pins/botocore-tests"],
  toolchain: { command: "python3", args: ["-m", "pip", "--version"] },
  remedy: "Install Python 3.10 or later with pip (Debian: apt-get install python3-pip)",
  registry: "The package index of Python (PyPI)",
  async install(folder: string, step: Step): Promise<void> {
    const pins = join(conformanceRoot, "pins", "botocore-tests", "requirements.txt");
    const form = ["--no-deps", "--no-binary", "botocore", "--require-hashes", "-q"];
    const download = ["-m", "pip", "download", ...form, "-d", folder, "-r", pins];
    await step("fetching the source", "python3", download, { timeoutMs: 10 * minuteMs });
    const file = (await readdir(folder)).find((name) => name.endsWith(".tar.gz"));
    if (file === undefined) throw new InstallError("Cannot find botocore's source: pip gave none");
    const whole = join(folder, "whole");
    await step("unpacking it", "python3", ["-m", "tarfile", "-e", file, whole], {
      cwd: folder,
      timeoutMs: 5 * minuteMs,
    });
    await rename(join(whole, file.slice(0, -".tar.gz".length), "tests"), join(folder, "tests"));
    await rm(whole, { recursive: true });
    await rm(join(folder, file));
  },
};
