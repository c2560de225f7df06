import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

/** Which release of botocore the models come from: `models/botocore.lock.json`. */
export interface BotocoreLock {
  readonly version: string;
  /** Name of the wheel. */
  readonly file: string;
  /** Of the wheel, in hex. */
  readonly sha256: string;
}

/** A release that is unpacked. */
export interface BotocoreRelease {
  readonly lock: BotocoreLock;
  /** Its folder \`botocore/data\`. */
  readonly data: string;
  readonly license: string;
  readonly notice: string;
}

/**
 * Fetches a release with pip, once; later runs find it in the cache. Nothing of it is run.
 *
 * @param cache folder, made when absent.
 * @param sha256 of the wheel, when it is known.
 * @throws Error when pip cannot get it, or when it is not the pinned file.
 */
export function fetchBotocore(cache: string, version: string, sha256?: string): BotocoreRelease {
  const folder = join(cache, `botocore-${version}`);
  if (!existsSync(folder)) download(folder, version);
  const file = readdirSync(folder).find((name) => name.endsWith(".whl"));
  if (file === undefined) throw new Error(`Cannot find the wheel in "${folder}": delete it`);
  const digest = createHash("sha256")
    .update(readFileSync(join(folder, file)))
    .digest("hex");
  if (sha256 !== undefined && sha256 !== digest) {
    throw new Error(`Cannot use "${file}": its sha256 is "${digest}", the lock says "${sha256}"`);
  }
  const info = join(folder, "unpacked", `botocore-${version}.dist-info`);
  return {
    lock: { version, file, sha256: digest },
    data: join(folder, "unpacked", "botocore", "data"),
    license: readFirst(info, ["LICENSE.txt", "licenses/LICENSE.txt"]),
    notice: readFirst(info, ["NOTICE", "licenses/NOTICE"]),
  };
}

function download(folder: string, version: string): void {
  if (!/^\d+(?:\.\d+)+$/.test(version)) {
    throw new TypeError(`Cannot fetch botocore "${version}": a version is like "1.44.5"`);
  }
  const part = `${folder}.part`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true });
  const what = ["--no-deps", "--only-binary", ":all:", "--dest", part, `botocore==${version}`];
  python(["-m", "pip", "download", "--quiet", ...what]);
  const wheel = readdirSync(part).find((name) => name.endsWith(".whl"));
  if (wheel === undefined) throw new Error(`Cannot fetch botocore "${version}": pip gave no wheel`);
  python(["-m", "zipfile", "-e", join(part, wheel), join(part, "unpacked")]);
  renameSync(part, folder);
}

function python(args: readonly string[]): void {
  execFileSync("python3", args, { stdio: ["ignore", "ignore", "inherit"], timeout: 300_000 });
}

function readFirst(folder: string, names: readonly string[]): string {
  const name = names.find((candidate) => existsSync(join(folder, candidate)));
  if (name === undefined) throw new Error(`Cannot find ${names.join(" or ")} in "${folder}"`);
  return readFileSync(join(folder, name), "utf8");
}
