import { type ChildProcess, spawn } from "node:child_process";

/** What a floor is told: the same variables and arguments as lambdad and the peers. */
export interface FloorSettings {
  readonly port: number;
  readonly runtimePort: number;
  readonly concurrency: number;
  /** Command of the runtime processes. */
  readonly command: readonly string[];
}

/** Reads what `subject.ts` gives to every subject. For the executables. */
export function floorSettings(
  env: Readonly<Record<string, string | undefined>>,
  args: readonly string[],
): FloorSettings {
  return {
    port: Number(env["PORT"]),
    runtimePort: Number(env["RUNTIME_API_PORT"]),
    concurrency: Number(env["MAX_CONCURRENCY"]),
    command: args,
  };
}

/** Starts the runtime processes, and ends them with this process. */
export function startRuntimes({ runtimePort, concurrency, command }: FloorSettings): void {
  const [file = "", ...args] = command;
  const children: ChildProcess[] = [];
  for (let index = 0; index < concurrency; index += 1) {
    const env = { ...process.env, AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${runtimePort}` };
    const child = spawn(file, args, { env, stdio: "inherit" });
    child.on("error", (error) => {
      throw error;
    });
    children.push(child);
  }
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      for (const child of children) child.kill("SIGKILL");
      process.exit(0);
    });
  }
}
