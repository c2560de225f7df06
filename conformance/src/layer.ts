import { spawnSync } from "node:child_process";

/** A folder of a Lambda layer: `/opt/NAME`. */
export interface Layer {
  readonly name: string;
  readonly folder: string;
}

/**
 * Words before a daemon's command that give it an `/opt` and an `/etc/hosts` of its own: `/opt/NAME` is
 * the folder, as if a layer had brought it, and `sandbox.localdomain` resolves, as on AWS. Everything else
 * of `/opt` stays. The process is replaced: it keeps its id. `scratch` is an empty folder.
 */
export function withLayer(layer: Layer, scratch: string): readonly [string, ...string[]] {
  return ["unshare", ...options, "sh", "-c", script, "layer", scratch, layer.name, layer.folder];
}

/** Why {@link withLayer} cannot be used on this machine; false if it can. */
export function whyNoLayer(): string | false {
  if (process.platform !== "linux") return "needs Linux: agents look for files in /opt";
  const [command, ...args] = [
    ...withLayer({ name: "probe", folder: "/" }, "/mnt"),
    "true",
  ] as const;
  const { status, error, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if (status === 0) return false;
  return `needs a mount namespace: ${(error?.message ?? stderr).trim()}`;
}

const options = ["--mount", ...(process.getuid?.() === 0 ? [] : ["--map-root-user"])];

/** Links to what `/opt` has, and to the layer, on a file system that only this process sees. */
const script = `
set -e
scratch=$1 name=$2 folder=$3; shift 3
mount -t tmpfs none "$scratch"
mkdir "$scratch/was" "$scratch/opt"
mount --rbind /opt "$scratch/was"
for entry in "$scratch"/was/*; do [ ! -e "$entry" ] || ln -s "$entry" "$scratch/opt/"; done
ln -sfn "$folder" "$scratch/opt/$name"
cp /etc/hosts "$scratch/hosts"
echo "127.0.0.1 sandbox sandbox.localdomain" >>"$scratch/hosts"
mount --bind "$scratch/hosts" /etc/hosts
mount --bind "$scratch/opt" /opt
exec "$@"
`;
