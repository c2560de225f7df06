import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { freePort } from "./free-port.ts";
import { runCommand } from "./run-command.ts";

const startTimeoutMs = 30_000;

/** Runs the commands of packages installed in `folder`: help, then one function under each name. */
export async function tryInstalledDaemon(folder: string): Promise<string[]> {
  const bin = join(folder, "node_modules", ".bin");
  const help = await runCommand([join(bin, "lambdad"), "--help"], { cwd: folder, capture: true });
  if (help.status !== 0 || !help.output.includes("lambdad run")) {
    return [`lambdad --help ended with ${help.status}:\n${help.output}`];
  }
  writeFileSync(
    join(folder, "double.mjs"),
    "export const handler = async ({ value }) => ({ value: 2 * value });\n",
  );
  return await invokeOnce(join(bin, "lambdad"), folder, process.env);
}

/**
 * Copies a folder of `assembleFolder` as an init container does, and runs a function with the copy: from
 * another folder, with no variable and an empty PATH.
 */
export async function tryCopiedFolder(folder: string, volume: string): Promise<string[]> {
  mkdirSync(volume);
  const copy = await runCommand(["cp", "-a", folder, `${volume}/`], { capture: true });
  if (copy.status !== 0) return [`cp -a ended with ${copy.status}:\n${copy.output}`];
  writeFileSync(
    join(volume, "double.mjs"),
    "export const handler = async ({ value }) => ({ value: 2 * value });\n",
  );
  return await invokeOnce(join(volume, basename(folder), "lambdad"), volume, { PATH: "" });
}

/** Starts the daemon with the function, invokes it once over HTTP, and stops it. */
async function invokeOnce(
  file: string,
  cwd: string,
  variables: NodeJS.ProcessEnv,
): Promise<string[]> {
  const args = ["run", "double.handler"];
  const port = await freePort();
  const own = { PORT: String(port), RUNTIME_API_PORT: "0", AMQP_URI: undefined };
  const env = { ...variables, ...own };
  const daemon = spawn(file, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(daemon, "exit") as Promise<[number | null, string | null]>;
  let output = "";
  for (const stream of [daemon.stdout, daemon.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  }
  try {
    const answer = await invoke(port, () => daemon.exitCode !== null);
    const problems = answer === '{"value":42}' ? [] : [`the function answered ${answer}`];
    daemon.kill("SIGTERM");
    const [code] = await ended;
    if (code !== 0) problems.push(`after SIGTERM it ended with ${code}`);
    return problems.map((problem) => `${file} ${args.join(" ")}: ${problem}\n${output}`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [`${args.join(" ")}: ${reason}\n${output}`];
  } finally {
    daemon.kill("SIGKILL");
  }
}

async function invoke(port: number, hasEnded: () => boolean): Promise<string> {
  const url = `http://127.0.0.1:${port}/2015-03-31/functions/function/invocations`;
  const deadline = Date.now() + startTimeoutMs;
  for (;;) {
    try {
      const response = await fetch(url, { method: "POST", body: '{"value":21}' });
      return await response.text();
    } catch (error) {
      if (hasEnded()) throw new Error("the daemon ended before it answered", { cause: error });
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
