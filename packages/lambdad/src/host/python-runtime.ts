import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { ConfigError } from "../configuration/config-error.ts";

/**
 * The script that starts AWS's runtime interface client with the handler in `_HANDLER`. It is not built:
 * source, build and bundle find it from where they are.
 */
export function pythonBootstrap(): string {
  const [first = "", second] = ["../..", ".."].map((up) =>
    join(import.meta.dirname, up, "src/host/python-bootstrap.py"),
  );
  return second !== undefined && existsSync(second) ? second : first;
}

/** Longest wait for Python to say whether it has the package, in milliseconds. */
const checkMs = 10_000;

/** Ends with this status when the package is missing: Python itself ends with 1 or 2. */
const missingStatus = 86;

const check = `import importlib.util, sys; sys.exit(0 if importlib.util.find_spec("awslambdaric") else ${missingStatus})`;

/**
 * Makes sure that Python is there, and AWS's runtime interface client for it, as seen from a folder: the
 * package may lie beside the function.
 *
 * @throws {ConfigError} with what to type.
 */
export async function requirePythonRuntime(handler: string, folder: string): Promise<void> {
  try {
    await promisify(execFile)("python3", ["-c", check], { cwd: folder, timeout: checkMs });
  } catch (error) {
    throw new ConfigError([`Cannot run '${handler}': ${reasonOf(error)}`]);
  }
}

function reasonOf(error: unknown): string {
  const { code, killed, stderr } = error as {
    code?: string | number;
    killed?: boolean;
    stderr?: string;
  };
  if (code === "ENOENT") return "python3 is not installed";
  if (code === missingStatus) {
    return "Python has no package 'awslambdaric'. Type: python3 -m pip install awslambdaric";
  }
  if (killed === true) return `python3 did not answer within ${checkMs / 1000} s`;
  const lastLine = stderr?.trim().split("\n").at(-1) ?? "";
  return `python3 does not work: ${lastLine === "" ? `it ended with ${code}` : lastLine}`;
}
