import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { connect, type RpcClient } from "@lambdad/invoke-amqp";
import { brokerUri, type CollectedOutput, collectOutput, waitFor } from "@lambdad/testkit";

const main = fileURLToPath(new URL("../main.ts", import.meta.url));
const ours = fileURLToPath(new URL("../../../../../node_modules/@lambdad", import.meta.url));

export interface HostOptions {
  /** Text of the function's module. */
  readonly source?: string;
  /** Its name. Default `app.mjs`. */
  readonly file?: string;
  /** Run this file itself, which calls `launch`, instead of `lambda-runtime`. */
  readonly isLaunched?: boolean;
  /** After the options of broker and queue. Default: the module. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Default: one of its own. `null`: the function says it. */
  readonly queue?: string | null;
  /** Default: that of the tests. */
  readonly uri?: string;
}

/** A name that no other test uses: the broker is shared. */
export function uniqueQueue(): string {
  return `test.runtime.${randomUUID()}`;
}

/** A process of `lambda-runtime`, or of a module that launches itself. */
export class RuntimeHost {
  readonly queue: string;
  readonly folder: string;
  readonly child: ChildProcess;
  readonly output: CollectedOutput;

  private constructor(child: ChildProcess, folder: string, queue: string) {
    this.child = child;
    this.folder = folder;
    this.queue = queue;
    this.output = collectOutput(child);
  }

  /** Starts it; it ends with the test. */
  static async spawn(t: TestContext, options: HostOptions = {}): Promise<RuntimeHost> {
    const { source, file = "app.mjs", isLaunched = false, uri = await brokerUri() } = options;
    const folder = mkdtempSync(join(tmpdir(), "lambda-runtime-"));
    symlinkNodeModules(folder);
    if (source !== undefined) writeFileSync(join(folder, file), source);
    const queue = options.queue ?? uniqueQueue();
    const script = isLaunched ? file : main;
    const child = spawn(
      process.execPath,
      [
        ...["--conditions=@lambdad/source", script, "-u", uri],
        ...(options.queue === null ? [] : ["-q", queue]),
        ...(options.args ?? []),
        ...(source === undefined || isLaunched ? [] : [file]),
      ],
      {
        cwd: folder,
        stdio: ["ignore", "pipe", "pipe"],
        env: { PATH: process.env["PATH"], ...options.env },
      },
    );
    const host = new RuntimeHost(child, folder, queue);
    t.after(async () => {
      child.kill("SIGKILL");
      await host.output.end;
      rmSync(folder, { recursive: true, force: true });
    });
    return host;
  }

  /** Starts it, and waits until it consumes its queue. */
  static async start(t: TestContext, options: HostOptions = {}): Promise<RuntimeHost> {
    const host = await RuntimeHost.spawn(t, options);
    await waitFor(() => {
      if (host.child.exitCode === null) return host.output.stderr.includes("Consuming queue");
      throw new Error(`Cannot start: ${host.output.stderr}`);
    });
    return host;
  }

  /** Waits for a text in what it has written to standard error or output. */
  async said(text: string): Promise<void> {
    const { output } = this;
    await waitFor(() => `${output.stdout}${output.stderr}`.includes(text), { what: text });
  }
}

/** A caller that ends with the test. */
export async function caller(t: TestContext): Promise<RpcClient> {
  const rpc = await connect(await brokerUri());
  t.after(() => rpc.destroy());
  return rpc;
}

/** Our packages, as a user has them installed. */
function symlinkNodeModules(folder: string): void {
  const target = join(folder, "node_modules");
  symlinkSync(join(ours, ".."), target);
}
